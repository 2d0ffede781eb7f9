import { describe, expect, it } from 'vitest';
import { isOverlayError, OverlayError, type Reason } from '../../../src/base/errors';
import type { Engine } from '../../../src/engine/api';
import type { HostSnapshot, SwarmNode } from '../../../src/model/engine/records';
import type { HostInput } from '../../../src/swarm/topology/clusters';
import type { Plan } from '../../../src/swarm/plans/plan';
import { planRecover, recoveryProposal } from '../../../src/swarm/plans';
import { runPlan } from '../../../src/swarm/plans/runPlan';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { free, host, idOf, info, managerShot, node, ready, snapshot, workerShot } from './samples';
import { anyError } from '../anyError';

const noEngine = (): Engine => {
  throw new Error('A plan asked an engine while it was made.');
};
const ids = ({ steps }: Plan) => steps.map((step) => step.id.replace(/:.*id0+$/, (id) => id.replace(/id0+$/, '')));
const reasonOf = (make: () => unknown): Reason | 'made' => {
  try {
    make();
  } catch (error) {
    if (isOverlayError(error)) return error.reason;
    throw error;
  }
  return 'made';
};

const failed = (lastSnapshot: HostSnapshot) => ({
  kind: 'failed' as const,
  error: new OverlayError('linkLost'),
  lastSnapshot,
});
/** h1 to h3 managers, h3 leading, h4 a worker with labels. */
const nodes: SwarmNode[] = [
  node('h1', { role: 'manager' }),
  node('h2', { role: 'manager', labels: { zone: 'b' }, availability: 'drain' }),
  node('h3', { role: 'manager', leader: true }),
  node('h4', { labels: { disk: 'fast' } }),
];
const quorumLost = new OverlayError('quorumLost');
const survivor = host('h1', ready(managerShot('h1', 'c1', nodes, { nodesError: quorumLost })));
const gone = (name: string) => host(name, failed(managerShot(name, 'c1', nodes)));
const worker = host('h4', ready(workerShot('h4', ['h1', 'h2', 'h3'])));
const lost = (...more: HostInput[]) => buildTopology([survivor, gone('h2'), gone('h3'), worker, ...more], [], 1);

/** After a recovery: h1 leads alone, the others are managers by their spec only. */
const orphaned = nodes.map(({ manager, ...rest }): SwarmNode =>
  rest.hostname === 'h1' && manager ? { ...rest, manager: { ...manager, leader: true } } : rest,
);
const recovered = (...more: HostInput[]) =>
  buildTopology([host('h1', ready(managerShot('h1', 'c1', orphaned))), ...more, worker], [], 1);

describe('recoveryProposal', () => {
  it('says who can carry on, what is dropped and what is kept', () => {
    const proposal = recoveryProposal(lost(), 'c1');
    expect(proposal).toMatchObject({
      isMajorityLost: true,
      candidates: [{ host: 'h1', wasLeader: false, knownNodes: 4 }],
      drops: [
        { name: 'h2', host: 'h2', isConnected: false },
        { name: 'h3', host: 'h3', isConnected: false },
      ],
      rejoin: [
        { host: 'h2', role: 'manager', isConnected: false },
        { host: 'h3', role: 'manager', isConnected: false },
      ],
    });
    expect(proposal.keeps).toContain('networks');
    expect(proposal.meanwhile.join()).toMatch(/Containers go on running/);
  });

  it('prefers the last leader, then whoever knows the most nodes', () => {
    const shot = (name: string, list: readonly SwarmNode[]) =>
      host(name, ready(managerShot(name, 'c1', list, { nodesError: quorumLost })));
    const best = (...hosts: HostInput[]) =>
      recoveryProposal(buildTopology(hosts, [], 1), 'c1').candidates.map((one) => one.host);
    expect(best(shot('h1', nodes), shot('h3', nodes))).toEqual(['h3', 'h1']);
    const follower = nodes.map((one) => (one.manager ? { ...one, manager: { ...one.manager, leader: false } } : one));
    expect(best(shot('h1', follower.slice(0, 3)), shot('h2', follower))).toEqual(['h2', 'h1']);
    expect(best(gone('h1'), worker)).toEqual([]);
  });

  it('says that nothing is lost when nothing is', () => {
    const fine = buildTopology([host('h1', ready(managerShot('h1', 'c1', nodes)))], [], 1);
    expect(recoveryProposal(fine, 'c1').isMajorityLost).toBe(false);
  });
});

