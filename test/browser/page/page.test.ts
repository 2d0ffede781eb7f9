import { describe, expect, it } from 'vitest';
import type { PanelState } from '../../../src/webview/protocol';
import type { Panel } from './harness';
import { panels } from './panels';
import { blockedFinding, doneState, hostsOf, mixedReport, pairOf, pairsOf, reportOf, sampleHeader } from './samples';
import { themes, type ThemeName } from './themes';

const show = panels();

const idle: PanelState = {
  header: sampleHeader,
  phase: 'idle',
  stage: '',
  hosts: [],
  pairs: [],
  running: [],
};
const hosts = hostsOf(3);
const running: PanelState = { ...idle, phase: 'running', stage: 'Pinging', startedAt: 1, hosts, running: ['node1'] };
const mixed = doneState(mixedReport());
const healthy = doneState(reportOf(hosts, pairsOf(hosts)));

const cell = (panel: Panel, row: number, column: number) =>
  panel.page.locator(`[data-row="${row}"][data-column="${column}"]`);
const detail = (panel: Panel) => panel.page.getByRole('region', { name: 'Pair' });
const focused = (panel: Panel) => panel.page.evaluate('document.activeElement?.getAttribute("aria-label")');

describe('the matrix of a few hosts', () => {
  it.each(Object.keys(themes) as ThemeName[])('shows figures, dead pairs and the cause (%s)', async (theme) => {
    const panel = await show(mixed, { theme });
    expect(await cell(panel, 0, 2).innerText()).toMatch(/^1\.2\s*ms$/);
    expect(await cell(panel, 0, 1).innerText()).toBe('dead');
    expect(await cell(panel, 0, 1).locator('svg').count()).toBe(1);
    expect(await cell(panel, 1, 1).innerText()).toBe('·');
    await panel.page.getByText('2 of 6 pairs reachable', { exact: true }).waitFor();
    await panel.page.getByRole('heading', { name: 'node2: the data path is blocked (certain)' }).waitFor();
    expect(await panel.violations()).toEqual([]);
  });

  it('says that all is well, without a finding', async () => {
    const panel = await show(healthy);
    await panel.page.getByText('All 6 pairs reachable', { exact: true }).waitFor();
    expect(await panel.page.locator('.finding').count()).toBe(0);
  });

  it('tells the extension that it is ready, and keeps the header for a reload', async () => {
    const panel = await show(mixed);
    expect(await panel.page.evaluate('standIn.sent[0]')).toEqual({ type: 'ready' });
    expect(await panel.kept()).toEqual({ header: sampleHeader, view: {} });
  });

  it('is an ARIA grid', async () => {
    const panel = await show(mixed);
    const tree = await panel.page.locator('body').ariaSnapshot();
    expect(tree).toContain('grid "Pings from each host (rows) to each host (columns) of my_net"');
    expect(tree).toContain('columnheader "node3"');
    expect(tree).toContain('rowheader "node3"');
    expect(tree).toContain('gridcell "node1 to node3: reachable, 1.2 ms"');
    expect(tree).toMatch(/gridcell "node1 to node2: dead\. Name: 10\.0\.1\.3 \(right\)/);
    expect(tree).toContain('heading "What is wrong" [level=2]');
    expect(tree).toContain('button "Copy the command for node2"');
    expect(tree).toMatch(/status: .*2 of 6 pairs reachable.*data path is blocked/);
  });

  it('shows what came from a daemon as text only', async () => {
    const evil = '<img src=x onerror="window.wasRun=1"><b>bold</b>';
    const named = hostsOf(2, (index) => `${evil}${index}`);
    const finding = { ...blockedFinding(named, 0), title: evil, evidence: [evil] };
    const report = reportOf(
      named,
      pairsOf(named, () => 'unknown'),
      { findings: [finding] },
    );
    const panel = await show(doneState(report));
    expect(await panel.page.locator('.finding h3').innerText()).toContain(evil);
    expect(await panel.page.locator('main img, main b').count()).toBe(0);
    expect(await panel.page.evaluate('window.wasRun')).toBeUndefined();
  });

  it('is not moved by messages that are none', async () => {
    const panel = await show(mixed);
    const before = await panel.page.locator('main').innerText();
    await panel.sendRaw(null, 'x', { type: 'state' }, { type: 'pairs', pairs: [{}] }, { type: 'report', report: {} });
    expect(await panel.page.locator('main').innerText()).toBe(before);
  });
});

describe('a running verification', () => {
  it('fills cell by cell, and nothing jumps', async () => {
    const panel = await show(running);
    const boxes = () =>
      panel.page.evaluate(`[...document.querySelectorAll('td, .legend, .detail, .findings')].map((each) => {
      const { x, y, width, height } = each.getBoundingClientRect();
      return [x, y, width, height].map(Math.round).join(' ');
    })`);
    const kinds = () =>
      panel.page.evaluate<string[]>(
        "[...document.querySelectorAll('.chip')].map((chip) => chip.className.split(' ')[1])",
      );
    const empty = await boxes();
    expect(await kinds()).toEqual(['self', 'pending', 'pending', 'empty', 'self', 'empty', 'empty', 'empty', 'self']);
    await panel.send({ type: 'sourceStarted', from: 'node2' }, { type: 'pairs', pairs: pairsOf(hosts).slice(0, 3) });
    expect(await kinds()).toEqual([
      'self',
      'reachable',
      'reachable',
      'reachable',
      'self',
      'pending',
      'empty',
      'empty',
      'self',
    ]);
    await panel.page.getByText('3 of 6 pairs').waitFor();
    const dead = pairsOf(hosts, () => 'dead');
    await panel.send({ type: 'pairs', pairs: dead.slice(3) });
    expect(await boxes()).toEqual(empty);
  });

  it('counts the seconds, and is cancelled with the button that ran it', async () => {
    const panel = await show({ ...running, startedAt: Date.now() });
    const counter = panel.page.locator('.status [aria-hidden].more');
    const first = await counter.innerText();
    await expect.poll(() => counter.innerText(), { timeout: 30_000 }).not.toBe(first);
    await panel.page.getByRole('button', { name: 'Cancel' }).click();
    expect(await panel.sent()).toEqual([{ type: 'cancel' }]);
    await panel.send({ type: 'stage', phase: 'cancelling', stage: '', running: [] });
    await panel.page.getByRole('button', { name: 'Cancel' }).click({ force: true });
    expect(await panel.sent()).toEqual([{ type: 'cancel' }]);
  });

  it('announces its result', async () => {
    const panel = await show(running);
    const status = panel.page.getByRole('status');
    expect(await status.innerText()).toBe('Verifying my_net');
    await panel.send({ type: 'report', report: mixedReport() });
    expect(await status.innerText()).toMatch(/^2 of 6 pairs reachable, .*1 finding: node2: the data path is blocked$/);
  });

  it('says in the row which host takes no part, and why', async () => {
    const panel = await show(running);
    const problem = {
      title: 'Permission denied',
      happened: 'The socket is closed to deploy.',
      remedy: 'Add the group.',
    };
    await panel.send({ type: 'host', host: { host: 'node2', problem } });
    expect(await panel.page.locator('tr.is-note').innerText()).toMatch(/node2\s+Permission denied/);
    await panel.page.getByText('The socket is closed to deploy.').waitFor();
  });
});

describe('by keyboard', () => {
  it('the grid is one tab stop with arrow keys, Home and End inside', async () => {
    const panel = await show(mixed);
    await panel.page.locator('td[tabindex="0"]').focus();
    expect(await panel.page.locator('td[tabindex="0"]').count()).toBe(1);
    const { keyboard } = panel.page;
    expect(await focused(panel)).toMatch(/^node1 to node2/);
    await keyboard.press('ArrowRight');
    expect(await focused(panel)).toMatch(/^node1 to node3/);
    await keyboard.press('ArrowDown');
    expect(await focused(panel)).toMatch(/^node2 to node3/);
    await keyboard.press('Home');
    expect(await focused(panel)).toMatch(/^node2 to node1/);
    await keyboard.press('Control+End');
    expect(await focused(panel)).toMatch(/^node3: itself/);
    await keyboard.press('ArrowUp');
    await keyboard.press('End');
    expect(await focused(panel)).toMatch(/^node2 to node3/);
    expect(await panel.page.locator('td[tabindex="0"]').count()).toBe(1);
  });

  it('Enter pins the detail and Escape lets it go', async () => {
    const panel = await show(mixed);
    await panel.page.locator('td[tabindex="0"]').focus();
    expect(await detail(panel).innerText()).toContain('100 %');
    await panel.page.keyboard.press('Enter');
    await cell(panel, 2, 0).hover();
    expect(await detail(panel).locator('h2').innerText()).toMatch(/node1\s*→\s*node2/);
    await panel.page.keyboard.press('Escape');
    await cell(panel, 0, 2).hover();
    expect(await detail(panel).locator('h2').innerText()).toMatch(/node1\s*→\s*node3/);
  });

  it('goes through the row of a host that takes no part', async () => {
    const problem = { title: 'Permission denied', happened: 'a', remedy: 'b' };
    const troubled = hosts.map((host) => (host.host === 'node2' ? { ...host, problem } : host));
    const panel = await show(
      doneState(
        reportOf(
          troubled,
          pairsOf(hosts).filter((p) => !`${p.from}${p.to}`.includes('node2')),
        ),
      ),
    );
    await cell(panel, 0, 2).focus();
    await panel.page.keyboard.press('ArrowDown');
    expect(await panel.page.evaluate('document.activeElement.textContent')).toBe('Permission denied');
    await panel.page.keyboard.press('ArrowDown');
    expect(await focused(panel)).toBe('node3: itself');
  });

  it('keeps focus in the grid while results come in', async () => {
    const panel = await show(running);
    await cell(panel, 0, 1).focus();
    await panel.send({ type: 'pairs', pairs: pairsOf(hosts) });
    expect(await focused(panel)).toMatch(/^node1 to node2: reachable/);
  });
});

describe('the findings', () => {
  it('light up their cells when pointed at or focused', async () => {
    const panel = await show(mixed);
    const lit = () => panel.page.locator('.grid.has-lit td.lit').count();
    expect(await lit()).toBe(0);
    await panel.page.locator('.finding').hover();
    expect(await lit()).toBe(4);
    await panel.page.locator('h1').hover();
    expect(await lit()).toBe(0);
    await panel.page.locator('.finding h3').focus();
    expect(await lit()).toBe(4);
  });

  it('have their commands copied by the extension', async () => {
    const panel = await show(mixed);
    await panel.page.getByRole('button', { name: 'Copy the command for node2' }).nth(1).click();
    expect(await panel.sent()).toEqual([
      { type: 'copy', text: 'sudo ufw prepend allow proto udp from 10.0.0.1 to any port 4789' },
    ]);
    await panel.page.getByText('Copied').waitFor();
  });

  it('fold away what is long', async () => {
    const evidence = Array.from({ length: 12 }, (_, index) => `Evidence ${index}`);
    const report = { ...mixedReport(), findings: [{ ...blockedFinding(hosts, 1), evidence }] };
    const panel = await show(doneState(report));
    expect(await panel.page.locator('.evidence li').count()).toBe(5);
    await panel.page.getByRole('button', { name: 'Show all 12' }).click();
    expect(await panel.page.locator('.evidence li').count()).toBe(12);
  });
});

describe('before and instead of a matrix', () => {
  it('offers to run', async () => {
    const panel = await show(idle);
    await panel.page.getByRole('button', { name: 'Verify my_net' }).click();
    expect(await panel.sent()).toEqual([{ type: 'run' }]);
  });

  it('exports only what there is', async () => {
    const panel = await show(idle);
    const button = panel.page.getByRole('button', { name: 'Export' });
    await button.click({ force: true });
    expect(await panel.page.getByRole('menu').count()).toBe(0);
    await panel.send({ type: 'state', state: mixed });
    await button.click();
    await panel.page.getByRole('menuitem', { name: 'Export JSON' }).click();
    // And by keyboard.
    await button.press('Enter');
    await panel.page.keyboard.press('ArrowDown');
    expect(await panel.page.evaluate('document.activeElement.textContent')).toBe('Export Markdown');
    await panel.page.keyboard.press('Enter');
    await button.press('Enter');
    await panel.page.keyboard.press('End');
    await panel.page.keyboard.press('Enter');
    await button.press('Enter');
    await panel.page.keyboard.press('Escape');
    expect(await panel.page.getByRole('menu').count()).toBe(0);
    expect(await panel.sent()).toEqual([
      { type: 'export', format: 'json' },
      { type: 'export', format: 'markdown' },
      { type: 'export', format: 'junit' },
    ]);
  });

  it('says why a verification failed as a whole', async () => {
    const error = { reason: 'imageMissing', title: 'Image missing', happened: 'No host has it.', remedy: 'Load it.' };
    const panel = await show(doneState(reportOf([], [], { outcome: 'failed', error })));
    for (const words of ['Image missing', 'No host has it.', 'Load it.']) {
      await panel.page.getByText(words, { exact: true }).waitFor();
    }
  });
});

describe('the matrix of hundreds of hosts', () => {
  const many = hostsOf(300);
  const large = doneState(
    reportOf(
      many,
      pairsOf(many, (row, column) => (row === 4 || column === 4 ? 'dead' : 'reachable')),
    ),
  );
  /** Colours on the canvas, and how many pixels each has. */
  const colours = (panel: Panel) =>
    panel.page.evaluate<[string, number][]>(`(() => {
      const canvas = document.querySelector('canvas');
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      const counts = new Map();
      for (const pixel of new Uint32Array(data.buffer)) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
      const words = (pixel) => [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255].join(' ');
      return [...counts].map(([pixel, count]) => [words(pixel), count]);
    })()`);

  it('is drawn in the colours of the theme, and anew when the theme changes', async () => {
    const panel = await show(large);
    const red = '241 76 76';
    const dark = new Map(await colours(panel));
    expect(dark.get(red)).toBeGreaterThan(500);
    expect(dark.has('255 255 255')).toBe(false);
    await panel.setTheme('light');
    await expect.poll(async () => new Map(await colours(panel)).get('255 255 255') ?? 0).toBeGreaterThan(1_000);
    expect(await panel.violations()).toEqual([]);
  });

  it('has an accessible cell that follows the keys, in view', async () => {
    const panel = await show(large);
    const grid = panel.page.getByRole('grid');
    expect(await grid.getAttribute('aria-rowcount')).toBe('301');
    await grid.getByRole('gridcell').focus();
    expect(await focused(panel)).toMatch(/^node1 to node2: reachable/);
    for (const key of ['Control+End', 'ArrowLeft', 'PageUp']) await panel.page.keyboard.press(key);
    expect(await focused(panel)).toMatch(/^node290 to node299: reachable/);
    expect(await detail(panel).innerText()).toContain('node290');
    const isInView = `(() => {
      const view = document.querySelector('.heat-scroller').getBoundingClientRect();
      const { top, bottom } = document.activeElement.getBoundingClientRect();
      return top >= view.top && bottom <= view.bottom + 1;
    })()`;
    expect(await panel.page.evaluate(isInView)).toBe(true);
  });

  it('tells the pair under the pointer, at any zoom', async () => {
    const panel = await show(large);
    await panel.page.keyboard.press('Tab');
    for (let step = 0; step < 8; step += 1) await panel.page.getByRole('button', { name: 'Zoom in' }).click();
    const box = await panel.page.locator('.heat-cell').boundingBox();
    if (!box) throw new Error('no cell');
    await panel.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    expect(await detail(panel).locator('h2').innerText()).toMatch(/^node1\s*→\s*node2/);
    await panel.page.getByRole('button', { name: 'Show all hosts' }).click();
    await expect.poll(async () => (await panel.page.locator('.heat-cell').boundingBox())?.width).toBeLessThan(3);
  });

  it('takes results as they come', async () => {
    const panel = await show({ ...running, hosts: many, running: many.map(({ host }) => host) });
    const count = async (colour: string) => new Map(await colours(panel)).get(colour) ?? 0;
    const before = await count('241 76 76');
    const [first, second] = many;
    if (!first || !second) throw new Error('no hosts');
    await panel.send({ type: 'pairs', pairs: many.slice(1).map((to) => pairOf(first, to, 'dead')) });
    expect(await count('241 76 76')).toBeGreaterThan(before + 500);
  });
});
