// Overlay networks through the UI: created with what stands against them, proven, used by test containers, and removed.
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { helperImageArchive, loadHelperImage, removeHelperImage } from '../../lab/image';
import { Lab } from '../../lab/lab';
import { until, type Workbench } from '../driver';
import { saveEvidenceOfFailures } from '../driver/vitest';
import { chain } from './chain';
import { openPanel, pairsOf, waitForEnd } from './panel';
import * as story from './steps';
import { openStoryWindow, type StoryWindow } from './window';

const patient = { timeoutMs: 90_000 };
const all = ['host1', 'host2', 'host3'];
const themes = ['dark', 'light', 'hcDark'] as const;

let window: StoryWindow;
let workbench: Workbench;
let lab: Lab;

beforeAll(async () => {
  lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  await lab.resetSwarms();
  await formByHand();
  await loadHelperImage(lab.host('host1').socketPath, await helperImageArchive());
  const hosts = all.map((name) => ({ name, endpoint: `ssh://${name}` }));
  window = await openStoryWindow({
    machineSettings: { 'dockerOverlay.hosts': hosts, 'dockerOverlay.verify.helperImage': 'overlay-helper:lab' },
  });
  workbench = window.workbench;
  await workbench.openActivity('Overlay Networks');
  await workbench
    .view('Swarm')
    .item(/./, 'host3')
    .waitForText(/active · ready/, patient);
});

afterAll(async () => {
  await window?.close();
  for (const name of all) await removeHelperImage(lab.host(name).socketPath);
  await lab?.resetSwarms();
});

saveEvidenceOfFailures(() => workbench);

const networks = () => workbench.view('Networks');
const docker = (host: string, ...words: string[]) => lab.host(host).execOk(['docker', ...words]);

/** The story of a swarm is told elsewhere. */
async function formByHand(): Promise<void> {
  await docker('host1', 'swarm', 'init', '--advertise-addr', lab.host('host1').address);
  const token = (await docker('host1', 'swarm', 'join-token', '-q', 'worker')).trim();
  for (const name of all.slice(1))
    await docker(name, 'swarm', 'join', '--token', token, `${lab.host('host1').address}:2377`);
}

async function inThemes(name: string): Promise<void> {
  for (const theme of themes) {
    await workbench.setTheme(theme);
    await workbench.shot(`${name}-${theme}`);
  }
  await workbench.setTheme('dark');
}

const containersOn = async (host: string) =>
  (await docker(host, 'ps', '-a', '--format', '{{.Names}}')).split('\n').filter(Boolean);

