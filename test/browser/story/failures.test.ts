// What a person sees when it goes wrong, and that nothing is left behind. Runs inside the lab's workstation.
import { readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { labels } from '../../../src/model/engine/records';
import { Lab } from '../../lab/lab';
import { until } from '../driver';
import { saveEvidenceOfFailures } from '../driver/vitest';
import { openPanel } from './panel';
import { openStoryWindow, type StoryWindow } from './window';

const knownHosts = path.join(os.homedir(), '.ssh', 'known_hosts');
const timeout = 420_000;
const patient = { timeoutMs: 60_000 };

let lab: Lab;
let window: StoryWindow | undefined;
let keptKnownHosts: string;

beforeAll(async () => {
  lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  keptKnownHosts = readFileSync(knownHosts, 'utf8');
  await lab.resetSwarms();
});

afterEach(async () => {
  await window?.close();
  window = undefined;
  writeFileSync(knownHosts, keptKnownHosts);
});

afterAll(() => lab?.resetSwarms());

// Registered last, so that it runs first, while the window is still there.
saveEvidenceOfFailures(() => window?.workbench);

/** A window with hosts in its settings, the Overlay Networks view open. */
async function open(
  hosts: Record<string, string>,
  more: Record<string, unknown> = {},
): Promise<StoryWindow['workbench']> {
  const entries = Object.entries(hosts).map(([name, endpoint]) => ({ name, endpoint }));
  window = await openStoryWindow({ machineSettings: { 'dockerOverlay.hosts': entries, ...more } });
  await window.workbench.openActivity('Overlay Networks');
  return window.workbench;
}

describe('hosts that do not connect', { timeout }, () => {
  test('each says what is wrong in one line, the tooltip says what to do, and the others work', async () => {
    const workbench = await open({
      good: 'ssh://host1',
      nowhere: 'ssh://deploy@nowhere.invalid',
      closed: 'ssh://deploy@host2:2299',
      guest: 'ssh://guest@host3',
      'no-socket': 'unix:///nowhere/docker.sock',
      'no-context': 'context://missing',
      broken: 'ssh://u:secret-word@host1',
    });
    const view = workbench.view('Hosts');
    await view.item('good').waitForText(/20\.10/, patient);
    await view.item('nowhere').waitForText(/Address not found: nowhere\.invalid/, patient);
    await view.item('closed').waitForText(/Connection refused by .*2299/, patient);
    await view.item('guest').waitForText(/Permission denied on \/var\/run\/docker\.sock/, patient);
    await view.item('no-socket').waitForText(/No Docker socket at \/nowhere\/docker\.sock/, patient);
    await view.item('no-context').waitForText(/No Docker context "missing"/, patient);
    const wrong = await view.item('broken').wait();
    expect(await view.item('guest').tooltip()).toMatch(/group docker/);
    expect(`${wrong.label} ${wrong.description} ${await view.item('broken').tooltip()}`).not.toContain('secret-word');
    await view.item('guest').contextMenu('Copy Remedy Command');
    await until('the command in the clipboard', async () =>
      (await workbench.clipboard()).includes('usermod -aG docker guest'),
    );
  });

  test('unknown host keys are asked for once for all hosts, and remembered when trusted', async () => {
    writeFileSync(knownHosts, '');
    const workbench = await open({ host1: 'ssh://host1', host2: 'ssh://host2', host3: 'ssh://host3' });
    const dialog = await workbench.dialog(/3 hosts|host keys/i);
    const detail = await dialog.detail();
    for (const host of lab.hosts) expect(detail).toContain(host.hostKeyFingerprint());
    await dialog.press('Trust 3 Hosts');
    for (const host of lab.hosts)
      await workbench
        .view('Hosts')
        .item(host.name)
        .waitForText(/20\.10/, patient);
    expect(readFileSync(knownHosts, 'utf8').trim().split('\n')).toHaveLength(3);
  });

  test('an unknown host key that is declined connects nothing and remembers nothing', async () => {
    writeFileSync(knownHosts, '');
    const workbench = await open({ host1: 'ssh://host1' });
    await (await workbench.dialog()).cancel();
    await workbench
      .view('Hosts')
      .item('host1')
      .waitForText(/key|cancelled/i, patient);
    expect(readFileSync(knownHosts, 'utf8')).toBe('');
  });

  test('a changed host key is refused with both fingerprints and no button to go on', async () => {
    const [type, key] = lab.host('host2').publicHostKey('ed25519').split(' ');
    writeFileSync(knownHosts, `${lab.host('host1').address} ${type} ${key}\n`);
    const workbench = await open({ host1: 'ssh://host1' });
    await workbench
      .view('Hosts')
      .item('host1')
      .waitForText(/Host key has changed/, patient);
    const tooltip = await workbench.view('Hosts').item('host1').tooltip();
    expect(tooltip).toContain(lab.host('host1').hostKeyFingerprint());
    expect(tooltip).toContain(lab.host('host2').hostKeyFingerprint());
    expect(await workbench.view('Hosts').item('host1').contextMenuItems()).not.toContain('Trust');
  });
});

describe('a verification that is not left to end', { timeout }, () => {
  const settings = { 'dockerOverlay.verify.pings': 20 };
  const all = { host1: 'ssh://host1', host2: 'ssh://host2', host3: 'ssh://host3' };

  beforeAll(async () => {
    const [first, ...others] = lab.hosts;
    if (!first) throw new Error('The lab has no host.');
    await first.execOk(['docker', 'swarm', 'init', '--advertise-addr', first.address]);
    const token = (await first.execOk(['docker', 'swarm', 'join-token', '-q', 'worker'])).trim();
    for (const host of others)
      await host.execOk(['docker', 'swarm', 'join', '--token', token, `${first.address}:2377`]);
    await first.execOk(['docker', 'network', 'create', '-d', 'overlay', '--attachable', 'my_net']);
    // Dead pairs are tried again before they are believed: long enough to interrupt.
    await first.fault.block({ protocol: 'udp', port: 4789, direction: 'in' });
  });

  /** Starts one and waits until its containers are there. */
  async function start(): Promise<StoryWindow['workbench']> {
    const workbench = await open(all, settings);
    for (const host of lab.hosts)
      await workbench
        .view('Hosts')
        .item(host.name)
        .waitForText(/20\.10/, patient);
    await workbench.view('Networks').item('my_net').action('Verify Network');
    await until('its containers', async () => (await testContainers()).length === 3, patient);
    return workbench;
  }

  test('removes its containers when it is cancelled in the panel', async () => {
    const workbench = await start();
    const frame = await openPanel(workbench, 'my_net');
    await frame.getByRole('button', { name: 'Cancel' }).click();
    await noneLeft();
    await until('the panel to say so', async () => /cancelled/i.test(await frame.locator('.status').innerText()));
  });

  test('removes them when the panel is closed', async () => {
    const workbench = await start();
    await workbench.closeTab('Verify my_net');
    await noneLeft();
  });

  test('removes them when the window is reloaded', async () => {
    const workbench = await start();
    await workbench.reload();
    await noneLeft();
  });

  async function testContainers(): Promise<string[]> {
    const filter = ['--filter', `label=${labels.run}`, '--format', '{{.Names}}'];
    const lists = await Promise.all(lab.hosts.map((host) => host.execOk(['docker', 'ps', '-a', ...filter])));
    return lists.flatMap((list) => list.split('\n').filter(Boolean));
  }

  const noneLeft = () => until('no test container', async () => (await testContainers()).length === 0, patient);
});
