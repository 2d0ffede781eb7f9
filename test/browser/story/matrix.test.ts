// The matrix panel with real faults: from a red cell to its cause and cure, watching, comparing, reloading.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { labels } from '../../../src/model/engine/records';
import { Lab } from '../../lab/lab';
import { until, Workbench } from '../driver';
import { saveEvidenceOfFailures } from '../driver/vitest';
import { chain } from './chain';
import { exportFromPanel } from './export';
import { openPanel, pairsOf, runAgain, waitForEnd } from './panel';
import { openStoryWindow, type StoryWindow } from './window';

/** Dead pairs are tried again before they are believed, and a watched network may just be verified. */
const patient = { timeoutMs: 240_000 };
const all = ['host1', 'host2', 'host3'];
const pairsOfHost2 = ['host1>host2', 'host2>host1', 'host2>host3', 'host3>host2'];

let window: StoryWindow;
let workbench: Workbench;
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  await lab.resetSwarms();
  await formByHand();
  const hosts = all.map((name) => ({ name, endpoint: `ssh://${name}` }));
  window = await openStoryWindow({
    machineSettings: { 'dockerOverlay.hosts': hosts, 'dockerOverlay.verify.watchSeconds': 5 },
  });
  workbench = window.workbench;
  await workbench.openActivity('Overlay Networks');
  await allConnected();
});

afterAll(async () => {
  await window?.close();
  await lab?.clearFaults();
  await lab?.resetSwarms();
});

saveEvidenceOfFailures(() => workbench);

const myNet = () => workbench.view('Networks').item(/./, 'my_net');
const panel = () => openPanel(workbench, 'my_net');
const docker = (host: string, ...words: string[]) => lab.host(host).execOk(['docker', ...words]);
const block = () => lab.host('host2').fault.block({ protocol: 'udp', port: 4789, direction: 'in' });
const unblock = () => lab.host('host2').fault.clear();

/** Every host is connected and known as a node: a menu that is opened before may close again as the trees change. */
async function allConnected(): Promise<void> {
  for (const name of all) {
    await workbench
      .view('Hosts')
      .item(name)
      .waitForText(/20\.10/, patient);
    await workbench
      .view('Swarm')
      .item(/./, name)
      .waitForText(/active · ready/, patient);
  }
  await myNet().wait(undefined, patient);
}

/** The story of a swarm is told elsewhere. host1 stands in zone a, the others in zone b. */
async function formByHand(): Promise<void> {
  await docker('host1', 'swarm', 'init', '--advertise-addr', lab.host('host1').address);
  const token = (await docker('host1', 'swarm', 'join-token', '-q', 'worker')).trim();
  for (const name of all.slice(1))
    await docker(name, 'swarm', 'join', '--token', token, `${lab.host('host1').address}:2377`);
  for (const name of all)
    await docker('host1', 'node', 'update', '--label-add', `zone=${name === 'host1' ? 'a' : 'b'}`, name);
  await docker('host1', 'network', 'create', '-d', 'overlay', '--attachable', 'my_net');
}

async function testContainers(): Promise<string[]> {
  const filter = ['--filter', `label=${labels.run}`, '--format', '{{.Names}}'];
  const lists = await Promise.all(all.map((name) => docker(name, 'ps', '-a', ...filter)));
  return lists.flatMap((list) => list.split('\n').filter(Boolean));
}

const noneLeft = () => until('no test container', async () => (await testContainers()).length === 0, patient);

/** Waits for what the panel's status line says. */
async function waitForStatus(frame: Frame, pattern: RegExp): Promise<string> {
  const look = async () => (await frame.locator('.status').innerText()).replace(/\s+/g, ' ');
  return until(
    `the status line to say ${pattern}`,
    async () => {
      const words = await look();
      return pattern.test(words) ? words : undefined;
    },
    { ...patient, seen: look },
  );
}

