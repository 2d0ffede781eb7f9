// Commands about hosts by program, with complete arguments: nothing is asked, and what is found is answered.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CommandArguments } from '../../../src/contributions';
import type { OverlayApi } from '../../../src/ui/api';
import type { CommandResult } from '../../../src/ui/command/result';
import type { ConnectionTestResult } from '../../../src/ui/hosts/connectionTest/stages';
import type { Lab } from '../../lab/lab';
import { begin, execute, run } from './support';

const names = ['first', 'second'];

describe('the commands about hosts', function () {
  this.timeout(120_000);
  let api: OverlayApi;
  let lab: Lab;

  before(async function () {
    ({ lab, api } = await begin(this));
    await run('dockerOverlay.host.add', {
      endpoints: [
        { name: 'first', endpoint: 'ssh://deploy@host1' },
        { name: 'second', endpoint: 'ssh://deploy@host2' },
      ],
    });
  });

  after(async () => {
    if (!lab) return;
    await run('dockerOverlay.hosts.clearFilter', {});
    for (const terminal of vscode.window.terminals) terminal.dispose();
    await run('dockerOverlay.host.remove', { hosts: names, confirmed: true });
    await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
  });

  // The lab's ssh configuration has addresses: no name is resolved.
  it('test a good host: every stage passes and has a time', async () => {
    const { ok, stages } = await testOf({ host: 'first' });
    assert.equal(ok, true);
    const passed = stages.filter((one) => one.outcome === 'passed').map((one) => one.stage);
    assert.deepEqual(passed, ['configuration', 'tcp', 'hostKey', 'authentication', 'engine', 'engineVersion', 'swarm']);
    assert.ok(stages.every((one) => one.ms >= 0));
    assert.match(stages.find((one) => one.stage === 'engineVersion')?.detail ?? '', /^Docker \d+\./);
    assert.equal(api.topology.hosts.find((one) => one.config.name === 'first')?.state.kind, 'ready');
  });

  it('test an address that is not configured, and say which stage failed and what to do', async () => {
    const closed = await testOf({ endpoint: 'ssh://deploy@host1:2299' });
    assert.equal(closed.ok, false);
    assert.equal(failedStage(closed), 'tcp');
    assert.ok(closed.problem?.remedy);
    const guest = await testOf({ endpoint: 'ssh://guest@host1' });
    assert.equal(failedStage(guest), 'engine');
    assert.equal(guest.problem?.command, 'sudo usermod -aG docker guest');
    assert.equal(guest.stages.find((one) => one.stage === 'authentication')?.outcome, 'passed');
    assert.equal(guest.stages.find((one) => one.stage === 'swarm')?.outcome, 'notReached');
    const nowhere = await testOf({ endpoint: 'ssh://deploy@nowhere.invalid' });
    assert.equal(failedStage(nowhere), 'resolve');
    const bad = await execute('dockerOverlay.host.test', { endpoint: 'ssh://u:secret@host1' });
    assert.ok(!bad.ok && !JSON.stringify(bad).includes('secret'), JSON.stringify(bad));
  });

  it('put several hosts into a folder, keeping their links and what else is in their entries', async () => {
    await addProperty('first', 'note', 'mine');
    await run('dockerOverlay.host.setFolder', { hosts: names, folder: 'zone a' });
    assert.deepEqual(
      api.topology.hosts
        .filter((one) => names.includes(one.config.name))
        .map(({ config, state }) => [config.folder, state.kind]),
      [
        ['zone a', 'ready'],
        ['zone a', 'ready'],
      ],
    );
    await run('dockerOverlay.folder.rename', { folder: 'zone a', name: 'zone b' });
    assert.deepEqual(entryOf('first'), {
      name: 'first',
      endpoint: 'ssh://deploy@host1',
      note: 'mine',
      folder: 'zone b',
    });
    await run('dockerOverlay.host.setFolder', { hosts: names, folder: '' });
    assert.deepEqual(entryOf('first'), { name: 'first', endpoint: 'ssh://deploy@host1', note: 'mine' });
    assertFailed(await execute('dockerOverlay.folder.rename', { folder: 'none', name: 'x' }));
  });

  it('filter the view', async () => {
    assert.deepEqual(await run('dockerOverlay.hosts.filter', { text: '  first  @connected ' }), {
      text: 'first @connected',
    });
    await run('dockerOverlay.hosts.clearFilter', {});
  });

  it('open a shell on the host with the person’s ssh', async () => {
    const host = lab.host('host1');
    const file = `/tmp/opened-${process.pid}`;
    const opened = new Promise<vscode.Terminal>((resolve) => {
      const listening = vscode.window.onDidOpenTerminal((terminal) => {
        if (terminal.name !== 'first') return;
        listening.dispose();
        resolve(terminal);
      });
    });
    assert.equal(await run('dockerOverlay.host.openTerminal', { host: 'first' }), 'first');
    const terminal = await opened;
    const options = terminal.creationOptions as vscode.TerminalOptions;
    assert.deepEqual(options.shellArgs, ['-l', 'deploy', '--', 'host1']);
    await until(async () => {
      // What is typed before the login is done is lost.
      terminal.sendText(`whoami > ${file}`);
      return (await host.exec(['cat', file])).stdout.trim() === 'deploy';
    });
  });

  async function testOf(args: CommandArguments['dockerOverlay.host.test']): Promise<ConnectionTestResult> {
    return (await run('dockerOverlay.host.test', args)) as ConnectionTestResult;
  }
});

const failedStage = ({ stages }: ConnectionTestResult) => stages.find((one) => one.outcome === 'failed')?.stage;

const settings = () => vscode.workspace.getConfiguration('dockerOverlay');
const entries = () => settings().inspect<{ name: string }[]>('hosts')?.globalValue ?? [];
const entryOf = (name: string) => entries().find((entry) => entry.name === name);

async function addProperty(name: string, key: string, value: string): Promise<void> {
  const changed = entries().map((entry) => (entry.name === name ? { ...entry, [key]: value } : entry));
  await settings().update('hosts', changed, vscode.ConfigurationTarget.Global);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 60; tries += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assert.fail('it did not become true within 30 s');
}

/** Runs a command that must succeed; answers its value. */
function assertFailed(result: CommandResult): void {
  assert.ok(!result.ok, 'it did not fail');
}
