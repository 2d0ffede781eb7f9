// The main job by commands with complete arguments: nothing is asked, so tasks, key bindings and extensions can do it.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { CommandArguments } from '../../../src/contributions';
import type { Cluster } from '../../../src/model/swarm/topology';
import type { OverlayApi } from '../../../src/ui/api';
import type { CommandResult } from '../../../src/ui/command/result';
import type { Lab } from '../../lab/lab';
import { begin, execute, run } from './support';

const hosts = ['host1', 'host2', 'host3'];

describe('the commands on real hosts', function () {
  this.timeout(180_000);
  let api: OverlayApi;
  let lab: Lab;

  before(async function () {
    ({ lab, api } = await begin(this));
    await lab.resetSwarms();
    await run('dockerOverlay.host.add', {
      endpoints: hosts.map((host) => ({ name: host, endpoint: `ssh://${host}` })),
    });
  });

  after(async () => {
    await lab?.resetSwarms();
  });

  it('connects hosts that are added', () => {
    assert.deepEqual(
      api.topology.hosts.map(({ config, state }) => [config.name, state.kind]),
      hosts.map((host) => [host, 'ready']),
    );
  });

  it('forms a swarm, and finds nothing to do when it is formed again', async () => {
    await run('dockerOverlay.swarm.form', { hosts, managers: ['host1'], confirmed: true });
    assert.equal(cluster().nodes.length, 3);
    assert.deepEqual(cluster().managerHosts, ['host1']);
    const again = await run('dockerOverlay.swarm.form', { hosts, managers: ['host1'], confirmed: true });
    const { steps } = again as { steps: { state: string }[] };
    assert.ok(
      steps.every((step) => step.state === 'alreadyDone'),
      JSON.stringify(steps),
    );
  });

  it('creates, verifies, exports and removes a network', async () => {
    const made = (await run('dockerOverlay.network.create', {
      clusterId: cluster().id,
      name: 'by_command',
      subnet: '10.99.0.0/24',
    })) as {
      networkId: string;
    };
    const report = await api.verify({ networkId: made.networkId });
    assert.deepEqual([report.outcome, report.summary.reachable, report.summary.pairs], ['finished', 6, 6]);
    const file = path.join(os.tmpdir(), `overlay-report-${process.pid}.json`);
    try {
      await run('dockerOverlay.verify.export', { networkId: made.networkId, format: 'json', path: file });
      assert.equal((JSON.parse(readFileSync(file, 'utf8')) as { id: string }).id, report.id);
    } finally {
      rmSync(file, { force: true });
    }
    await run('dockerOverlay.network.remove', { networkIds: [made.networkId], confirmed: true });
    assert.ok(!cluster().networks.some(({ network }) => network.name === 'by_command'));
  });

  it('says what is wrong, in words, and changes nothing', async () => {
    const create = (args: CommandArguments['dockerOverlay.network.create']) =>
      execute('dockerOverlay.network.create', { clusterId: cluster().id, ...args });
    const { networkId } = (await run('dockerOverlay.network.create', { clusterId: cluster().id, name: 'taken' })) as {
      networkId: string;
    };
    assertFailed(await create({ name: 'taken' }), 'networkNameTaken', /taken/);
    await lab.host('host2').runInNetwork('guest', 'taken');
    assertFailed(
      await execute('dockerOverlay.network.remove', { networkIds: [networkId], confirmed: true }),
      'networkInUse',
      /guest/,
    );
    await lab.host('host2').execOk(['docker', 'rm', '-f', 'guest']);
    await untilRemoved(networkId);
    assertFailed(await create({ name: 'bad name' }), 'networkNameInvalid', /bad name/);
    assertFailed(
      await create({ name: 'overlapping', subnet: lab.host('host1').address.replace(/\d+$/, '0/24') }),
      'subnetOverlap',
      /10\.77/,
    );
    assertFailed(await create({ name: 'nonsense', subnet: '10.300.0.0/24' }), 'subnetInvalid', /10\.300/);
    const demote = { clusterId: cluster().id, nodeIds: [nodeIdOf('host1')], confirmed: true };
    assertFailed(await execute('dockerOverlay.node.demote', demote), 'lastManager', /host1/);
    assertFailed(await execute('dockerOverlay.swarm.init', { host: 'host2' }), 'alreadyInSwarm', /host2/);
    assertFailed(await execute('dockerOverlay.verify.run', { networkId: 'nothing' }), 'networkNotFound', /nothing/);
    assert.deepEqual(
      cluster().networks.map(({ network }) => network.name),
      ['ingress'],
    );
  });

  it('promotes, drains, demotes and leaves', async () => {
    const target = { clusterId: cluster().id, nodeIds: [nodeIdOf('host2')], confirmed: true };
    await run('dockerOverlay.node.promote', target);
    assert.equal(cluster().quorum.managers, 2);
    await run('dockerOverlay.node.setAvailability', { ...target, availability: 'drain' });
    assert.equal(nodeOf('host2').availability, 'drain');
    await run('dockerOverlay.node.demote', target);
    assert.equal(nodeOf('host2').availability, 'drain');
    for (const host of ['host3', 'host2', 'host1'])
      await run('dockerOverlay.swarm.leave', { hosts: [host], confirmed: true });
    assert.deepEqual(await lab.leftovers(), []);
  });

  it('keeps workspace settings from adding hosts or redirecting ssh', async () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    assert.ok(folder);
    const file = vscode.Uri.joinPath(folder.uri, '.vscode', 'settings.json');
    const evil = {
      'dockerOverlay.hosts': [{ name: 'evil', endpoint: 'ssh://evil' }],
      'dockerOverlay.ssh.program': '/bin/false',
    };
    await vscode.workspace.fs.writeFile(file, Buffer.from(JSON.stringify(evil)));
    try {
      await run('dockerOverlay.refresh', {});
      await run('dockerOverlay.host.disconnect', { hosts: ['host1'] });
      await run('dockerOverlay.host.connect', { hosts: ['host1'] });
      assert.deepEqual(
        api.topology.hosts.map(({ config }) => config.name),
        hosts,
      );
      assert.equal(api.topology.hosts[0]?.state.kind, 'ready');
    } finally {
      await vscode.workspace.fs.delete(file);
    }
  });

  function cluster(): Cluster {
    const [only] = api.topology.clusters;
    assert.ok(only, 'there is no cluster');
    return only;
  }

  function nodeOf(host: string) {
    const member = cluster().nodes.find((node) => node.host === host);
    assert.ok(member, `${host} is no node`);
    return member.node;
  }

  const nodeIdOf = (host: string) => nodeOf(host).id;
});

/** The container that was in the way is gone from the topology a moment after it is gone. */
async function untilRemoved(networkId: string): Promise<void> {
  for (;;) {
    const result = await execute('dockerOverlay.network.remove', { networkIds: [networkId], confirmed: true });
    if (result.ok) return;
    assert.equal(result.reason, 'networkInUse');
  }
}

/** Runs a command that must succeed; answers its value. */
function assertFailed(result: CommandResult, reason: string, words: RegExp): void {
  assert.ok(!result.ok, 'it did not fail');
  assert.equal(result.reason, reason, result.happened);
  assert.match(result.happened, words);
  assert.ok(result.remedy.length > 10);
}
