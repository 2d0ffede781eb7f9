// The whole job through the UI, with clicks and keys only, on three real hosts. Runs inside the lab's workstation.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { VerificationReport } from '../../../src/model/report/matrix';
import { Lab } from '../../lab/lab';
import type { Workbench } from '../driver';
import { saveEvidenceOfFailures } from '../driver/vitest';
import { chain } from './chain';
import { exportReport } from './export';
import { openPanel, pairsOf, runAgain } from './panel';
import * as story from './steps';
import { openStoryWindow, type StoryWindow } from './window';

let window: StoryWindow;
let workbench: Workbench;
let lab: Lab;
let player: story.Player;

beforeAll(async () => {
  lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  await lab.resetSwarms();
  window = await openStoryWindow();
  workbench = window.workbench;
  player = { workbench, lab };
});

afterAll(async () => {
  await window?.close();
  await lab?.resetSwarms();
});

saveEvidenceOfFailures(() => workbench);

const all = ['host1', 'host2', 'host3'];
const allPairs = all.flatMap((from) => all.filter((to) => to !== from).map((to) => `${from}>${to}`)).sort();
const pairsOfHost2 = allPairs.filter((pair) => pair.includes('host2'));
const pairsWithoutHost2 = allPairs.filter((pair) => !pair.includes('host2'));

/** The steps build on each other: after the first that fails the others say nothing, so they are not run. */
describe.sequential('from three servers to a verified network, without a terminal', { timeout: 480_000 }, () => {
  const step = chain();

  step('three hosts are added at once from the SSH configuration and connect', async () => {
    await story.addHosts(player, all);
    expect(await workbench.view('Swarm').welcomeText()).toContain('No swarm on these hosts yet.');
  });

  step('a swarm is initialized on host1, and host2 and host3 join it', async () => {
    await story.initSwarm(player, 'host1');
    await story.joinSwarm(player, 'host2');
    await story.joinSwarm(player, 'host3');
    for (const host of all)
      await workbench
        .view('Swarm')
        .item(/./, host)
        .waitForText(/active · ready/);
  });

  step('the overlay network my_net is created', async () => {
    await workbench.view('Networks').waitForWelcome(/no overlay network of its own/);
    await story.createNetwork(player, 'my_net');
    await workbench
      .view('Networks')
      .item('my_net')
      .waitForText(/10\.0\.1\.0\/24 · attachable/);
  });

  step('every pair is reachable, by name too, and the containers are gone afterwards', async () => {
    const matrix = await story.verify(player, 'my_net');
    expect(matrix.status).toContain('All 6 pairs reachable');
    expect(pairsOf(matrix, 'reachable')).toEqual(allPairs);
    await workbench
      .view('Networks')
      .item('my_net')
      .waitForText(/6 of 6/);
    expect(await containersInLab()).toEqual([]);
  });

  step('the result is exported as JSON and as Markdown', async () => {
    const json = await exportReport(window, 'json');
    const report = JSON.parse(readFileSync(json, 'utf8')) as VerificationReport;
    expect(report.summary).toMatchObject({ pairs: 6, reachable: 6 });
    expect(report.pairs.map((pair) => pair.name)).toEqual(
      Array(6).fill(expect.objectContaining({ outcome: 'resolved', right: true })),
    );
    const markdown = await exportReport(window, 'markdown');
    expect(readFileSync(markdown, 'utf8')).toContain('6 of 6 pairs reachable');
  });

  step('with the data path blocked at host2 its pairs turn red and the others stay green', async () => {
    await lab.host('host2').fault.block({ protocol: 'udp', port: 4789, direction: 'in' });
    const frame = await openPanel(workbench, 'my_net');
    const matrix = await runAgain(frame);
    expect(pairsOf(matrix, 'dead')).toEqual(pairsOfHost2);
    expect(pairsOf(matrix, 'reachable')).toEqual(pairsWithoutHost2);
    const findings = await frame.locator('.findings').innerText();
    expect(findings).toMatch(/host2/);
    expect(findings).toMatch(/4789/);
  });

  step('with the block gone everything is green again', async () => {
    await lab.host('host2').fault.clear();
    const matrix = await runAgain(await openPanel(workbench, 'my_net'));
    expect(pairsOf(matrix, 'reachable')).toEqual(allPairs);
    await workbench.closeTab('Verify my_net');
  });

  step('host2 is promoted and demoted, and the effect on the majority is said before', async () => {
    await story.promote(player, 'host2');
    await workbench
      .view('Swarm')
      .item(/./)
      .waitForText(/2 managers · majority 2 · tolerates none/);
    const words = await story.demote(player, 'host2');
    expect(words).toContain('host2');
    expect(words).toMatch(/majority/);
    await workbench
      .view('Swarm')
      .item(/./)
      .waitForText(/1 manager · majority 1/);
  });

  step('an encrypted network on a kernel without ESP is shown as what it is: dead', async () => {
    await story.createNetwork(player, 'secret_net', { encrypted: true });
    await workbench
      .view('Networks')
      .item('secret_net')
      .waitForText(/encrypted/);
    const matrix = await story.verify(player, 'secret_net');
    expect(pairsOf(matrix, 'dead')).toEqual(allPairs);
    const frame = await openPanel(workbench, 'secret_net');
    expect(await frame.locator('.findings').innerText()).toMatch(/ESP|IPsec/);
    await workbench.closeTab('Verify secret_net');
  });

  step('what is done in a terminal shows by itself', async () => {
    const run = (...command: string[]) => lab.host('host1').exec(['docker', ...command]);
    await run('network', 'create', '-d', 'overlay', '--attachable', 'by_hand');
    await workbench.view('Networks').item('by_hand').wait();
    await run('network', 'rm', 'by_hand');
    await workbench.view('Networks').item('by_hand').waitGone();
    await run('node', 'update', '--availability', 'drain', 'host3');
    await workbench.view('Swarm').item(/./, 'host3').waitForText(/drain/);
    await run('node', 'update', '--availability', 'active', 'host3');
    await workbench
      .view('Swarm')
      .item(/./, 'host3')
      .waitForText(/active/);
  });

  step('the networks are removed and the hosts leave', async () => {
    await story.removeNetwork(player, 'my_net');
    await story.removeNetwork(player, 'secret_net');
    await story.leaveSwarm(player, ['host3', 'host2', 'host1']);
    await workbench.view('Swarm').waitForWelcome(/No swarm on these hosts yet/);
  });

  step('nothing is left on the hosts, and no join token anywhere a person or program could read it', async () => {
    expect(await lab.leftovers()).toEqual([]);
    const { searchForTokens } = await import('./secrets');
    expect(searchForTokens([window.server.userDataDir, window.workspace])).toEqual([]);
    expect(workbench.consoleLines.join('\n')).not.toContain('SWMTKN');
  });
});

/** Containers on all hosts, with their host's name. */
async function containersInLab(): Promise<string[]> {
  const lists = await Promise.all(
    lab.hosts.map(async (host) => {
      const { stdout } = await host.exec(['docker', 'ps', '-aq', '--format', '{{.Names}}']);
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((name) => path.posix.join(host.name, name));
    }),
  );
  return lists.flat();
}
