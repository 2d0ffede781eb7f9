// Commands that care for a swarm, by program: secrets go where they belong, and what would harm the swarm is refused.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Cluster } from '../../../src/model/swarm/topology';
import type { OverlayApi } from '../../../src/ui/api';
import type { CommandResult } from '../../../src/ui/command/result';
import type { Lab } from '../../lab/lab';
import { begin, execute, run } from './support';

const secret = /SWMTKN-|SWMKEY-/;

describe('the commands that care for a swarm', function () {
  this.timeout(150_000);
  let api: OverlayApi;
  let lab: Lab;

  before(async function () {
    ({ lab, api } = await begin(this));
    await lab.resetSwarms();
    await removeHosts();
    await run('dockerOverlay.host.add', {
      endpoints: ['host1', 'host2'].map((host) => ({ name: host, endpoint: `ssh://${host}` })),
    });
    await run('dockerOverlay.swarm.form', {
      hosts: ['host1'],
      managers: ['host1'],
      addresses: { host1: { advertise: lab.host('host1').address } },
      addressPools: ['10.30.0.0/16'],
      subnetSize: 25,
      confirmed: true,
    });
  });

  after(async () => {
    if (!lab) return;
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.env.clipboard.writeText('');
    await removeHosts();
    await lab.resetSwarms();
  });

  it('copy a join command that works into the clipboard, and not into the result', async () => {
    const answer = await run('dockerOverlay.swarm.copyJoinCommand', { clusterId: cluster().id, role: 'worker' });
    assert.deepEqual(answer, { role: 'worker', address: `${lab.host('host1').address}:2377` });
    const command = await vscode.env.clipboard.readText();
    assert.match(command, /^docker swarm join --token SWMTKN-\S+ \S+:2377$/);
    await lab.host('host2').execOk(command.split(' '));
    await until('host2 in the swarm', () => memberOf('host2').node.state === 'ready');
  });

  it('rotate the join tokens: the command copied afterwards has another one', async () => {
    const tokens = async () => {
      await run('dockerOverlay.swarm.copyJoinCommand', { clusterId: cluster().id, role: 'manager' });
      return vscode.env.clipboard.readText();
    };
    const before = await tokens();
    const outcome = await run('dockerOverlay.swarm.rotateJoinTokens', {
      clusterId: cluster().id,
      manager: true,
      confirmed: true,
    });
    assert.doesNotMatch(JSON.stringify(outcome), secret);
    assert.notEqual(await tokens(), before);
  });

  it('inspect the swarm without its secrets', async () => {
    const value = (await run('dockerOverlay.swarm.inspect', { clusterId: cluster().id })) as {
      addressPools: string[];
      subnetSize: number;
    };
    assert.deepEqual([value.addressPools, value.subnetSize], [['10.30.0.0/16'], 25]);
    assert.doesNotMatch(JSON.stringify(value), secret);
    assert.doesNotMatch(vscode.window.activeTextEditor?.document.getText() ?? '', secret);
  });

  it('set, change and remove labels, keeping role and availability', async () => {
    const nodeId = nodeIdOf('host2');
    const target = { clusterId: cluster().id, nodeId };
    await run('dockerOverlay.node.editLabels', { ...target, labels: { zone: 'b', disk: 'ssd' } });
    await run('dockerOverlay.node.editLabels', { ...target, labels: { zone: 'c' } });
    const { node } = memberOf('host2');
    assert.deepEqual([{ ...node.labels }, node.role, node.availability], [{ zone: 'c' }, 'worker', 'active']);
  });

  it('plan managers: with the nodes there are nothing changes; too few are refused', async () => {
    const own = { clusterId: cluster().id, confirmed: true };
    const nothing = await run('dockerOverlay.swarm.planManagers', { ...own, nodeIds: [nodeIdOf('host1')] });
    assert.deepEqual(nothing, { outcome: 'done', steps: [] });
    const none = await execute('dockerOverlay.swarm.planManagers', { ...own, nodeIds: [] });
    assertFailed(none, 'invalidArguments');
    const unknown = await execute('dockerOverlay.swarm.planManagers', { ...own, nodeIds: ['nobody'] });
    assertFailed(unknown, 'invalidArguments');
  });

  it('recover is refused while the majority is there, before anything is done', async () => {
    const refused = await execute('dockerOverlay.swarm.recover', { host: 'host1', rejoin: [], confirmed: true });
    assertFailed(refused, 'quorumNotLost');
    assert.equal(cluster().nodes.length, 2);
  });

  it('turn autolock on, keep the key, and unlock the manager with it after a restart', async () => {
    await run('dockerOverlay.swarm.setAutolock', { clusterId: cluster().id, on: true });
    await vscode.env.clipboard.writeText('');
    const shown = await run('dockerOverlay.swarm.showUnlockKey', { clusterId: cluster().id, copy: true });
    assert.deepEqual(shown, { from: 'secretStorage' });
    assert.match(await vscode.env.clipboard.readText(), /^SWMKEY-1-/);
    await lab.host('host1').fault.restart('dockerd');
    await until('host1 locked', () => swarmStateOf('host1') === 'locked');
    const outcome = await run('dockerOverlay.swarm.unlock', { hosts: ['host1'] });
    assert.doesNotMatch(JSON.stringify(outcome), secret);
    await until('host1 active', () => swarmStateOf('host1') === 'active' && cluster().managerHosts.length === 1);
    await run('dockerOverlay.swarm.setAutolock', { clusterId: cluster().id, on: false });
    assertFailed(await execute('dockerOverlay.swarm.showUnlockKey', { clusterId: cluster().id }), 'autolockOff');
  });

  it('an operation that failed names its steps, and is continued by program', async () => {
    await until('both nodes ready', () => cluster().nodes.every(({ node }) => node.state === 'ready'));
    await run('dockerOverlay.swarm.leave', { hosts: ['host2', 'host1'], confirmed: true });
    await run('dockerOverlay.operations.clear', {});
    const form = {
      hosts: ['host1', 'host2'],
      managers: ['host1'],
      addresses: { host2: { dataPath: 'nosuchcard0' } },
      confirmed: true,
    };
    assertFailed(await execute('dockerOverlay.swarm.form', form), 'planIncomplete');
    const report = (await run('dockerOverlay.operation.copyReport', {})) as string;
    assert.match(report, /^Form swarm: not finished · 1 of 2 · 1 failed/);
    assert.match(report, /\[done\] Initialize the swarm on host1[^]*\[failed: .*\] .*host2/);
    assertFailed(await execute('dockerOverlay.operation.continue', {}), 'planIncomplete');
    await run('dockerOverlay.operation.dismiss', { operationIds: [] });
    await run('dockerOverlay.operations.clear', {});
    // Run again with what was wrong put right, what is done is skipped.
    const { steps } = (await run('dockerOverlay.swarm.form', { ...form, addresses: {} })) as {
      steps: { state: string }[];
    };
    assert.ok(steps.some((one) => one.state === 'alreadyDone') && steps.some((one) => one.state === 'done'));
  });

  it('an operation of several steps can be reported and dismissed by program', async () => {
    await run('dockerOverlay.operations.clear', {});
    await run('dockerOverlay.swarm.leave', { hosts: ['host2'], confirmed: true });
    const report = (await run('dockerOverlay.operation.copyReport', {})) as string;
    assert.match(report, /^Leave the swarm: host2: done/);
    await run('dockerOverlay.operations.clear', {});
    assertFailed(await execute('dockerOverlay.operation.copyReport', {}), 'nothingToChoose');
  });

  async function removeHosts(): Promise<void> {
    const hosts = api.topology.hosts.map(({ config }) => config.name);
    if (hosts.length > 0) await run('dockerOverlay.host.remove', { hosts, confirmed: true });
  }

  function cluster(): Cluster {
    const [only] = api.topology.clusters;
    assert.ok(only, 'there is no cluster');
    return only;
  }

  function memberOf(host: string) {
    const member = cluster().nodes.find((node) => node.host === host);
    assert.ok(member, `${host} is no node`);
    return member;
  }

  const nodeIdOf = (host: string) => memberOf(host).node.id;

  function swarmStateOf(name: string): string | undefined {
    const state = api.topology.hosts.find(({ config }) => config.name === name)?.state;
    return state?.kind === 'ready' ? state.snapshot.info.swarm.state : state?.kind;
  }

  /** The view follows by itself; nothing is refreshed here. */
  async function until(what: string, isSo: () => boolean): Promise<void> {
    const giveUpAt = Date.now() + 60_000;
    const holds = () => {
      try {
        return isSo();
      } catch (error) {
        if (error instanceof assert.AssertionError) return false;
        throw error;
      }
    };
    while (!holds()) {
      assert.ok(Date.now() < giveUpAt, `${what} was not seen`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
});

/** Runs a command that must succeed; answers its value. */
function assertFailed(result: CommandResult, reason: string): void {
  assert.ok(!result.ok, 'it did not fail');
  assert.equal(result.reason, reason, result.happened);
}
