import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/base/text/redact';
import { engineCall } from '../lab/engineApi';
import { overlayRequest } from '../unit/engine/networkRequest';
import { EngineKit, eventually } from './support/engineKit';

let kit: EngineKit;

beforeEach(async () => {
  kit = await EngineKit.attach();
});

afterEach(async () => {
  await kit.dispose();
});

describe('an engine outside of a swarm', () => {
  it('tells about itself', async () => {
    const [{ engine, host }] = kit.members;
    const info = await engine.info();
    expect(info).toMatchObject({
      hostname: host.name,
      osType: 'linux',
      apiVersion: expect.stringMatching(/^1\.\d+$/) as string,
    });
    expect(info.swarm).toMatchObject({ state: 'inactive', nodeId: '', isManager: false });
    expect(await engine.ping()).toBeGreaterThan(0);
  });

  it('refuses what needs a swarm', async () => {
    const { engine } = kit.members[0];
    const refused = { reason: 'notInSwarm', params: { host: 'host1' } };
    await expect(engine.swarm.nodes()).rejects.toMatchObject(refused);
    await expect(engine.swarm.inspect()).rejects.toMatchObject(refused);
    await expect(engine.swarm.leave({ force: false })).rejects.toMatchObject(refused);
    await expect(engine.networks.create(overlayRequest('my_net'))).rejects.toMatchObject(refused);
  });

  it('names its addresses when it cannot choose one', async () => {
    const { engine, host } = kit.members[0];
    await host.execOk(['ip', 'addr', 'add', '10.99.0.1/24', 'dev', 'eth0']);
    try {
      await expect(engine.swarm.init({})).rejects.toMatchObject({
        reason: 'advertiseAddressAmbiguous',
        params: { items: [host.address, '10.99.0.1'] },
      });
    } finally {
      await host.execOk(['ip', 'addr', 'del', '10.99.0.1/24', 'dev', 'eth0']);
    }
    await expect(engine.swarm.init({ advertiseAddress: 'eth7' })).rejects.toMatchObject({
      reason: 'advertiseAddressInvalid',
      params: { address: 'eth7' },
    });
  });
});

describe('forming a swarm', () => {
  it('init, join as manager and worker, with settings that only init can make', async () => {
    const [first, second, third] = kit.members;
    const nodeId = await first.engine.swarm.init({
      advertiseAddress: first.host.address,
      dataPathPort: 7777,
      addressPools: ['10.200.0.0/16'],
      subnetSize: 26,
    });
    const spec = await first.engine.swarm.inspect();
    expect(spec).toMatchObject({
      dataPathPort: 7777,
      addressPools: ['10.200.0.0/16'],
      subnetSize: 26,
      autolock: false,
    });
    await second.engine.swarm.join({ remoteAddress: kit.managerAddress, token: spec.joinTokens.manager });
    await third.engine.swarm.join({
      remoteAddress: kit.managerAddress,
      token: spec.joinTokens.worker,
      advertiseAddress: third.host.address,
    });
    const { swarm } = await first.engine.info();
    expect(swarm).toMatchObject({ state: 'active', nodeId, clusterId: spec.clusterId, dataPathPort: 7777 });
    expect((await third.engine.info()).swarm).toMatchObject({ state: 'active', isManager: false });

    const nodes = await eventually('three nodes are ready', async () => {
      const found = await first.engine.swarm.nodes();
      return found.length === 3 && found.every((node) => node.state === 'ready') ? found : undefined;
    });
    const byName = new Map(nodes.map((node) => [node.hostname, node]));
    expect(byName.get('host1')?.manager).toEqual({
      leader: true,
      reachability: 'reachable',
      address: kit.managerAddress,
    });
    expect(byName.get('host2')?.role).toBe('manager');
    expect(byName.get('host3')).toMatchObject({ role: 'worker', manager: undefined, address: third.host.address });

    const again = { reason: 'alreadyInSwarm' };
    await expect(first.engine.swarm.init({})).rejects.toMatchObject(again);
    await expect(
      third.engine.swarm.join({ remoteAddress: kit.managerAddress, token: spec.joinTokens.worker }),
    ).rejects.toMatchObject(again);
    await expect(third.engine.swarm.nodes()).rejects.toMatchObject({ reason: 'notManager' });
    await expect(third.engine.networks.create(overlayRequest('my_net'))).rejects.toMatchObject({
      reason: 'notManager',
    });
    await expect(second.engine.swarm.leave({ force: false })).rejects.toMatchObject({ reason: 'quorumWouldBeLost' });
  });

  it('a wrong token is refused, without being repeated', async () => {
    await kit.formSwarm();
    const [first, second] = kit.members;
    const token = (await first.engine.swarm.inspect()).joinTokens.worker.reveal();
    const wrong = token.slice(0, -5) + (token.endsWith('aaaaa') ? 'bbbbb' : 'aaaaa');
    for (const each of [wrong, 'SWMTKN-1-garbage']) {
      const error: unknown = await second.engine.swarm
        .join({ remoteAddress: kit.managerAddress, token: new Secret(each) })
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ reason: 'joinTokenRefused', params: { host: 'host2' } });
      expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain(each.slice(9));
    }
  });

  it('a manager where nothing listens is unreachable', async () => {
    await kit.formSwarm();
    const [first, second, third] = kit.members;
    const { joinTokens } = await first.engine.swarm.inspect();
    const remoteAddress = `${third.host.address}:2377`;
    await expect(second.engine.swarm.join({ remoteAddress, token: joinTokens.worker })).rejects.toMatchObject({
      reason: 'joinUnreachable',
      params: { host: 'host2', address: remoteAddress },
    });
  });
});

