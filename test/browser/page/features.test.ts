import { describe, expect, it } from 'vitest';
import { shortRunOf } from '../../../src/model/report/matrixChanges';
import type { Panel } from './harness';
import { panels, type PanelOptions } from './panels';
import { doneState, hostsOf, mixedReport, pairOf, pairsOf, reportOf, zonedState } from './samples';

/** What a person does with a finished matrix: arrange, compare, watch, check again. */

const show = panels();

const six = hostsOf(6);
const oneDead = reportOf(
  six,
  pairsOf(six, (_, column) => (column === 2 ? 'dead' : 'reachable')),
);
const rowNames = (panel: Panel) => panel.page.locator('[role=rowheader] .host').allInnerTexts();
const columnNames = (panel: Panel) => panel.page.locator('th.column .host').allInnerTexts();
const button = (panel: Panel, name: string) => panel.page.getByRole('button', { name, exact: true });
const detail = (panel: Panel) => panel.page.getByRole('region', { name: 'Pair' });

describe('hosts in zones', () => {
  it('stand together, and the page says by what', async () => {
    const panel = await show(zonedState(oneDead, ['b', 'a']));
    expect(await rowNames(panel)).toEqual(['node2', 'node4', 'node6', 'node1', 'node3', 'node5']);
    expect(await columnNames(panel)).toEqual(await rowNames(panel));
    expect(await panel.page.locator('tr.group').allInnerTexts()).toEqual(['a', 'b']);
    await panel.page.locator('.facts').getByText('grouped by zone').waitFor();
    const tree = await panel.page.locator('body').ariaSnapshot();
    expect(tree).toContain('rowgroup "a"');
    expect(await panel.page.locator('[data-row="0"][data-column="4"]').getAttribute('aria-label')).toMatch(
      /^node2 to node3: dead/,
    );
  });

  it('are grouped otherwise by keyboard, and so again after a reload', async () => {
    const state = zonedState(oneDead, ['b', 'a']);
    const panel = await show(state);
    await panel.page.getByLabel('Group by').focus();
    await panel.page.getByLabel('Group by').selectOption('Not grouped');
    const plain = ['node1', 'node2', 'node3', 'node4', 'node5', 'node6'];
    await expect.poll(() => rowNames(panel)).toEqual(plain);
    const kept = await panel.kept();
    expect(kept?.view).toEqual({ grouping: 'none' });
    const again = await show(state, kept ? { kept } : {});
    expect(await rowNames(again)).toEqual(plain);
  });

  it('keep focus and pin on their pair when the order changes', async () => {
    const panel = await show(zonedState(oneDead, ['b', 'a']));
    await panel.page.locator('[data-row="0"][data-column="4"]').click();
    expect(await detail(panel).locator('h2').innerText()).toMatch(/^node2\s*→\s*node3/);
    await panel.page.getByLabel('Group by').selectOption('Not grouped');
    await expect
      .poll(() => panel.page.locator('td[tabindex="0"]').getAttribute('aria-label'))
      .toMatch(/^node2 to node3/);
    expect(await panel.page.locator('[aria-selected=true]').getAttribute('aria-label')).toMatch(/^node2 to node3/);
  });
});

describe('only problems', () => {
  it('leaves the rows and columns with a pair that is not reachable', async () => {
    const panel = await show(doneState(oneDead));
    await button(panel, 'Only problems').press('Enter');
    expect(await rowNames(panel)).toEqual(['node1', 'node2', 'node4', 'node5', 'node6']);
    expect(await columnNames(panel)).toEqual(['node3']);
    await panel.page.getByText('5 × 1 of 6 hosts').waitFor();
    await panel.page.locator('td[tabindex="0"]').focus();
    await panel.page.keyboard.press('Control+End');
    const label = () => panel.page.evaluate('document.activeElement?.getAttribute("aria-label")');
    expect(await label()).toMatch(/^node6 to node3: dead/);
    const kept = await panel.kept();
    const again = await show(doneState(oneDead), kept ? { kept } : {});
    expect(await columnNames(again)).toEqual(['node3']);
    await button(again, 'Only problems').click();
    expect(await columnNames(again)).toHaveLength(6);
  });

  it('says that there are none', async () => {
    const panel = await show(doneState(reportOf(six, pairsOf(six))));
    await button(panel, 'Only problems').click();
    await panel.page.getByText('No host has a pair that is not reachable.').waitFor();
    expect(await panel.page.getByRole('grid').count()).toBe(0);
    await button(panel, 'Only problems').click();
    expect(await panel.page.getByRole('grid').count()).toBe(1);
  });

  it('of hundreds of hosts that fit as figures are shown with figures', async () => {
    const many = hostsOf(120);
    const pairs = pairsOf(many, (row, column) => (row === 7 && column < 9 ? 'lossy' : 'reachable'));
    const panel = await show(doneState(reportOf(many, pairs)));
    expect(await panel.page.locator('canvas').count()).toBe(1);
    await button(panel, 'Only problems').click();
    expect(await rowNames(panel)).toEqual(['node8']);
    expect(await panel.page.locator('canvas').count()).toBe(0);
  });
});

