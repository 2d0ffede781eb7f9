// npm start -- --headless: plays the story in a headless browser and prints the matrix. npm run pictures: the same, and its
// pictures become the README's.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { VerificationReport } from '../../../src/model/report/matrix';
import { toText } from '../../../src/verify/reports';
import { Lab } from '../../lab/lab';
import { exportReport } from './export';
import { openPanel, runAgain } from './panel';
import * as story from './steps';
import { openStoryWindow, type StoryWindow } from './window';

/** A run without a word must not change a tracked file. */
const pictures = path.resolve(__dirname, '../../..', process.env['PICTURES_FOLDER'] ?? 'out/pictures');

async function main(): Promise<void> {
  const lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  const window = await openStoryWindow();
  const player = { workbench: window.workbench, lab };
  try {
    await play(player, window);
  } catch (error) {
    console.error(`What was to be seen: ${await window.workbench.saveEvidence('start-headless')}`);
    throw error;
  } finally {
    await window.close();
  }
}

async function play(player: story.Player, window: StoryWindow): Promise<void> {
  const { workbench, lab } = player;
  const names = lab.hosts.map((host) => host.name);
  const [first = '', ...others] = names;
  await said(`Adding ${names.join(', ')} and connecting over SSH`, () => story.addHosts(player, names));
  await said(`Initializing a swarm on ${first}`, () => story.initSwarm(player, first));
  for (const host of others) await said(`Joining ${host}`, () => story.joinSwarm(player, host));
  await said('Creating the overlay network my_net', () => story.createNetwork(player, 'my_net'));
  await workbench.clearNotifications();
  await said('Verifying it', () => story.verify(player, 'my_net'));
  await picture(workbench, 'matrix');
  const healthy = await said('Exporting the report', () => exportReport(window, 'json'));
  const report = JSON.parse(readFileSync(healthy, 'utf8')) as VerificationReport;

  await said('Blocking the data path at host2, verifying again', async () => {
    await lab.host('host2').fault.block({ protocol: 'udp', port: 4789, direction: 'in' });
    await runAgain(await openPanel(workbench, 'my_net'));
  });
  await picture(workbench, 'blocked');
  await lab.host('host2').fault.clear();
  await said('Removing the network', () => story.removeNetwork(player, 'my_net'));
  await said('Leaving the swarm', () => story.leaveSwarm(player, [...others].reverse().concat(first)));
  const left = await lab.leftovers();
  if (left.length > 0) throw new Error(`Left over on the hosts: ${left.join(', ')}`);
  console.log(`\n${toText(report)}`);
}

async function picture(workbench: story.Player['workbench'], name: string): Promise<void> {
  process.env['SHOTS_FOLDER'] = pictures;
  await workbench.shot(name);
}

/** Tells what is being done and how long it took. */
async function said<T>(words: string, work: () => Promise<T>): Promise<T> {
  const started = Date.now();
  const result = await work();
  console.log(`${words}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