describe('nodes', () => {
  it('an update keeps what it does not name, and both of two at once take effect', async () => {
    await kit.formSwarm('manager', 'worker');
    const [first, second, third] = kit.members;
    const { id } = await kit.nodeOf(third);
    await first.engine.swarm.updateNode(id, { labels: { zone: 'a', rack: '7' } });
    await first.engine.swarm.updateNode(id, { availability: 'drain' });
    expect(await first.engine.swarm.node(id)).toMatchObject({
      role: 'worker',
      availability: 'drain',
      labels: { zone: 'a', rack: '7' },
    });
    await Promise.all([
      first.engine.swarm.updateNode(id, { labels: { zone: 'b' } }),
      second.engine.swarm.updateNode(id, { availability: 'active' }),
      first.engine.swarm.updateNode(id, { availability: 'active' }),
    ]);
    expect(await first.engine.swarm.node(id)).toMatchObject({ availability: 'active', labels: { zone: 'b' } });
  });

  it('a name and labels that somebody else gave stay when the role changes', async () => {
    await kit.formSwarm('worker');
    const [first, second] = kit.members;
    const node = await kit.nodeOf(second);
    const spec = { Name: 'my-node', Labels: { zone: 'a' }, Role: 'worker', Availability: 'pause' };
    const path = `/v1.41/nodes/${node.id}/update?version=${node.version}`;
    await engineCall(first.host.socketPath, 'POST', path, spec);
    await first.engine.swarm.updateNode(node.id, { role: 'manager' });
    expect(await first.engine.swarm.node(node.id)).toMatchObject({
      specName: 'my-node',
      labels: { zone: 'a' },
      role: 'manager',
      availability: 'pause',
    });
  });

  it('says why a node cannot go', async () => {
    await kit.formSwarm('manager', 'worker');
    const [first, second, third] = kit.members;
    const { swarm } = first.engine;
    const manager = await kit.nodeOf(second);
    const worker = await kit.nodeOf(third);
    await expect(swarm.removeNode(worker.id, { force: false })).rejects.toMatchObject({ reason: 'nodeNotDown' });
    await expect(swarm.removeNode(manager.id, { force: true })).rejects.toMatchObject({ reason: 'nodeIsManager' });
    await expect(swarm.node('a'.repeat(25))).rejects.toMatchObject({ reason: 'notFound' });
    await swarm.removeNode(worker.id, { force: true });
    expect((await swarm.nodes()).map((node) => node.hostname).sort()).toEqual(['host1', 'host2']);
  });

  it('the last manager is neither demoted nor lets go without force', async () => {
    await kit.formSwarm('worker');
    const [first] = kit.members;
    const { id } = await kit.nodeOf(first);
    await expect(first.engine.swarm.updateNode(id, { role: 'worker' })).rejects.toMatchObject({
      reason: 'lastManager',
    });
    await expect(first.engine.swarm.leave({ force: false })).rejects.toMatchObject({ reason: 'lastManager' });
    await first.engine.swarm.leave({ force: true });
    expect((await first.engine.info()).swarm.state).toBe('inactive');
  });
});

describe('the swarm itself', () => {
  it('makes new tokens one by one, and is locked and unlocked', async () => {
    await kit.formSwarm();
    const { swarm } = kit.members[0].engine;
    const before = (await swarm.inspect()).joinTokens;
    await swarm.update({ rotateWorkerToken: true });
    const after = (await swarm.inspect()).joinTokens;
    expect(after.worker.reveal() === before.worker.reveal()).toBe(false);
    expect(after.manager.reveal() === before.manager.reveal()).toBe(true);
    expect(await swarm.unlockKey()).toBeUndefined();
    await swarm.update({ autolock: true });
    expect((await swarm.inspect()).autolock).toBe(true);
    expect((await swarm.unlockKey())?.reveal()).toMatch(/^SWMKEY-1-/);
    await swarm.update({ autolock: false });
    expect((await swarm.inspect()).autolock).toBe(false);
  });
});
