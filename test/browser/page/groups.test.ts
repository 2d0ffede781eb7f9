import { describe, expect, it } from 'vitest';
import type { PanelState } from '../../../src/webview/protocol';
import type { Panel } from './harness';
import { panels } from './panels';
import { doneState, hostsOf, pairsOf, reportOf, zonedState } from './samples';

/** Groups of hosts that are one row and one column each. */

const show = panels();

const six = hostsOf(6);
/** All to node3 is dead; node3 stands in zone b, with node1 and node5. */
const oneDead = reportOf(
  six,
  pairsOf(six, (_, column) => (column === 2 ? 'dead' : 'reachable')),
);
const inZones = zonedState(oneDead, ['b', 'a']);
const toggle = (panel: Panel, zone: string) =>
  panel.page.getByRole('grid').getByRole('button', { name: new RegExp(`^${zone}, \\d+ hosts?$`) });
const labels = (panel: Panel) =>
  panel.page.getByRole('gridcell').evaluateAll((cells) => cells.map((cell) => cell.getAttribute('aria-label')));
const focusedLabel = (panel: Panel) => panel.page.evaluate('document.activeElement?.getAttribute("aria-label")');

describe('a collapsed group', () => {
  it('is one row and one column with the worst verdict and how many pairs are at fault', async () => {
    const panel = await show(inZones);
    expect(await toggle(panel, 'b').getAttribute('aria-expanded')).toBe('true');
    await toggle(panel, 'b').click();
    expect(await toggle(panel, 'b').getAttribute('aria-expanded')).toBe('false');
    expect(await panel.page.locator('[role=rowheader] .host').allInnerTexts()).toEqual(['node2', 'node4', 'node6']);
    const cell = panel.page.locator('[data-row="0"][data-column="3"]');
    expect((await cell.innerText()).replace(/\s/g, '')).toBe('1/3');
    expect(await cell.locator('.chip').getAttribute('class')).toContain('dead');
    expect(await cell.getAttribute('aria-label')).toBe(
      'node2 to b, 3 hosts: dead. 1 of 3 pairs not reachable: 1 dead. Enter opens it',
    );
    expect(await cell.getAttribute('aria-expanded')).toBe('false');
    expect(await panel.page.locator('[data-row="3"][data-column="0"]').innerText()).toBe('ok');
    const diagonal = panel.page.locator('[data-row="3"][data-column="3"]');
    expect((await diagonal.innerText()).replace(/\s/g, '')).toBe('2/6');
    await cell.hover();
    const detail = panel.page.getByRole('region', { name: 'Pairs of a group' });
    expect((await detail.innerText()).replace(/\s+/g, ' ')).toMatch(/node2→b, 3 hosts dead Pairs 3 reachable 2 dead 1/);
  });

  it('is collapsed and opened by keyboard, and focus stays on its button', async () => {
    const panel = await show(inZones);
    await toggle(panel, 'b').focus();
    await panel.page.keyboard.press('Enter');
    expect(await focusedLabel(panel)).toBe('b, 3 hosts');
    expect(await labels(panel)).toHaveLength(16);
    await panel.page.keyboard.press('Space');
    expect(await focusedLabel(panel)).toBe('b, 3 hosts');
    expect(await labels(panel)).toHaveLength(36);
  });

  it('is opened from one of its cells at the pair that is worst off', async () => {
    const panel = await show(inZones);
    await toggle(panel, 'a').click();
    await toggle(panel, 'b').click();
    expect(await labels(panel)).toHaveLength(4);
    await panel.page.locator('td[tabindex="0"]').focus();
    await panel.page.keyboard.press('Control+End');
    expect(await focusedLabel(panel)).toMatch(/^b, 3 hosts to b, 3 hosts: dead\. 2 of 6/);
    await panel.page.keyboard.press('Enter');
    expect(await labels(panel)).toHaveLength(16);
    expect(await focusedLabel(panel)).toMatch(/^node1 to node3: dead/);
    await panel.page.locator('[data-row="1"][data-column="0"]').click();
    expect(await labels(panel)).toHaveLength(36);
  });

  it('has rows and columns that a screen reader counts right', async () => {
    const panel = await show(inZones);
    await toggle(panel, 'a').click();
    const rows = await panel.page
      .locator('[role=grid] [role=row]')
      .evaluateAll((all) => all.map((row) => row.getAttribute('aria-rowindex')));
    expect(rows).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(await panel.page.getByRole('grid').getAttribute('aria-rowcount')).toBe('6');
  });

  it('is collapsed again after a reload, and by the menu of groups', async () => {
    const panel = await show(inZones);
    await panel.page.getByRole('button', { name: 'Groups' }).press('Enter');
    expect(await panel.page.getByRole('menuitemcheckbox', { name: 'b' }).getAttribute('aria-checked')).toBe('true');
    await panel.page.getByRole('menuitem', { name: 'Collapse all' }).press('Enter');
    expect(await labels(panel)).toHaveLength(4);
    const kept = await panel.kept();
    expect(kept?.view?.collapsed).toEqual([
      { grouping: 'zone', name: 'a' },
      { grouping: 'zone', name: 'b' },
    ]);
    const again = await show(inZones, kept ? { kept } : {});
    expect(await labels(again)).toHaveLength(4);
    await again.page.getByRole('button', { name: 'Groups' }).click();
    await again.page.getByRole('menuitemcheckbox', { name: 'a' }).click();
    expect(await labels(again)).toHaveLength(16);
  });

  it('fills live, and stands out with its pairs', async () => {
    const pairs = pairsOf(six, (_, column) => (column === 2 ? 'dead' : 'reachable'));
    const running: PanelState = {
      ...doneState(oneDead),
      header: inZones.header,
      report: undefined,
      phase: 'running',
      startedAt: 1,
      running: six.map(({ host }) => host),
    };
    const panel = await show(running);
    await toggle(panel, 'b').click();
    const kindOf = () => panel.page.locator('[data-row="0"][data-column="3"] .chip').getAttribute('class');
    expect(await kindOf()).toContain('pending');
    await panel.send({ type: 'pairs', pairs: pairs.filter(({ to }) => to === 'node1') });
    expect(await kindOf()).toContain('pending');
    await panel.send({ type: 'pairs', pairs: pairs.filter(({ to }) => to === 'node3') });
    expect(await kindOf()).toContain('dead');
    await panel.page.getByLabel('Find hosts').fill('node3');
    expect(await panel.page.locator('td.lit[data-row="0"]').count()).toBe(1);
    expect(await panel.page.locator('th.is-active').count()).toBeGreaterThan(0);
  });
});

