// Many hosts and hosts in trouble: testing a connection, folders, filter, contexts. Runs inside the lab's workstation.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Lab } from '../../lab/lab';
import { until, type Workbench } from '../driver';
import { saveEvidenceOfFailures } from '../driver/vitest';
import { openStoryWindow, type StoryWindow } from './window';

const contexts = path.join(os.homedir(), '.docker', 'contexts');
const timeout = 420_000;
const patient = { timeoutMs: 60_000 };
type Entry = { name: string; endpoint: string; folder?: string };

let lab: Lab;
let window: StoryWindow | undefined;

beforeAll(async () => {
  lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  await lab.resetSwarms();
});

afterEach(async () => {
  await window?.close();
  window = undefined;
  rmSync(contexts, { recursive: true, force: true });
});

afterAll(() => lab?.resetSwarms());

// Registered last, so that it runs first, while the window is still there.
saveEvidenceOfFailures(() => window?.workbench);

async function open(entries: readonly Entry[]): Promise<Workbench> {
  window = await openStoryWindow({ machineSettings: { 'dockerOverlay.hosts': entries } });
  await window.workbench.openActivity('Overlay Networks');
  return window.workbench;
}

function putContext(name: string, meta: object): void {
  const folder = path.join(contexts, 'meta', createHash('sha256').update(name).digest('hex'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'meta.json'), JSON.stringify({ Name: name, Metadata: {}, ...meta }));
}

const withHost = (host: string) => ({ Endpoints: { docker: { Host: host, SkipTLSVerify: false } } });

const good = { name: 'good', endpoint: 'ssh://host1' };
const closed = { name: 'closed', endpoint: 'ssh://deploy@host2:2299' };
const guest = { name: 'guest', endpoint: 'ssh://guest@host3' };

describe('Test Connection', { timeout }, () => {
  test('from the context menu shows the stage that failed, what to do, and a command to copy', async () => {
    const workbench = await open([good, closed, guest]);
    const view = workbench.view('Hosts');
    await view.item('guest').waitForText(/Permission denied/, patient);
    await workbench.clearNotifications();
    await view.item('guest').contextMenu('Test Connection');
    const refused = await workbench.quickPick({ title: /guest: failed at Docker socket/, ...patient });
    const lines = await refused.items();
    const line = (label: string) => lines.find((item) => item.label === label)?.description ?? '(none)';
    expect(line('Authentication')).not.toMatch(/not reached|skipped/);
    expect(line('Docker socket')).toMatch(/Permission denied on \/var\/run\/docker\.sock/);
    expect(line('Engine version, Swarm state')).toBe('not reached');
    expect(lines.map((item) => item.label).join(' ')).toMatch(/may log in but may not use Docker.*group docker/);
    await workbench.shot('test-connection-failed');
    // The remedy's command is what Enter does.
    await refused.accept();
    await until('the command in the clipboard', async () =>
      (await workbench.clipboard()).includes('usermod -aG docker guest'),
    );
    await view.item('closed').contextMenu('Test Connection');
    const noPort = await workbench.quickPick({ title: /closed: failed at TCP connection/, ...patient });
    expect((await noPort.waitForItem('TCP connection')).description).toMatch(/Connection refused by .*2299/);
    await noPort.cancel();
  });

  test('of a good host shows every stage, and leaves its link alone', async () => {
    const workbench = await open([good]);
    const view = workbench.view('Hosts');
    await view.item('good').waitForText(/20\.10/, patient);
    await view.item('good').contextMenu('Test Connection');
    const pick = await workbench.quickPick({ title: /good: connection works/, ...patient });
    expect((await pick.waitForItem('Engine version')).description).toMatch(/Docker 20\.10/);
    expect((await pick.waitForItem('Swarm state')).description).toMatch(/in no swarm/);
    expect((await pick.waitForItem('Host key')).description).toContain('SHA256:');
    await workbench.shot('test-connection-works');
    await pick.button('Copy Result');
    await until('the result in the clipboard', async () => /\[ok\]\s+Host key/.test(await workbench.clipboard()));
    await view.item('good').waitForText(/20\.10/);
  });

  test('is offered before a host is added or saved, and leads back', async () => {
    const workbench = await open([good]);
    await workbench.runCommand('Docker Overlay: Add Hosts…');
    const pick = await workbench.quickPick({ title: 'Add Hosts' });
    await pick.waitForItem('host2');
    await pick.tick('host3');
    await pick.itemButton('host2', 'Test Connection');
    const result = await workbench.quickPick({ title: /host2: connection works/, ...patient });
    await result.select('Back to Add Hosts');
    const again = await workbench.quickPick({ title: 'Add Hosts' });
    await again.waitForItem('host3');
    expect(await again.ticked()).toEqual(['host3']);
    await again.cancel();

    await workbench.view('Hosts').item('good').contextMenu('Edit Host…');
    const name = await workbench.inputBox({ title: /Edit good/, prompt: /Name/ });
    await name.type('renamed');
    await name.accept();
    const endpoint = await workbench.inputBox({ prompt: /Where its Docker listens/ });
    await endpoint.type('ssh://u:pw@host1');
    await endpoint.accept();
    expect(await endpoint.waitForValidation()).not.toContain('pw@');
    await endpoint.type('ssh://host2');
    await endpoint.accept();
    const folder = await workbench.quickPick({ placeholder: /Folder/ });
    await folder.type('zone a');
    await folder.waitForItem('New folder "zone a"');
    await folder.accept();
    const way = await workbench.quickPick({ placeholder: /way to Docker/ });
    await way.select('Automatic');
    const last = await workbench.quickPick({ placeholder: /Save/ });
    await last.select('Test Connection');
    const edited = await workbench.quickPick({ title: /renamed: connection works/, ...patient });
    await edited.select(/^Back to Edit/);
    const save = await workbench.quickPick({ placeholder: /Save/ });
    await save.back();
    await (await workbench.quickPick({ placeholder: /way to Docker/ })).back();
    await workbench.quickPick({ placeholder: /Folder/ });
    await (await workbench.quickPick({ placeholder: /Folder/ })).back();
    const kept = await workbench.inputBox({ prompt: /Where its Docker listens/ });
    expect(await kept.value()).toBe('ssh://host2');
    await kept.accept();
    const folderAgain = await workbench.quickPick({ placeholder: /Folder/ });
    await folderAgain.select('zone a');
    await (await workbench.quickPick({ placeholder: /way to Docker/ })).accept();
    await (await workbench.quickPick({ placeholder: /Save/ })).select('Save');
    await workbench
      .view('Hosts')
      .item('zone a', 'renamed')
      .waitForText(/20\.10/, patient);
  });
});

