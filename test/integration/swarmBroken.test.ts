import { describe as suite, expect, it } from 'vitest';
import { describeError } from '../../src/base/errors';
import { planForm, planInit, planJoin, planLeave, planRemoveNode } from '../../src/swarm/plans';
import type { Lab } from '../lab/lab';
import { expire, giveOldRoot, state } from './support/expiredNode';
import { swarmKitForEach } from './support/swarmHooks';
import { advertise, docker, type SwarmKit } from './support/swarmKit';

/**
 * Members whose part of their swarm does not run any more, on real engines: certificates that ran out while a machine was
 * off, a log that was damaged. Docker lets each of them leave without a word, and the last manager takes the swarm with it.
 */
suite('members that do not run (integration)', () => {
  let lab: Lab;
  let kit: SwarmKit;
  swarmKitForEach((fresh, of) => ([kit, lab] = [fresh, of]));

  const [one, two] = ['host1', 'host2'] as const;
  const engineOf = (host: string) => kit.fleet.engine(host);
  const swarmOf = (host: string) => {
    const { state: now } = kit.host(host);
    return now.kind === 'ready' ? now.snapshot.info.swarm : undefined;
  };
  const form = async (hosts: readonly string[]) => {
    await kit.run(planForm(kit.topology, engineOf, { hosts, managers: [one], advertise: advertise(lab) }));
    await kit.until('the swarm', ({ clusters }) => clusters[0]?.nodes.length === hosts.length);
  };
  /** No plan may let it go, and no words may tell a person to. */
  const isKept = (host: string, reason: string) => {
    const plans = [
      () => planLeave(kit.topology, engineOf, { hosts: [host] }),
      () => planInit(kit.topology, engineOf, { host }),
    ];
    for (const plan of plans) {
      const error = errorOf(plan);
      expect(error).toMatchObject({ reason, params: { host } });
      expect(JSON.stringify(describeError(error))).not.toMatch(/swarm leave/);
    }
  };
  const errorOf = (make: () => unknown): unknown => {
    try {
      make();
    } catch (error) {
      return error;
    }
    return undefined;
  };

  it('keeps the only manager whose certificate ran out, and what is told brings its swarm back', async () => {
    await form([one, two]);
    const host = lab.host(one);
    await docker(host, 'network', 'create', '-d', 'overlay', 'kept_net');
    await expire(host, await giveOldRoot(host));
    await kit.until('what is wrong', () => swarmOf(one)?.errorReason === 'certificatesExpired');
    expect(swarmOf(one)?.nodeId).toMatch(/^[a-z0-9]{25}$/);
    isKept(one, 'certificatesExpired');

    // What the remedy says. Docker refuses a new cluster as long as it knows of the old one.
    const init = ['swarm', 'init', '--force-new-cluster', '--advertise-addr', host.address];
    expect((await host.exec(['docker', ...init])).stderr).toMatch(/not a swarm manager/);
    await host.fault.stop('dockerd');
    await host.execOk(['mv', `${state}/docker-state.json`, '/tmp/docker-state.json']);
    await host.fault.start('dockerd');
    await docker(host, ...init);
    await kit.until('the swarm again', () => {
      const cluster = kit.cluster();
      return !cluster.stale && cluster.quorum.hasMajority && cluster.nodes.length === 2;
    });
    expect(await docker(host, 'network', 'ls', '--format', '{{.Name}}')).toContain('kept_net');
    await kit.until('the worker', () => kit.host(two).node?.state === 'ready');
  });

  it('lets a worker whose certificate ran out leave and join again, as its swarm lists it', async () => {
    await form([one, two]);
    const root = await giveOldRoot(lab.host(one));
    const old = kit.nodeId(two);
    await expire(lab.host(two), root);
    await kit.until('what is wrong', () => swarmOf(two)?.errorReason === 'certificatesExpired');
    await kit.until('its node', () => kit.host(two).node?.id === old && kit.host(two).node?.state === 'down');
    const leave = planLeave(kit.topology, engineOf, { hosts: [two] });
    expect(await kit.run(leave)).toEqual(['done', 'done']);
    await kit.until('it out', () => swarmOf(two)?.state === 'inactive');
    const clusterId = kit.cluster().id;
    const join = planJoin(kit.topology, engineOf, {
      hosts: [two],
      clusterId,
      role: 'worker',
      advertise: advertise(lab),
    });
    expect(await kit.run(join)).toEqual(['done']);
    await kit.until('it in', () => kit.host(two).node?.state === 'ready' && kit.nodeId(two) !== old);
  });

  it('keeps a manager whose log is damaged, and lets its swarm do without it where others have the majority', async () => {
    await kit.run(planInit(kit.topology, engineOf, { host: two, advertiseAddress: lab.host(two).address }));
    await kit.until('the swarm', ({ clusters }) => clusters[0]?.quorum.hasMajority);
    await damageLog(two);
    await kit.until('what is wrong', () => swarmOf(two)?.errorReason === 'managerStateBroken');
    isKept(two, 'managerStateBroken');
    await lab.host(two).execOk(['test', '-e', `${state}/docker-state.json`]);
    // By hand Docker would let it go.
    await docker(lab.host(two), 'swarm', 'leave');
    await kit.until('nothing left', ({ clusters }) => clusters.length === 0);

    const hosts = lab.hosts.map(({ name }) => name);
    await kit.run(planForm(kit.topology, engineOf, { hosts, managers: hosts, advertise: advertise(lab) }));
    await kit.until('three managers', () => kit.cluster().managerHosts.length === 3);
    const nodeId = kit.nodeId(two);
    await damageLog(two);
    await kit.until('what is wrong', () => swarmOf(two)?.errorReason === 'managerStateBroken');
    await kit.until('its node', () => kit.host(two).node?.state === 'down' && kit.cluster().quorum.reachable === 2);
    const remove = planRemoveNode(kit.topology, engineOf, { clusterId: kit.cluster().id, nodeIds: [nodeId] });
    expect(remove.steps.map((step) => step.id.split(':')[0])).toEqual(['demote', 'remove', 'leave']);
    expect(new Set(await kit.run(remove))).toEqual(new Set(['done']));
    await kit.until('two managers', () => kit.cluster().quorum.managers === 2 && kit.cluster().nodes.length === 2);
    await kit.until('it out', () => swarmOf(two)?.state === 'inactive');
  });

  async function damageLog(name: string): Promise<void> {
    const host = lab.host(name);
    await host.fault.stop('dockerd');
    const overwrite = `F=$(ls ${state}/raft/wal-v3-encrypted/*.wal | tail -1); head -c 32 /dev/urandom | dd of=$F bs=1 seek=700 conv=notrunc`;
    await host.execOk(['sh', '-c', overwrite]);
    await host.fault.start('dockerd');
  }
});
