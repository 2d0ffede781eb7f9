import { Semaphore } from '../../../base/concurrency';
import { listAll } from '../../../base/text/words';
import type { HostName } from '../../../model/host/host';
import type { Cluster, Topology } from '../../../model/swarm/topology';
import type { EngineOf } from '../../askManager';
import { hostByName, nodeById } from '../../topology/lookup';
import type { PlanStep, PlanTimes } from '../plan';
import { byDemotionOrder, isUnreachableManager, refuseLosingMajority, type LeavingNode } from '../quorumGuard';
import { nodeStepOptions, roleStep } from '../nodes/nodeSteps';
import { hasLeft, leaveStep, refuseOtherNodes } from './leaveStep';

/** Whether no node that is up would remain. */
export function endsSwarm(cluster: Cluster, leaving: readonly string[]): boolean {
  return cluster.nodes.every(({ node }) => leaving.includes(node.id) || node.state === 'down');
}

interface Ending {
  readonly leaving: readonly LeavingNode[];
  /** Leaves of hosts that no manager lists. */
  readonly unlisted: readonly PlanStep[];
  /** A manager that answers. */
  readonly last: LeavingNode;
}

/**
 * The end of a swarm: all managers but one are demoted, those that do not answer first, because Docker refuses to demote
 * one that answers when the others are no majority without it. Only then the nodes leave, so that a demotion that is
 * refused leaves the swarm as it was; and the last manager takes the swarm with it.
 *
 * @throws quorumLost.
 */
export function endSwarm(
  topology: Topology,
  engineOf: EngineOf,
  cluster: Cluster,
  { leaving, unlisted, last }: Ending,
  times: PlanTimes,
): { steps: PlanStep[]; effects: string[]; warnings: string[] } {
  const lastId = last.node.id;
  const managers = cluster.nodes.filter(({ node }) => node.manager && node.id !== lastId).sort(byDemotionOrder);
  const ids = managers.map(({ node }) => node.id);
  refuseLosingMajority(cluster, ids);
  const raftLock = new Semaphore(1);
  const others = leaving.filter(({ node }) => node.id !== lastId);
  const known = [lastId, ...others.map(({ node }) => node.id)];
  const check = checkStep(engineOf, last, known);
  const demotions = managers.map(({ node }, index): PlanStep => {
    const step = roleStep(
      {
        ...nodeStepOptions(topology, engineOf, cluster, node.id, times, ids),
        managers: [last.host],
        after: [check.id, ...managers.slice(0, index).map((before) => `demote:${before.node.id}`)],
      },
      'worker',
      raftLock,
    );
    if (known.includes(node.id)) return step;
    return {
      ...step,
      async run(context) {
        await refuseOtherNodes({ engineOf, host: last.host }, known, context);
        return step.run(context);
      },
    };
  });
  const after = [check.id, ...demotions.map((step) => step.id)];
  const leaves = [
    ...others.map(({ node, host }) =>
      leaveStep({ engineOf, host, nodeId: node.id, force: false, managers: [last.host], after, times }),
    ),
    ...unlisted.map((step): PlanStep => ({ ...step, after: [...step.after, ...after] })),
  ];
  const before = [...demotions, ...leaves];
  const networks = cluster.networks.filter(({ network }) => !network.ingress).map(({ network }) => network.name);
  const silent = managers.filter(isUnreachableManager).map(({ node }) => nodeById(cluster, node.id).name);
  return {
    steps: [
      ...(before.length > 0 ? [check, ...before] : []),
      leaveStep({
        engineOf,
        host: last.host,
        nodeId: lastId,
        force: true,
        after: before.map((step) => step.id),
        times,
        endsSwarmOf: known,
      }),
    ],
    effects: [
      `The swarm ${cluster.name} ends with its last manager, ${last.host}`,
      ...(silent.length > 0 ? [`No answer from ${listAll(silent)}: demoted first, or Docker lets no other go`] : []),
      ...(networks.length > 0 ? [`Its overlay networks end with it: ${listAll(networks)}`] : []),
    ],
    warnings: cluster.nodes.some(({ node }) => !known.includes(node.id))
      ? ['Nodes that are down keep believing in the swarm until they leave it as well']
      : [],
  };
}

/**
 * A node that is up again since the plan was made ends it before anything is done. Done already when the last manager is
 * out itself.
 */
function checkStep(engineOf: EngineOf, { host, node }: LeavingNode, known: readonly string[]): PlanStep {
  return {
    id: `check:${host}`,
    host,
    title: 'Make sure that no other node is left in the swarm',
    after: [],
    async run(context) {
      const { swarm } = await engineOf(host).info({ signal: context.signal });
      if (hasLeft(swarm, node.id)) return 'alreadyDone';
      await refuseOtherNodes({ engineOf, host }, known, context);
      return 'done';
    },
  };
}

/** Who of the hosts stays to the end: a manager that the others reach, the leader before others. */
export function lastManagerOf(
  topology: Topology,
  cluster: Cluster,
  hosts: readonly HostName[],
): LeavingNode | undefined {
  return cluster.managerHosts
    .filter((host) => hosts.includes(host))
    .flatMap((host) => {
      const { node } = hostByName(topology, host);
      return node && !isUnreachableManager({ node }) ? { host, node } : [];
    })[0];
}