describe('finding hosts', () => {
  it('lets them stand out, and Enter goes from one to the next', async () => {
    const many = hostsOf(30, (index) => `${index % 10 === 3 ? 'edge' : 'core'}-${index}`);
    const panel = await show(doneState(reportOf(many, pairsOf(many))));
    const box = panel.page.getByLabel('Find hosts');
    await box.fill('EDGE');
    expect(await panel.page.locator('td.lit').count()).toBe(2 * 3 * 30 - 9);
    await panel.page.locator('.found').getByText('3').waitFor();
    const activeLabel = () => panel.page.locator('td[tabindex="0"]').getAttribute('aria-label');
    await box.press('Enter');
    expect(await activeLabel()).toMatch(/^edge-3 /);
    await box.press('Enter');
    expect(await activeLabel()).toMatch(/^edge-13 /);
    await box.press('Shift+Enter');
    await box.press('Shift+Enter');
    expect(await activeLabel()).toMatch(/^edge-23 /);
    const isInView = `(() => {
      const view = document.querySelector('.scroller').getBoundingClientRect();
      const { top, bottom } = document.querySelector('td[tabindex="0"]').getBoundingClientRect();
      return top >= view.top && bottom <= view.bottom + 1;
    })()`;
    expect(await panel.page.evaluate(isInView)).toBe(true);
    await box.press('Escape');
    expect(await panel.page.locator('td.lit').count()).toBe(0);
  });

  it('works on the canvas too', async () => {
    const many = hostsOf(80);
    const panel = await show(doneState(reportOf(many, pairsOf(many))));
    const box = panel.page.getByLabel('Find hosts');
    await box.fill('node77');
    await box.press('Enter');
    expect(await panel.page.getByRole('gridcell').getAttribute('aria-label')).toMatch(/^node77 to node/);
  });
});

describe('comparing two runs', () => {
  const previous = reportOf(
    six,
    pairsOf(six, (row) => (row === 5 ? 'dead' : 'reachable')),
  );
  const extras = { runs: 2, previousAt: Date.parse(previous.startedAt) };

  async function compared(options?: PanelOptions) {
    const panel = await show({ ...doneState(oneDead), extras }, options);
    return panel;
  }

  it('marks the cells that changed, and lists them', async () => {
    const panel = await compared();
    await button(panel, 'Compare').click();
    await expect.poll(() => panel.sent()).toEqual([{ type: 'compare' }]);
    await panel.send({ type: 'previous', run: shortRunOf(previous) });
    expect(await button(panel, 'Compare').getAttribute('aria-pressed')).toBe('true');
    // Into node3: five dead now, one of them was before; from node6: five dead before, four of them alive.
    const legend = panel.page.getByRole('list', { name: 'Pairs by change' });
    expect((await legend.innerText()).replace(/\s+/g, ' ')).toMatch(/4 died 0 worse 0 slower 0 better 4 came back/);
    expect(await panel.page.locator('td.changed.died').count()).toBe(4);
    expect(await panel.page.locator('td.changed.cameBack .change svg').count()).toBe(4);
    const [cell] = await panel.page.locator('td.changed.died').all();
    expect(await cell?.getAttribute('aria-label')).toMatch(/Since the run before: died, was 0\.\d+ ms|died, was 1/);
    expect(await panel.page.getByRole('status').first().innerText()).toBe(
      'Compared with the run before: 4 died, 4 came back',
    );
    const line = panel.page.getByRole('button', { name: /node1 → node3 died/ });
    await line.focus();
    expect(await panel.page.locator('td.lit').count()).toBe(1);
    await line.press('Enter');
    expect(await detail(panel).locator('h2').innerText()).toMatch(/^node1\s*→\s*node3/);
  });

  it('is left, and is there again after a reload', async () => {
    const panel = await compared();
    await button(panel, 'Compare').click();
    await panel.send({ type: 'previous', run: shortRunOf(previous) });
    const kept = await panel.kept();
    const again = await compared(kept ? { kept } : {});
    await expect.poll(() => again.sent()).toEqual([{ type: 'compare' }]);
    await again.send({ type: 'previous', run: shortRunOf(previous) });
    await button(again, 'Leave comparison').click();
    expect(await again.page.locator('td.changed').count()).toBe(0);
    expect(await again.page.getByRole('list', { name: 'Pairs by result' }).count()).toBe(1);
  });

  it('is not offered without an earlier run', async () => {
    const panel = await show(doneState(oneDead));
    await button(panel, 'Compare').click({ force: true });
    expect(await panel.sent()).toEqual([]);
    expect(await button(panel, 'Compare').getAttribute('aria-pressed')).toBe('false');
  });

  it('colours the canvas by what changed', async () => {
    const many = hostsOf(60);
    const [first, second] = [many[0], many[1]];
    if (!first || !second) throw new Error('no hosts');
    const before = reportOf(many, [...pairsOf(many).slice(1), pairOf(first, second, 'dead')]);
    const panel = await show({ ...doneState(reportOf(many, pairsOf(many))), extras });
    const green = `(() => {
      const canvas = document.querySelector('canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const wanted = new Uint32Array(new Uint8Array([0x73, 0xc9, 0x91, 255]).buffer)[0];
      return new Uint32Array(data.buffer).filter((pixel) => pixel === wanted).length;
    })()`;
    expect(await panel.page.evaluate(green)).toBe(0);
    await button(panel, 'Compare').click();
    await panel.send({ type: 'previous', run: shortRunOf(before) });
    await expect.poll(() => panel.page.evaluate<number>(green)).toBeGreaterThan(20);
  });
});