describe('planRecover', () => {
  it('carries on with the survivor, re-joins who is there, names who is not', () => {
    const back = host('h2', ready(managerShot('h2', 'c1', nodes, { nodesError: quorumLost })));
    const topology = buildTopology([survivor, back, gone('h3'), worker], [], 1);
    // Two of three answer by their links; the engines say that there is no majority.
    const plan = planRecover(topology, noEngine, { host: 'h1', rejoin: ['h2', 'h3', 'h1'] });
    expect(ids(plan)).toEqual(['recover:h1', 'forget:h2', 'remove:h2', 'join:h2', 'restore:h2']);
    expect(plan.steps.find((step) => step.id === 'join:h2')?.title).toBe('Join h2 as a manager');
    expect(plan.effects).toEqual([
      'h1 becomes the only manager: 1 manager · majority 1 · tolerates none',
      'No managers any more, until they are back or join again: h2, h3',
      'Kept: services, networks, configs, secrets and the list of workers',
      'Then back in the swarm: h2 (manager)',
      'After: 2 managers · majority 2 · tolerates none',
    ]);
    expect(plan.warnings.join()).toMatch(/h3 is not connected: not joined again now/);
  });

  it('re-joins hosts that came back after it, with the role and labels they had', () => {
    const stray = host('h2', ready(managerShot('h2', 'c1', nodes)));
    const left = host('h3', ready(snapshot('h3')));
    const plan = planRecover(recovered(stray, left), noEngine, { host: 'h1', rejoin: ['h2', 'h3'] });
    expect(plan.title).toBe('Join hosts to the recovered h1 again');
    expect(ids(plan)).toEqual(['forget:h2', 'remove:h2', 'join:h2', 'restore:h2', 'forget:h3', 'join:h3']);
  });

  /** h2 leads what h1 was recovered from, with h3. */
  const splitNodes = nodes.map((one) =>
    one.manager ? { ...one, manager: { ...one.manager, leader: one.hostname === 'h2' } } : one,
  );
  const other = (name: string) => host(name, ready(managerShot(name, 'c1', splitNodes)));

  it('names hosts that carry on the old swarm with a majority, and takes no other out of a living one', async () => {
    const split = planRecover(recovered(other('h2'), other('h3')), noEngine, { host: 'h1', rejoin: ['h2', 'h3'] });
    expect(split.warnings.join()).toMatch(/h2 leads the old swarm, which lives on.*h3 follows h2 in the old swarm/);

    // Only seen when it runs: when that was planned, nobody led them.
    const alone = (name: string) => host(name, ready(managerShot(name, 'c1', splitNodes, { nodesError: quorumLost })));
    const run = async (back: HostInput, ...answers: (SwarmNode[] | OverlayError)[]) => {
      const left: string[] = [];
      const engineOf = (name: string) =>
        ({
          info: async () =>
            info(name, {
              state: left.includes(name) ? 'inactive' : 'active',
              nodeId: left.includes(name) ? '' : idOf(name),
              isManager: true,
            }),
          swarm: {
            nodes: async () => {
              if (name === 'h1') return orphaned.map((one) => ({ ...one, state: 'down' as const }));
              const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
              if (isOverlayError(answer)) throw answer;
              return answer;
            },
            leave: async () => void left.push(name),
          },
        }) as unknown as Engine;
      const times = { join: 20, change: 20, reread: 20, poll: 1 };
      const plan = planRecover(recovered(back), engineOf, { host: 'h1', rejoin: ['h2'] }, times);
      const [forget] = (await runPlan(plan)).steps;
      return { left, state: forget?.state };
    };
    const refused = await run(alone('h2'), splitNodes);
    expect(refused).toMatchObject({ left: [], state: { kind: 'failed', error: { reason: 'alreadyInSwarm' } } });
    const unsure = await run(alone('h2'), new OverlayError('engineError'));
    expect(unsure).toMatchObject({ left: [], state: { kind: 'failed', error: { reason: 'quorumLossUnproven' } } });
    expect(await run(alone('h2'), quorumLost)).toMatchObject({ left: ['h2'], state: { kind: 'done' } });
    const expired = new OverlayError('certificatesExpired');
    expect(await run(alone('h2'), expired)).toMatchObject({ left: ['h2'], state: { kind: 'done' } });
    expect(await run(other('h2'), splitNodes)).toMatchObject({ left: ['h2'], state: { kind: 'done' } });
  });

  it('finds the node of a host that has left already by its hostname', () => {
    const orphans = orphaned.map((one) => (one.hostname === 'h2' ? { ...one, state: 'down' as const } : one));
    const topology = buildTopology([host('h1', ready(managerShot('h1', 'c1', orphans))), free('h2')], [], 1);
    const plan = planRecover(topology, noEngine, { host: 'h1', rejoin: ['h2'] });
    expect(ids(plan)).toEqual(['forget:h2', 'remove:h2', 'join:h2', 'restore:h2']);
    expect(plan.effects.join()).toMatch(/Back in the swarm: h2 \(manager\),After: 2 managers/);
  });

  it('refuses a swarm with a majority, and hosts that cannot carry it on', () => {
    const fine = buildTopology([host('h1', ready(managerShot('h1', 'c1', nodes))), worker], [], 1);
    const recover = (topology = lost(), name = 'h1', rejoin: string[] = []) =>
      reasonOf(() => planRecover(topology, noEngine, { host: name, rejoin }));
    expect(recover()).toBe('made');
    expect(recover(fine)).toBe('quorumNotLost');
    expect(recover(lost(), 'h4')).toBe('recoveryNotPossible');
    expect(recover(lost(), 'h2')).toBe('notConnected');
    expect(recover(lost(free('h9')), 'h9')).toBe('notInSwarm');
    const other = host('x1', ready(managerShot('x1', 'c2', [node('x1', { role: 'manager', leader: true })])));
    expect(recover(lost(other), 'h1', ['x1'])).toBe('alreadyInSwarm');
  });

  it('takes no host out of a swarm that it has come to since, nor one that may be the last to know another', async () => {
    const swarm = { state: 'error', errorReason: 'managerStateBroken' } as const;
    const broken = host('h9', ready(snapshot('h9', { swarm })));
    expect(reasonOf(() => planRecover(lost(broken), noEngine, { host: 'h1', rejoin: ['h9'] }))).toBe(
      'managerStateBroken',
    );

    const left: string[] = [];
    const engineOf = (name: string) =>
      ({
        info: async () => info(name, { state: 'active', nodeId: idOf('elsewhere') }),
        swarm: { nodes: async () => orphaned, leave: async () => void left.push(name) },
      }) as unknown as Engine;
    const times = { join: 20, change: 20, reread: 20, poll: 1 };
    const plan = planRecover(recovered(free('h9')), engineOf, { host: 'h1', rejoin: ['h9'] }, times);
    expect((await runPlan(plan)).steps[0]).toMatchObject({ step: { id: 'forget:h9' }, state: { kind: 'alreadyDone' } });
    expect(left).toEqual([]);
  });

  it('leaves hosts alone that are in order', () => {
    const whole = buildTopology([host('h1', ready(managerShot('h1', 'c1', orphaned))), worker], [], 1);
    expect(reasonOf(() => planRecover(whole, noEngine, { host: 'h1', rejoin: ['h4'] }))).toBe('quorumNotLost');
    const left = buildTopology([host('h1', ready(managerShot('h1', 'c1', orphaned))), worker, free('h2')], [], 1);
    expect(ids(planRecover(left, noEngine, { host: 'h1', rejoin: ['h4', 'h2'] }))[0]).toBe('forget:h2');
  });
});