describe('many hosts', { timeout }, () => {
  const entries: Entry[] = [
    { ...good, folder: 'zone a' },
    { name: 'also-good', endpoint: 'ssh://host2', folder: 'zone a' },
    { ...closed, folder: 'zone b' },
    { ...guest },
  ];

  test('are grouped by folder, moved, renamed and connected together', async () => {
    const workbench = await open(entries);
    const view = workbench.view('Hosts');
    await view.item('zone a').waitForText(/2 of 2 connected/, patient);
    await view.item('zone b').waitForText(/0 of 1 connected/, patient);
    await view.item('guest').waitForText(/Permission denied/, patient);
    await workbench.clearNotifications();
    await workbench.shot('hosts-folders');
    await view.item('guest').contextMenu('Move to Folder…');
    await (await workbench.quickPick({ title: /Move guest/ })).select('zone b');
    await view.item('zone b').waitForText(/0 of 2 connected/);
    await view.item('zone b').contextMenu('Rename Folder…');
    const box = await workbench.inputBox({ title: /Rename zone b/ });
    await box.type('zone c');
    await box.accept();
    await view.item('zone c', 'guest').wait();
    await view.item('zone a').contextMenu('Disconnect');
    await view.item('zone a').waitForText(/0 of 2 connected/);
    await view.item('zone a').contextMenu('Connect');
    await view.item('zone a').waitForText(/2 of 2 connected/, patient);
  });

  test('are filtered while one types, by problem, and shown again', async () => {
    const workbench = await open(entries);
    const view = workbench.view('Hosts');
    await view.item('zone a').waitForText(/2 of 2 connected/, patient);
    await view.item('guest').waitForText(/Permission denied/, patient);
    await workbench.clearNotifications();
    await view.titleButton('Filter Hosts…');
    const pick = await workbench.quickPick({ title: 'Filter Hosts' });
    await pick.type('good');
    await view.item('guest').waitGone();
    await view.item('also-good').wait();
    await pick.accept();
    expect((await view.message()).message).toBe('Showing 2 of 4 · filter: good');
    await workbench.shot('hosts-filter');
    await view.titleButton('Clear Filter of Hosts');
    await view.item('guest').wait();
    await view.titleButton('Filter Hosts…');
    await (await workbench.quickPick({ title: 'Filter Hosts' })).select('Only problems');
    await view.item('zone a').waitGone();
    expect((await view.message()).message).toBe('Showing 2 of 4 · filter: @problems');
  });
});