describe('a watched network', () => {
  const watch = { seconds: 30, phase: 'waiting', runs: 5, nextAt: Date.now() + 3_600_000 } as const;

  it('is watched and let go with one button', async () => {
    const panel = await show(doneState(oneDead));
    await button(panel, 'Watch').click();
    expect(await panel.sent()).toEqual([{ type: 'watch' }]);
    await panel.send({ type: 'extras', extras: { runs: 5, watch } });
    await panel.page.getByText(/Watching every 30 s · 5 runs · next in \d+ s/).waitFor();
    await button(panel, 'Stop Watching').click();
    expect(await panel.sent()).toEqual([{ type: 'watch' }, { type: 'stopWatch' }]);
  });

  it('is not run a second time while it is verified', async () => {
    const verifying = { ...watch, phase: 'verifying', nextAt: undefined } as const;
    const panel = await show({ ...doneState(oneDead), extras: { runs: 5, watch: verifying } });
    await panel.page.getByText('verifying now').waitFor();
    await button(panel, 'Run').click({ force: true });
    expect(await panel.sent()).toEqual([]);
  });

  it('says why a run had no result', async () => {
    const panel = await show({
      ...doneState(oneDead),
      extras: { runs: 5, watch: { ...watch, problem: 'No host has the image.' } },
    });
    await panel.page.locator('.watch-problem').getByText('No host has the image.').waitFor();
  });

  it('has a sparkline for each pair, with words', async () => {
    const panel = await show({ ...doneState(oneDead), extras: { runs: 3 } });
    await panel.page.locator('[data-row="0"][data-column="2"]').focus();
    await expect.poll(() => panel.sent()).toEqual([{ type: 'history', from: 'node1', to: 'node3' }]);
    const before = await detail(panel).boundingBox();
    const runs = [
      { at: 1_000, verdict: 'reachable', avgMs: 0.2 },
      { at: 2_000, verdict: 'reachable', avgMs: 0.4 },
      { at: 3_000, verdict: 'dead' },
    ] as const;
    await panel.send({ type: 'history', from: 'node1', to: 'node3', runs });
    const picture = detail(panel).getByRole('img');
    expect(await picture.getAttribute('aria-label')).toMatch(
      /^3 runs since [\d:]+: 2 reachable, 1 dead; 0\.2 ms to 0\.4 ms$/,
    );
    expect(await picture.locator('rect').count()).toBe(3);
    // A dead run hangs below the line, an answered one stands on it.
    const line = await picture.locator('line').getAttribute('y1');
    expect(Number(await picture.locator('rect.dead').getAttribute('y'))).toBeGreaterThanOrEqual(Number(line));
    expect(await detail(panel).boundingBox()).toEqual(before);
    await panel.send({ type: 'history', from: 'node2', to: 'node3', runs });
    expect(await detail(panel).getByRole('img').count()).toBe(0);
  });
});

describe('a finding', () => {
  it('has its pairs checked again', async () => {
    const report = mixedReport();
    const panel = await show(doneState(report));
    await panel.page.getByRole('button', { name: /^Check again/ }).click();
    expect(await panel.sent()).toEqual([{ type: 'checkAgain', pairs: report.findings[0]?.pairs }]);
  });

  it('is not checked while a verification runs', async () => {
    const report = mixedReport();
    const panel = await show({ ...doneState(report), phase: 'running' });
    await panel.page.getByRole('button', { name: /^Check again/ }).click({ force: true });
    expect(await panel.sent()).toEqual([]);
  });
});