describe('collapsed groups of hundreds of hosts', () => {
  const many = hostsOf(120);
  const report = reportOf(
    many,
    pairsOf(many, (row, column) => (row === 5 && column === 60 ? 'dead' : 'reachable')),
  );
  const state = zonedState(report, ['a', 'b', 'c']);

  it('are opened and collapsed by their names on the canvas', async () => {
    const panel = await show(state, { width: 1400, height: 900 });
    const box = await panel.page.locator('.heat-scroller').boundingBox();
    if (!box) throw new Error('no canvas');
    // The name of the first group is at the outer edge, beside its hosts.
    await panel.page.mouse.click(box.x + 6, box.y + 200);
    expect((await panel.kept())?.view?.collapsed).toEqual([{ grouping: 'zone', name: 'a' }]);
    expect(await panel.page.getByRole('grid').getAttribute('aria-rowcount')).toBe('82');
    const cell = panel.page.getByRole('gridcell');
    await cell.focus();
    await panel.page.keyboard.press('Control+Home');
    expect(await cell.getAttribute('aria-label')).toMatch(/^a, 40 hosts to a, 40 hosts: reachable/);
    await panel.page.keyboard.press('Enter');
    expect(await panel.page.getByRole('grid').getAttribute('aria-rowcount')).toBe('121');
  });

  it('all together have room for figures', async () => {
    const panel = await show(state);
    await panel.page.getByRole('button', { name: 'Groups' }).click();
    await panel.page.getByRole('menuitem', { name: 'Collapse all' }).click();
    expect(await panel.page.locator('canvas').count()).toBe(0);
    // node6 stands in zone c, node61 in zone a.
    expect(await panel.page.locator('[data-row="2"][data-column="0"]').getAttribute('aria-label')).toMatch(
      /^c, 40 hosts to a, 40 hosts: dead\. 1 of 1,600 pairs not reachable/,
    );
  });
});