/** The steps build on each other: after the first that fails the others say nothing, so they are not run. */
describe.sequential('the matrix panel', { timeout: 600_000 }, () => {
  const step = chain();

  step('a network is verified from its context menu, its hosts in their zones', async () => {
    await myNet().contextMenu('Verify Network');
    const matrix = await waitForEnd(await panel());
    expect(matrix.status).toContain('All 6 pairs reachable');
    expect(matrix.hosts).toEqual(all);
    const frame = await panel();
    expect(await frame.locator('.findings').innerText()).toContain('All 6 pairs reachable');
    expect(await frame.locator('tr.group').allInnerTexts()).toEqual(['a', 'b']);
    await workbench.shot('matrix-healthy');
  });

  step('with the data path blocked at host2 its pairs are red, and pointing at the finding shows them', async () => {
    await block();
    const frame = await panel();
    const matrix = await runAgain(frame);
    expect(pairsOf(matrix, 'dead')).toEqual(pairsOfHost2);
    const finding = frame.locator('.finding').first();
    expect(await finding.innerText()).toMatch(/host2[^]*4789/);
    expect(await frame.locator('td.lit').count()).toBe(0);
    await finding.hover();
    const lit = await frame
      .locator('td.lit')
      .evaluateAll((cells) => cells.map((one) => one.getAttribute('aria-label')));
    expect(lit.map((label) => label?.replace(/:.*/s, '')).sort()).toEqual(
      pairsOfHost2.map((pair) => pair.replace('>', ' to ')),
    );
    await workbench.shot('matrix-finding');
  });

  step('its remedy is copied', async () => {
    const frame = await panel();
    await frame
      .getByRole('button', { name: /^Copy the command for host2/ })
      .first()
      .click();
    await until('the command in the clipboard', async () => /4789/.test(await workbench.clipboard()));
    await frame.getByText('Copied', { exact: true }).waitFor();
  });

  step('the red matrix is exported as JUnit and as Markdown', async () => {
    const junit = readFileSync(await exportFromPanel(window, await panel(), 'junit'), 'utf8');
    expect(junit).toMatch(/<testsuites name="Docker Overlay Networks" tests="6" failures="4" errors="0" skipped="0"/);
    expect(junit.match(/<testcase /g)).toHaveLength(6);
    expect(junit.match(/<failure /g)).toHaveLength(4);
    expect(junit).toMatch(/<failure [^>]*>[^<]*host2/);
    const markdown = readFileSync(await exportFromPanel(window, await panel(), 'markdown'), 'utf8');
    expect(markdown).toContain('# Overlay network my\\_net: 2 of 6 pairs reachable');
    expect(markdown).toMatch(/host2[^]*4789/);
  });

  step('with the block gone Check Again runs the affected pairs only, and turns them green', async () => {
    await unblock();
    const frame = await panel();
    await frame.evaluate(`(${watchCell})('host1 to host3:')`);
    await frame.getByRole('button', { name: /^Check again: 4 pairs/ }).click();
    await frame.getByRole('button', { name: 'Cancel' }).waitFor();
    const matrix = await waitForEnd(frame);
    expect(matrix.status).toContain('All 6 pairs reachable');
    expect(pairsOf(matrix, 'reachable')).toHaveLength(6);
    // The pair that was not affected had its figures the whole time.
    expect(await frame.evaluate('window.seenKinds')).toEqual(['reachable']);
    await workbench.shot('matrix-checked-again');
  });

  step('the two runs are compared', async () => {
    const frame = await panel();
    await frame.getByRole('button', { name: 'Compare' }).click();
    const changes = frame.locator('.changes');
    await changes.getByText('host1 → host2').waitFor();
    expect(await changes.locator('.change-line').allInnerTexts()).toEqual(
      Array(4).fill(expect.stringMatching(/host2.*came back, was dead/s)),
    );
    await workbench.shot('matrix-compared');
    await frame.getByRole('button', { name: 'Leave comparison' }).click();
    await changes.waitFor({ state: 'detached' });
  });

  step('a network that is not watched can be watched, one that is can be let go', async () => {
    const before = await myNet().contextMenuItems();
    expect(before).toContain('Watch Network');
    expect(before).not.toContain('Stop Watching Network');
    await myNet().contextMenu('Watch Network');
    await waitForStatus(await panel(), /Watching every 5 s · \d+ runs?/);
    await myNet().waitForText(/watched/, patient);
    const watched = await myNet().contextMenuItems();
    expect(watched).toContain('Stop Watching Network');
    expect(watched).not.toContain('Watch Network');
  });

  step('a zone is collapsed to one row and one column', async () => {
    const frame = await panel();
    await frame.getByRole('grid').getByRole('button', { name: 'b, 2 hosts' }).click();
    const cell = frame.locator('[role=gridcell][aria-label^="host1 to b, 2 hosts: reachable"]');
    await cell.waitFor();
    expect(await cell.innerText()).toBe('ok');
  });

  step('a fault is told while the network is watched', async () => {
    await workbench.clearNotifications();
    await block();
    const toast = await workbench.notification(/^my_net: .* died/).wait(() => true, patient);
    expect(toast.severity).toBe('warning');
    expect(toast.message).toMatch(/host2/);
    expect(toast.buttons).toEqual(['Show', 'Stop Watching', "Don't Tell Again"]);
    await workbench.shot('matrix-watch-toast');
    await workbench.notification(/^my_net: .* died/).press('Show');
    const cell = (await panel()).locator('[role=gridcell][aria-label^="host1 to b, 2 hosts: dead"]');
    expect((await cell.innerText()).replace(/\s/g, '')).toBe('1/2');
    await workbench.shot('matrix-collapsed');
  });

  step('after the window was reloaded the panel is there with its result, and the watch goes on', async () => {
    await workbench.reload();
    const frame = await panel();
    await frame.locator('[role=gridcell][aria-label^="host1 to b, 2 hosts: dead"]').waitFor();
    await waitForStatus(frame, /Watching every 5 s/);
    await workbench.shot('matrix-reloaded');
    await unblock();
    await workbench.notification(/^my_net: .* came back/).wait(() => true, patient);
    await waitForStatus(frame, /All 6 pairs reachable.*Watching every 5 s · \d+ runs?/);
    await noUnexpectedPanel();
  });

  step('what was found before the reload is in the history of each pair', async () => {
    const frame = await panel();
    await frame.locator('[role=gridcell][aria-label^="host1 to b, 2 hosts"]').click();
    await frame.locator('[role=gridcell][aria-label^="host1 to host2:"]').hover();
    const history = frame.locator('.detail .history figcaption');
    const words = () => history.innerText();
    await until('a dead run in the history', async () => /[1-9]\d* dead/.test(await words()), {
      ...patient,
      seen: words,
    });
    expect(await words()).toMatch(/reachable/);
    await workbench.shot('matrix-history');
  });

  step('the watch is ended in the tree', async () => {
    await myNet().contextMenu('Stop Watching Network');
    await until('the panel to say so', async () => {
      const status = await (await panel()).locator('.status').innerText();
      return !status.includes('Watching');
    });
    expect(await myNet().contextMenuItems()).toContain('Watch Network');
    await workbench.reload();
    await waitForStatus(await panel(), /All 6 pairs reachable/);
    expect(await (await panel()).locator('.watching').count()).toBe(0);
    await noneLeft();
  });

  step('a panel that is closed while its network is verified leaves nothing behind', async () => {
    await workbench.openActivity('Overlay Networks');
    await allConnected();
    // Dead pairs are tried again before they are believed: long enough to close the panel meanwhile.
    await block();
    await (await panel()).getByRole('button', { name: 'Run' }).click();
    await until('its containers', async () => (await testContainers()).length === 3, patient);
    await workbench.closeTab('Verify my_net');
    await noneLeft();
    await unblock();
  });

  step('the last result is known in the tree after a reload, and in another folder', async () => {
    await workbench.reload();
    await workbench.openActivity('Overlay Networks');
    await myNet().waitForText(/6 of 6 ✓/, patient);
    await workbench.shot('matrix-result-after-reload');
    const folder = mkdtempSync(path.join(os.tmpdir(), 'overlay-other-'));
    const url = new URL(window.server.url);
    url.searchParams.set('folder', folder);
    const other = await Workbench.open(url.href, { server: window.server, size: { width: 1440, height: 860 } });
    try {
      await other.openActivity('Overlay Networks');
      await other
        .view('Networks')
        .item(/./, 'my_net')
        .waitForText(/6 of 6 ✓/, patient);
    } finally {
      await other.close();
      rmSync(folder, { recursive: true, force: true });
    }
  });

  step('a watch whose hosts are down after a reload is seen, and stopped where it is seen', async () => {
    await allConnected();
    await myNet().contextMenu('Watch Network');
    await waitForStatus(await panel(), /Watching every 5 s · \d+ runs?/);
    for (const name of all) await lab.host(name).sshd.kill();
    try {
      await workbench.reload();
      await workbench.openActivity('Overlay Networks');
      const waiting = workbench.view('Networks').item('my_net');
      await waiting.waitForText(/watched · waits for its hosts/, patient);
      for (const theme of ['light', 'dark'] as const) {
        await workbench.setTheme(theme);
        await workbench.shot(`matrix-watch-waits-${theme}`);
      }
      await waiting.action('Stop Watching Network');
      await waiting.waitGone(patient);
      await waitForStatus(await panel(), /^(?!.*Watching)/);
      await workbench.reload();
      await workbench.openActivity('Overlay Networks');
      await workbench
        .view('Hosts')
        .item('host1')
        .waitForText(/refused|unreachable|not reachable/i, patient);
      expect(await workbench.view('Networks').item('my_net').exists()).toBe(false);
    } finally {
      for (const name of all) await lab.host(name).sshd.start();
    }
    await workbench.runCommand('Docker Overlay: Refresh');
    await allConnected();
    expect(await myNet().contextMenuItems()).toContain('Watch Network');
    await noneLeft();
  });

  step('that there is nothing to do is said without alarm', async () => {
    await workbench.clearNotifications();
    await workbench.runCommand('Docker Overlay: Forget Saved Secrets…');
    const toast = await workbench.notification(/^No secret is saved/).wait(() => true, patient);
    expect([toast.severity, toast.buttons]).toEqual(['info', []]);
  });

  step('an address is copied', async () => {
    await workbench.view('Hosts').item('host2').contextMenu('Copy Address');
    await until('the address in the clipboard', async () => (await workbench.clipboard()) === 'host2');
    await myNet().contextMenu('Copy Address');
    await until('the subnet in the clipboard', async () => /^10\.0\.\d+\.0\/24$/.test(await workbench.clipboard()));
  });

  step('in the form of a network Back leads back from More Options, and on to its name', async () => {
    await workbench.setTheme('light');
    await workbench.runCommand('Docker Overlay: Create Overlay Network…');
    const name = await workbench.inputBox({ title: /^Create Overlay Network/ });
    await name.type('back_net');
    await name.accept();
    const toggles = await workbench.quickPick({ title: /^Create back_net \(2/ });
    await toggles.tick('More options…');
    await toggles.accept();
    const options = await workbench.quickPick({ title: /^Create back_net: More Options/ });
    await workbench.shot('network-more-options');
    await options.back();
    const again = await workbench.quickPick({ title: /^Create back_net \(2/ });
    expect((await again.items()).find(({ label }) => label.startsWith('More options'))?.ticked).toBe(true);
    await again.back();
    const first = await workbench.inputBox({ title: /^Create Overlay Network/ });
    expect(await first.value()).toBe('back_net');
    await first.cancel();
  });

  async function noUnexpectedPanel(): Promise<void> {
    const titles = (await workbench.tabs()).map((tab) => tab.label);
    expect(titles.filter((title) => title.startsWith('Verify my_net'))).toHaveLength(1);
  }
});

/** Runs in the page: writes down each kind that the cell with this label has from now on. */
const watchCell = `(label) => {
  const look = () => {
    const chip = document.querySelector('[role=gridcell][aria-label^="' + label + '"] .chip');
    const kind = chip ? chip.classList[1] : 'none';
    if (window.seenKinds.at(-1) !== kind) window.seenKinds.push(kind);
  };
  window.seenKinds = [];
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}`;