describe('the fleet around it', () => {
  it('takes the silence of a manager for the loss when the hosts of a majority are gone', () => {
    const silent = (error: OverlayError) => host('h1', ready(managerShot('h1', 'c1', nodes, { nodesError: error })));
    const topology = (...others: HostInput[]) =>
      buildTopology([silent(anyError('requestTimeout')), ...others], [], 1).clusters[0];
    expect(topology(gone('h2'), gone('h3'))).toMatchObject({ stale: true, quorum: { hasMajority: false } });
    expect(topology(gone('h2'))).toMatchObject({ stale: true, quorum: { hasMajority: true } });
  });

  it('shows the loss by the only manager that was restarted, also when nothing was known before', () => {
    const managers = ['h1', 'h2', 'h3'].map((name) => ({ nodeId: idOf(name), address: `${name}:2377` }));
    const swarm = { state: 'pending' as const, isManager: true, nodeId: idOf('h1'), remoteManagers: managers };
    const pending = host('h1', ready(snapshot('h1', { swarm, nodesError: quorumLost })));
    const unknown = buildTopology([pending], [], 1);
    expect(unknown.clusters[0]).toMatchObject({ stale: true, quorum: { managers: 3, hasMajority: false } });
    const { candidates, isMajorityLost } = recoveryProposal(unknown, unknown.clusters[0]?.id ?? '');
    expect({ candidates, isMajorityLost }).toMatchObject({ candidates: [{ host: 'h1' }], isMajorityLost: true });
    expect(reasonOf(() => planRecover(unknown, noEngine, { host: 'h1', rejoin: [] }))).toBe('made');
    const known = host(
      'h1',
      ready(snapshot('h1', { swarm: { ...swarm, clusterId: 'c1' }, nodes, nodesError: quorumLost })),
    );
    const topology = buildTopology([known, gone('h2'), gone('h3')], [], 1);
    expect(topology.clusters[0]).toMatchObject({ id: 'c1', stale: true, quorum: { managers: 3, hasMajority: false } });
  });

  it('keeps a locked manager where it was, and counts it as not reachable', () => {
    const locked = (name: string) =>
      host(
        name,
        ready(
          snapshot(name, {
            swarm: { state: 'locked', nodeId: idOf(name), clusterId: 'c1' },
            nodes,
            nodesError: new OverlayError('swarmLocked'),
          }),
        ),
      );
    const all = buildTopology([locked('h1'), locked('h2'), locked('h3')], [], 1);
    expect(all.clusters[0]).toMatchObject({
      id: 'c1',
      stale: true,
      quorum: { managers: 3, reachable: 0, hasMajority: false },
      managerHosts: [],
    });
    expect(all.clusters[0]?.nodes).toHaveLength(4);
    const one = buildTopology([host('h1', ready(managerShot('h1', 'c1', nodes))), locked('h3')], [], 1);
    expect(one.clusters[0]).toMatchObject({ stale: false, quorum: { managers: 3, reachable: 2, hasMajority: true } });
    expect(one.hosts[1]).toMatchObject({ clusterId: 'c1', node: { hostname: 'h3' } });
  });
});