describe('Docker contexts', { timeout }, () => {
  test('that are broken are offered with what is wrong, and the pick follows the store', async () => {
    putContext('prod', withHost('ssh://host1'));
    putContext('plain', withHost('tcp://10.0.0.9:2375'));
    putContext('old', { Endpoints: {} });
    const workbench = await open([good]);
    await workbench.runCommand('Docker Overlay: Add Hosts…');
    const pick = await workbench.quickPick({ title: 'Add Hosts' });
    expect((await pick.waitForItem('old')).description).toMatch(/^broken: it has no Docker endpoint/);
    expect((await pick.waitForItem('plain')).description).toMatch(/not encrypted/);
    await pick.tick('prod');
    putContext('later', withHost('ssh://host2'));
    await pick.waitForItem('later');
    expect(await pick.ticked()).toEqual(['prod']);
    await workbench.shot('add-hosts-contexts');
    await pick.tick('old');
    await pick.accept();
    await workbench.notification(/^The Docker context .*cannot be used.*docker context update/).wait();
    expect(await pick.ticked()).toEqual(['prod']);
    await pick.accept();
    await workbench
      .view('Hosts')
      .item('prod')
      .waitForText(/20\.10/, patient);
  });

  test('that appear or change connect their hosts', async () => {
    const workbench = await open([{ name: 'far', endpoint: 'context://prod' }]);
    const item = workbench.view('Hosts').item('far');
    await item.waitForText(/No Docker context "prod"/, patient);
    putContext('prod', withHost('ssh://guest@host1'));
    await item.waitForText(/Permission denied/, patient);
    putContext('prod', withHost('ssh://host1'));
    await item.waitForText(/20\.10/, patient);
  });
});

describe('a link that is not protected', { timeout }, () => {
  let plain: net.Server;

  beforeAll(async () => {
    // The engine of host1 on plain TCP, at an address that is not this machine's loopback.
    plain = net.createServer((socket) => {
      const child = spawn('ssh', ['host1', 'docker', 'system', 'dial-stdio'], { stdio: ['pipe', 'pipe', 'ignore'] });
      socket.pipe(child.stdin);
      child.stdout.pipe(socket);
      const end = () => (socket.destroy(), child.kill());
      for (const stream of [socket, child.stdin, child.stdout]) stream.on('error', end).on('close', end);
    });
    await new Promise<void>((resolve) => plain.listen(2375, lab.workstation.address, resolve));
  });
  afterAll(() => plain.close());

  test('is asked for before anything is sent, and shown as what it is in every theme', async () => {
    const address = `${lab.workstation.address}:2375`;
    const workbench = await open([
      { name: 'plain', endpoint: `tcp://${address}`, folder: 'zone a' },
      { ...good, folder: 'zone a' },
      closed,
    ]);
    const dialog = await workbench.dialog(/without protection/, patient);
    expect(await dialog.detail()).toContain(address);
    await dialog.press('Connect Anyway');
    const item = workbench.view('Hosts').item('plain');
    await item.waitForText(/not encrypted · .*20\.10/, patient);
    expect(await item.tooltip()).toMatch(/Not protected/);
    await workbench
      .view('Hosts')
      .item('closed')
      .waitForText(/refused/, patient);
    await item.contextMenu('Open Terminal on Host');
    await workbench.notification(/A terminal cannot be opened on plain/).wait();
    for (const theme of ['light', 'dark', 'hcDark', 'hcLight'] as const) {
      await workbench.setTheme(theme);
      await workbench.clearNotifications();
      await workbench.view('Hosts').item('closed').contextMenu('Test Connection');
      const pick = await workbench.quickPick({ title: /closed: failed/, ...patient });
      await workbench.shot(`hosts-${theme}`);
      await pick.cancel();
    }
  });
});
