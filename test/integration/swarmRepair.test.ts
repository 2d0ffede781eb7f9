import { describe as suite, expect, it } from 'vitest';
import { Secret } from '../../src/base/text/redact';
import type { NodeRole } from '../../src/model/engine/records';
import {
  planCreateNetwork,
  planForm,
  planRecover,
  planRotateCa,
  planRotateTokens,
  planRotateUnlockKey,
  planSetAutolock,
  planSetManagers,
  planUnlock,
  recoveryProposal,
} from '../../src/swarm/plans';
import type { Lab } from '../lab/lab';
import { swarmKitForEach } from './support/swarmHooks';
import { overlayRequest } from '../unit/engine/networkRequest';
import { advertise, docker, eventually, type SwarmKit } from './support/swarmKit';

/** What keeps a swarm alive over years, on real engines: tokens, keys, certificates, managers that are gone. */
suite('repair of swarms (integration)', () => {
  let lab: Lab;
  let kit: SwarmKit;
  swarmKitForEach((fresh, of) => ([kit, lab] = [fresh, of]));

  const [one, two, three] = ['host1', 'host2', 'host3'] as const;
  const all = [one, two, three];
  const engineOf = (host: string) => kit.fleet.engine(host);
  const swarmStateOf = (host: string) => {
    const { state } = kit.host(host);
    return state.kind === 'ready' ? state.snapshot.info.swarm : undefined;
  };

  const form = async (managers: readonly string[], hosts: readonly string[] = all) => {
    await kit.run(planForm(kit.topology, engineOf, { hosts, managers, advertise: advertise(lab) }));
    await kit.until('the swarm', (topology) => {
      const [cluster] = topology.clusters;
      // Their own word counts, too: a manager stopped within moments of its promotion has not stored the log yet.
      const areManagers = managers.every((host) => swarmStateOf(host)?.isManager);
      return (
        areManagers &&
        cluster?.hosts.length === hosts.length &&
        cluster.nodes.length === hosts.length &&
        cluster.quorum.reachable === managers.length
      );
    });
    for (const manager of managers) {
      await eventually(`${manager} answers as a manager`, async () => {
        const listed = await lab.host(manager).exec(['docker', 'node', 'ls', '-q']);
        return listed.code === 0 && listed.stdout.trim().split('\n').length === hosts.length;
      });
    }
  };

  // First, on engines that nobody has killed yet: after that 20.10 may stay `pending` for minutes.
  it('rotates tokens: the old one is refused, the new one works', async () => {
    await form([one], [one, two]);
    const { id } = kit.cluster();
    const tokenOf = async (role: NodeRole) => docker(lab.host(one), 'swarm', 'join-token', '-q', role);
    const [oldWorker, oldManager] = [await tokenOf('worker'), await tokenOf('manager')];
    const plan = planRotateTokens(kit.topology, engineOf, { clusterId: id, worker: true, manager: false });
    expect(await kit.run(plan)).toEqual(['done']);
    expect(await kit.run(plan)).toEqual(['alreadyDone']);
    expect(await tokenOf('manager')).toBe(oldManager);
    const join = (token: string) =>
      engineOf(three).swarm.join({
        remoteAddress: `${lab.host(one).address}:2377`,
        token: new Secret(token),
        advertiseAddress: lab.host(three).address,
      });
    await expect(join(oldWorker)).rejects.toMatchObject({ reason: 'joinTokenRefused' });
    await join(await tokenOf('worker'));
    await kit.until('host3 in the swarm', () => kit.host(three).node?.state === 'ready');
  });

  it('rotates the root certificate, and waits until all nodes have it', async () => {
    await form([one]);
    const { id } = kit.cluster();
    const before = await engineOf(one).swarm.trust();
    expect(before).toMatchObject({ isRotating: false, nodes: [{ isCurrent: true }, {}, {}] });
    const plan = planRotateCa(kit.topology, engineOf, { clusterId: id });
    expect(plan.warnings).toEqual([]);
    expect(await kit.run(plan)).toEqual(['done', 'done']);
    const after = await engineOf(one).swarm.trust();
    expect(after.root).not.toBe(before.root);
    expect(after.root).toContain('BEGIN CERTIFICATE');
    expect(after.nodes.map((node) => node.isCurrent)).toEqual([true, true, true]);
    expect(await kit.run(plan)).toEqual(['alreadyDone', 'done']);
  });

  it('sets managers: from one to three and back to one, the leader demoted', async () => {
    await form([one]);
    const { id } = kit.cluster();
    const set = (hosts: readonly string[]) =>
      planSetManagers(kit.topology, engineOf, { clusterId: id, nodeIds: hosts.map((host) => kit.nodeId(host)) });
    expect(await kit.run(set(all))).toEqual(['done', 'done']);
    await kit.until('three managers', () => {
      const { quorum, managerHosts } = kit.cluster();
      return quorum.managers === 3 && quorum.reachable === 3 && managerHosts.length === 3;
    });
    const leader = kit.cluster().nodes.find(({ node }) => node.manager?.leader)?.host;
    expect(leader).toBe(one);
    const plan = set([three]);
    expect(plan.steps.at(-1)?.title).toBe('Demote host1 to a worker');
    expect(await kit.run(plan)).toEqual(['done', 'done']);
    await kit.until('host3 alone', () => {
      const { quorum, managerHosts, nodes } = kit.cluster();
      return quorum.managers === 1 && managerHosts.join() === three && nodes.length === 3;
    });
    expect(await docker(lab.host(three), 'node', 'ls', '--format', '{{.Hostname}} {{.ManagerStatus}}')).toContain(
      'host3 Leader',
    );
  });

  it('locks: autolock on, restart, a wrong key refused, the right one opens', async () => {
    await form([one], [one, two]);
    const { id } = kit.cluster();
    const on = planSetAutolock(kit.topology, engineOf, { clusterId: id, on: true });
    expect(await kit.run(on)).toEqual(['done']);
    expect(await kit.run(on)).toEqual(['alreadyDone']);
    expect(await kit.run(planRotateUnlockKey(kit.topology, engineOf, { clusterId: id }))).toEqual(['done']);
    const key = await engineOf(one).swarm.unlockKey();
    if (!key) throw new Error('There is no unlock key.');
    await lab.host(one).fault.restart('dockerd');
    await kit.until('host1 locked', () => swarmStateOf(one)?.state === 'locked');
    // It is still shown where it was, with what was known.
    expect(kit.host(one).clusterId).toBe(id);
    expect(kit.cluster()).toMatchObject({ stale: true, quorum: { hasMajority: false } });
    expect(kit.cluster().nodes).toHaveLength(2);

    const unlock = (with_: Secret) => planUnlock(kit.topology, engineOf, { hosts: [one], key: with_ });
    const wrong = key.reveal().replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    for (const text of [wrong.replace(/-1-.{4}/, '-1-AAAA'), 'no key at all']) {
      const { error, words } = await kit.runFailing(unlock(new Secret(text)));
      expect(error).toMatchObject({ reason: 'unlockKeyRefused', params: { host: one } });
      expect(JSON.stringify([error.message, words, kit.logged])).not.toContain('SWMKEY-1');
    }
    expect(await kit.run(unlock(new Secret(`${key.reveal()}\n`)))).toEqual(['done']);
    await kit.until('host1 back', () => {
      const cluster = kit.cluster();
      return swarmStateOf(one)?.state === 'active' && !cluster.stale && cluster.quorum.hasMajority;
    });
    expect(await kit.run(planSetAutolock(kit.topology, engineOf, { clusterId: id, on: false }))).toEqual(['done']);
  });

  it('recovers from the loss of two of three managers, and joins them again', async () => {
    await form(all);
    const { id } = kit.cluster();
    await kit.run(planCreateNetwork(kit.topology, engineOf, { clusterId: id, request: overlayRequest('kept_net') }));
    await engineOf(one).swarm.updateNode(kit.nodeId(two), { labels: { zone: 'b' }, availability: 'drain' });
    const network = await kit.until('the network', () => kit.network('kept_net'));
    await kit.until('the label', () => kit.host(two).node?.labels['zone'] === 'b');
    expect(() => planRecover(kit.topology, engineOf, { host: three, rejoin: [] })).toThrow(/quorumNotLost/);

    // The leader is among the killed ones: the one that is left has only followed.
    const killedAt = Date.now();
    await Promise.all([lab.host(one).fault.kill('dockerd'), lab.host(two).fault.kill('dockerd')]);
    await kit.until('the loss', (topology) => {
      const [cluster] = topology.clusters;
      return cluster?.stale && !cluster.quorum.hasMajority;
    });
    expect(Date.now() - killedAt).toBeLessThan(15_000);

    const proposal = recoveryProposal(kit.topology, id);
    expect(proposal).toMatchObject({ isMajorityLost: true, candidates: [{ host: three, knownNodes: 3 }] });
    expect(proposal.rejoin.map((each) => [each.host, each.isConnected])).toEqual([
      [one, false],
      [two, false],
    ]);
    const rejoin = proposal.rejoin.map((each) => each.host);
    const recover = () => planRecover(kit.topology, engineOf, { host: three, rejoin });
    const first = recover();
    expect(first.warnings.join()).toMatch(/host1 and host2 are not connected: not joined again now/);
    expect(await kit.run(first)).toEqual(['done']);
    expect(await kit.run(first)).toEqual(['alreadyDone']);
    await kit.until('the recovered swarm', () => !kit.cluster().stale && kit.cluster().quorum.hasMajority);
    expect(kit.cluster().id).toBe(id);
    expect(kit.network('kept_net')?.network.id).toBe(network.network.id);
    expect(kit.cluster().nodes).toHaveLength(3);

    // host1 comes back by itself or with help; host2 has left before it could hear of the new cluster.
    await lab.host(two).fault.cut();
    await Promise.all([lab.host(one).fault.start('dockerd'), lab.host(two).fault.start('dockerd')]);
    await docker(lab.host(two), 'swarm', 'leave', '--force');
    await lab.host(two).fault.restore();
    await kit.until('both connected', () => [one, two].every((host) => kit.host(host).state.kind === 'ready'));
    await kit.until('host2 out', () => swarmStateOf(two)?.state === 'inactive');
    const second = recover();
    expect(second.steps.map((step) => step.id.split(':')[0]).slice(-4)).toEqual([
      'forget',
      'remove',
      'join',
      'restore',
    ]);
    expect((await kit.run(second)).slice(-4)).toEqual(['alreadyDone', 'done', 'done', 'done']);
    expect(new Set(await kit.run(second))).toEqual(new Set(['alreadyDone']));
    await kit.until('three managers', () => kit.cluster().quorum.reachable === 3 && kit.cluster().nodes.length === 3);
    await kit.until('host2 as it was', () => {
      const { node } = kit.host(two);
      return node?.labels['zone'] === 'b' && node.availability === 'drain' && node.role === 'manager';
    });
    expect(kit.network('kept_net')?.network.id).toBe(network.network.id);
    expect(() => recover()).toThrow(/quorumNotLost/);
  });
});
