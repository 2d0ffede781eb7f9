// The driver against a real VS Code and a small extension that shows one of each thing (fixture-extension).
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startVsCodeServer, type VsCodeServer } from '../../vscode/server';
import { Workbench, type ThemeKind } from './index';
import { saveEvidenceOfFailures } from './vitest';

let server: VsCodeServer;
let workbench: Workbench;

beforeAll(async () => {
  server = await startVsCodeServer({
    extensionFolders: [path.join(__dirname, 'fixture-extension')],
    settings: { 'fixture.machine': 'user', 'fixture.window': 'user' },
    machineSettings: { 'fixture.machine': 'machine' },
  });
  workbench = await Workbench.open(server.url, { server });
  await workbench.openActivity('Fixture');
}, 300_000);

afterAll(async () => {
  await workbench?.close();
  await server?.stop();
}, 30_000);

saveEvidenceOfFailures(() => workbench);

describe('the driver in a real VS Code', { timeout: 300_000 }, () => {
  test('reads machine-scoped settings from the machine settings only', async () => {
    const line = /machine=machine window=user/;
    await expect.poll(() => workbench.consoleLines.join('\n'), { timeout: 20_000 }).toMatch(line);
  });

  test('goes from the welcome button through a quick pick with ticks to a tree', async () => {
    const hosts = workbench.view('Hosts');
    await hosts.waitForWelcome(/Add the servers/);
    await hosts.welcomeButton('Add Hosts');
    const pick = await workbench.quickPick({ title: 'Add Hosts', placeholder: 'Tick the hosts to add' });
    const items = await pick.items();
    expect(items).toHaveLength(41);
    expect(items[0]).toMatchObject({ label: 'node1', description: '10.0.0.1', separator: 'SSH config', ticked: false });
    expect(items[40]).toMatchObject({ label: 'prod', detail: 'tcp+TLS', separator: 'Docker contexts' });
    await pick.tick('node2', 'node39', 'prod');
    await pick.untick('prod');
    await pick.waitForTitle('Add Hosts: 2 ticked');
    expect(await pick.ticked()).toEqual(['node2', 'node39']);
    await pick.accept();
    await hosts.item('node39').wait();
    expect((await hosts.items()).map((item) => item.label)).toEqual(['node2', 'node39']);
  });

  test('finds, unfolds and uses items of a long tree', async () => {
    await workbench.runCommand('Fixture: Fill');
    const hosts = workbench.view('Hosts');
    const host = hosts.item('host110');
    await host.wait((row) => row.description === 'manager');
    expect(await hosts.items()).toHaveLength(120);
    await host.expand();
    await hosts.item('host110', 'host110 network').wait((row) => row.level === 2);
    await host.collapse();
    await hosts.item('host110 network').waitGone();
    expect(await hosts.item('host2').tooltip()).toBe('Host host2');
    expect((await hosts.item('host2').wait()).icon).toBe('codicon-server');
    await hosts.item('host3').action('Verify');
    await workbench.notification('Verified host3').dismiss();
    expect(await hosts.item('host4').contextMenuItems()).toEqual(['Verify', '-', 'Remove…']);
    expect(await hosts.titleButtons()).toContain('Add Hosts');
    await hosts.titleButton('Add Hosts');
    await (await workbench.quickPick({ title: 'Add Hosts' })).cancel();
  });

  test('answers a modal dialog', async () => {
    const item = workbench.view('Hosts').item('host5');
    await item.contextMenu('Remove…');
    const dialog = await workbench.dialog('Remove host5?');
    expect(await dialog.detail()).toBe('Its containers lose their connection.');
    expect(await dialog.buttons()).toEqual(expect.arrayContaining(['Remove 1 host', 'Cancel']));
    await dialog.press('Remove 1 host');
    await item.waitGone();
  });

  test('fills an input box with validation', async () => {
    await workbench.runCommand('Fixture: Ask Name');
    const box = await workbench.inputBox({ title: 'Name', prompt: /Name of the network/ });
    await box.type('A B');
    expect(await box.waitForValidation()).toBe('Only small letters');
    await box.type('lab');
    await box.accept();
    await workbench.statusItem('lab');
  });

  test('reads notifications and presses their buttons', async () => {
    await workbench.runCommand('Fixture: Notify');
    const created = workbench.notification('my_net created on 3 hosts.');
    expect(await created.wait()).toMatchObject({
      severity: 'warning',
      source: 'Driver Fixture',
      buttons: ['Verify', 'Show log'],
    });
    await created.press('Verify');
    await workbench.statusItem('Verify pressed');
    await workbench.runCommand('Fixture: Long Work');
    const progress = workbench.notification(/^Forming swarm/);
    const { message } = await progress.wait((text) => text.busy);
    expect(message).toBe('Forming swarm: 7 of 12 joined');
    await progress.press('Cancel');
    await progress.waitGone();
  });

  test('uses the page inside a webview, in each kind of theme', async () => {
    await workbench.runCommand('Fixture: Open Panel');
    const panel = await workbench.webview('Fixture Matrix');
    await panel.getByRole('button', { name: 'Run' }).click();
    await panel.getByText('answer 42').waitFor();
    for (const theme of ['light', 'hcDark', 'hcLight', 'dark'] satisfies ThemeKind[]) {
      await workbench.setTheme(theme);
      await panel.locator(`body[data-vscode-theme-kind]`).waitFor();
      await workbench.shot(`driver-${theme}`);
    }
    await workbench.closeTab('Fixture Matrix');
  });
});