/** The steps build on each other: after the first that fails the others say nothing, so they are not run. */
describe.sequential('overlay networks', { timeout: 480_000 }, () => {
  const step = chain();

  step('before an encrypted network is made, each host whose kernel cannot encrypt is named', async () => {
    await workbench.runCommand('Docker Overlay: Create Overlay Network…');
    const box = await workbench.inputBox({ title: /Create Overlay Network/ });
    await box.type('my_sec');
    await box.accept();
    const toggles = await workbench.quickPick({ title: /Create my_sec/ });
    await until(
      'the line of encryption to name the hosts',
      async () => {
        const row = (await toggles.items()).find(({ label }) => label.includes('Encrypted'));
        return all.every((name) => JSON.stringify(row).includes(name));
      },
      patient,
    );
    await workbench.shot('network-form-toggles');
    await toggles.tick('Encrypted');
    await toggles.accept();
    const preview = await workbench.quickPick({ title: /^Create the network my_sec/ });
    const lines = (await preview.items()).map(({ label }) => label).join('\n');
    for (const name of all) expect(lines).toMatch(new RegExp(`${name}.*ESP|ESP.*${name}`));
    expect(lines).toContain('docker network create');
    await workbench.shot('network-form-preview');
    await preview.accept();
    await networks().item(/./, 'my_sec').wait(undefined, patient);
  });

  step('made nevertheless, its matrix is red and the missing ESP of the kernels is the cause', async () => {
    await networks().item(/./, 'my_sec').action('Verify Network');
    const frame = await openPanel(workbench, 'my_sec');
    const matrix = await waitForEnd(frame);
    expect(pairsOf(matrix, 'dead')).toHaveLength(6);
    expect(await frame.locator('.findings').innerText()).toMatch(/kernel cannot encrypt/);
    await inThemes('network-without-esp');
    await workbench.closeTab('Verify my_sec');
  });

  step('the proof and the twin test say so, too', async () => {
    await workbench.clearNotifications();
    await networks()
      .item(/./, 'my_sec')
      .contextMenu(/^Prove Encryption/);
    await workbench.notification(/^my_sec: /).wait(() => true, { timeoutMs: 180_000 });
    await workbench.notification(/^my_sec: /).press('Show Details');
    await workbench.openTab(/Encryption of my_sec/, patient);
    await inThemes('network-proof');
    await workbench.closeTab(/Encryption of my_sec/);
    await workbench.clearNotifications();
    await networks()
      .item(/./, 'my_sec')
      .contextMenu(/^Compare with Unencrypted Twin/);
    const toast = await workbench.notification(/ESP/).wait(() => true, { timeoutMs: 180_000 });
    expect(toast.message).toMatch(/ESP/);
    await workbench.notification(/ESP/).press('Show Details');
    await workbench.openTab(/^Preview Encryption in|Encryption in/, patient);
    await inThemes('network-twin');
    await workbench.closeTab(/Encryption in/);
    for (const name of all) expect(await containersOn(name)).toEqual([]);
  });

  step('unused networks are pruned, those ticked and no others', async () => {
    await story.createNetwork({ workbench, lab }, 'my_net');
    await workbench.clearNotifications();
    await workbench.runCommand('Docker Overlay: Prune Unused Networks…');
    const pick = await workbench.quickPick({ title: /^Prune Unused Networks/ });
    await pick.waitForItem('my_sec');
    await pick.waitForItem('my_net');
    await pick.tick('my_sec');
    await workbench.shot('network-prune');
    await pick.accept();
    await networks().item(/./, 'my_sec').waitGone(patient);
    expect(await networks().item(/./, 'my_net').exists()).toBe(true);
  });

  step('test containers are started on all hosts, and found in the trees', async () => {
    await networks()
      .item(/./, 'my_net')
      .contextMenu(/^Start Test Containers/);
    const hosts = await workbench.quickPick({ title: /^Start Test Containers in my_net/ });
    await hosts.accept();
    const names = await workbench.quickPick({ title: /^Names of the Test Containers/ });
    expect((await names.items()).map(({ label }) => label)).toEqual(
      expect.arrayContaining(['alpine1', 'alpine2', 'alpine3']),
    );
    await names.accept();
    const preview = await workbench.quickPick();
    await workbench.shot('test-containers-preview');
    await preview.accept();
    await workbench.notification(/^3 test containers in my_net/).wait(() => true, patient);
    for (const name of ['host1', 'host2']) {
      await workbench.view('Hosts').item(name).expand();
      await workbench
        .view('Hosts')
        .item(name, /Test containers/)
        .wait(undefined, patient);
      await workbench
        .view('Hosts')
        .item(name, /Test containers/)
        .expand();
    }
    await workbench
      .view('Hosts')
      .item('host2', /Test containers/, 'alpine2')
      .wait(undefined, patient);
    await networks().item(/./, 'my_net').expand();
    await networks()
      .item(/./, 'my_net', 'host3')
      .waitForText(/alpine3/, patient);
    await inThemes('test-containers-trees');
  });

  step('one that has stopped has no address to copy', async () => {
    const tests = (name: string) => workbench.view('Hosts').item('host2', /Test containers/, name);
    expect(await tests('alpine2').contextMenuItems()).toContain('Copy Address');
    await docker('host2', 'stop', '-t', '0', 'alpine2');
    await tests('alpine2').waitForText(/Exited/, patient);
    expect(await tests('alpine2').contextMenuItems()).not.toContain('Copy Address');
    await docker('host2', 'start', 'alpine2');
    await tests('alpine2').waitForText(/Up/, patient);
  });

  step('a shell in one of them is a terminal that takes keys', async () => {
    await workbench.clearNotifications();
    await workbench
      .view('Hosts')
      .item('host1', /Test containers/, 'alpine1')
      .action('Open Shell in Test Container');
    await workbench.page.locator('.terminal-wrapper .xterm').waitFor({ timeout: 60_000 });
    await workbench.page.locator('.terminal-wrapper .xterm').click();
    await until(
      'the shell to have run what was typed',
      async () => {
        await workbench.page.keyboard.type('ping -c 1 alpine2 && echo grüße > /tmp/seen\n');
        const seen = await lab.host('host1').exec(['docker', 'exec', 'alpine1', 'cat', '/tmp/seen']);
        return seen.stdout.trim() === 'grüße';
      },
      patient,
    );
    await inThemes('test-containers-shell');
    await workbench.page.keyboard.type('exit\n');
  });

  step('a container of somebody else is connected under a further name, and disconnected again', async () => {
    await docker('host2', 'run', '-d', '--name', 'web', 'alpine:latest', 'sleep', '600');
    await workbench.clearNotifications();
    await until('the container to be known', async () => {
      await workbench.runCommand('Docker Overlay: Refresh');
      return (await docker('host2', 'ps', '-q')).length > 0;
    });
    await networks()
      .item(/./, 'my_net')
      .contextMenu(/^Connect Containers/);
    const pick = await workbench.quickPick({ title: /^Connect to my_net/ });
    await pick.waitForItem('web');
    await pick.tick('web');
    await pick.accept();
    const aliases = await workbench.inputBox();
    await aliases.type('shop');
    await aliases.accept();
    const address = await workbench.inputBox();
    await address.type('10.99.0.1');
    expect(await address.waitForValidation(/./)).not.toBe('');
    await workbench.shot('network-connect-address');
    await address.type('');
    await address.accept();
    await networks().item(/./, 'my_net', 'host2').expand();
    await networks().item(/./, 'my_net', 'host2', 'web').wait(undefined, patient);
    const ping = await lab.host('host1').exec(['docker', 'exec', 'alpine1', 'ping', '-c', '1', 'shop']);
    expect(ping.stdout).toContain('1 packets received');
    await networks()
      .item(/./, 'my_net', 'host2', 'web')
      .contextMenu(/^Disconnect Containers/);
    await (await workbench.dialog(/Disconnect/)).press('Disconnect 1 Container');
    await networks().item(/./, 'my_net', 'host2', 'web').waitGone(patient);
    expect(await containersOn('host2')).toContain('web');
  });

  step('networks of other drivers are shown when wanted', async () => {
    await networks().titleButton('Show Networks of Other Drivers');
    await networks()
      .item('Other drivers', /^bridge/)
      .wait(undefined, patient);
    await inThemes('network-other-drivers');
    await networks().titleButton('Hide Networks of Other Drivers');
    await networks().item('Other drivers').waitGone(patient);
  });

  step('the network is removed with what hangs on it: disconnected, and still running', async () => {
    await networks()
      .item(/./, 'my_net')
      .contextMenu(/^Remove Networks/);
    const dialog = await workbench.dialog(/Remove my_net/);
    expect(await dialog.detail()).toMatch(/alpine1/);
    await workbench.shot('network-remove-with-endpoints');
    await dialog.press('Disconnect 3 Containers and Remove');
    await networks().item(/./, 'my_net').waitGone(patient);
    expect(await containersOn('host1')).toContain('alpine1');
  });

  step('the test containers are removed, and nothing else', async () => {
    await workbench.runCommand('Docker Overlay: Remove Test Containers…');
    const pick = await workbench.quickPick({ title: /^Remove Test Containers/ });
    await pick.tick('alpine1', 'alpine2', 'alpine3');
    await pick.accept();
    const dialog = await workbench.dialog(/Remove 3 test containers/);
    await dialog.press('Remove 3 Test Containers');
    await until(
      'the test containers to be gone',
      async () => {
        const left = await Promise.all(all.map(containersOn));
        return JSON.stringify(left) === JSON.stringify([[], ['web'], []]);
      },
      patient,
    );
  });
});
