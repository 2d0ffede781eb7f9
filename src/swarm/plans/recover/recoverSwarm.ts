import { Semaphore } from '../../../base/concurrency';
import { OverlayError } from '../../../base/errors';
import { listAll } from '../../../base/text/words';
import type { SwarmNode } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import { describeQuorum, quorumOf } from '../../../model/swarm/quorum';
import type { Cluster, HostView, Topology } from '../../../model/swarm/topology';
import { clusterById, hostByName, readyHost } from '../../topology/lookup';
import { defaultPlanTimes, type Planner } from '../plan';
import { brokenMemberError } from '../brokenMember';
import { recoverStep, type RecoverRequest } from './recoverStep';
import { canCarryOn, droppedBy, knownNodes, type DroppedManager, type ListedNode } from './recoveryProposal';
import { rejoinSteps } from './rejoinSteps';

/**
 * Makes a swarm that has lost the majority of its managers work again: one manager that is left carries it on alone
 * (`--force-new-cluster`), then others come back or join again. Planned anew when more hosts are back, it only joins
 * those.
 *
 * @throws notConnected, notInSwarm, recoveryNotPossible, swarmLocked, quorumNotLost.
 */
export const planRecover: Planner<RecoverRequest> = (topology, engineOf, request, times = defaultPlanTimes) => {
  const { host } = request;
  const { view, cluster } = keeperOf(topology, host);
  const nodes = knownNodes(topology, cluster, host);
  const wanted = [...new Set(request.rejoin)].filter((one) => one !== host).map((one) => hostByName(topology, one));
  for (const one of wanted) refuseForeign(topology, one, cluster);
  const isLost = !cluster.quorum.hasMajority;
  const away = wanted.filter(({ state }) => state.kind !== 'ready').map(({ config }) => config.name);
  const back = wanted.filter((one) => one.state.kind === 'ready' && (isLost || !isInOrder(one, nodes)));
  if (!isLost && (back.length === 0 || !leads(view))) {
    throw new OverlayError('quorumNotLost', { name: cluster.name, message: describeQuorum(cluster.quorum) });
  }
  const recover = isLost ? [recoverStep(engineOf, request, cluster, view, times)] : [];
  const raftLock = new Semaphore(1);
  const rejoins = back.flatMap((one) =>
    rejoinSteps({
      engineOf,
      keeper: host,
      host: one.config.name,
      nodeId: one.state.kind === 'ready' ? one.state.snapshot.info.swarm.nodeId : '',
      ...oldNodeOf(one, nodes),
      mayLeaveOther: leaderElsewhere(one, view) !== undefined,
      advertise: one.state.kind === 'ready' ? one.state.snapshot.info.swarm.nodeAddress : undefined,
      swarmName: cluster.name,
      raftLock,
      after: recover.map((step) => step.id),
      times,
    }),
  );
  const drops = isLost ? droppedBy(topology, cluster, host) : [];
  return {
    title: isLost ? `Recover ${cluster.name} on ${host}` : `Join hosts to the recovered ${cluster.name} again`,
    steps: [...recover, ...rejoins],
    effects: [...(isLost ? recoverEffects(host, drops) : []), ...rejoinEffects(cluster, isLost, back, nodes)],
    warnings: [...elsewhereWarnings(back, view), ...(isLost ? autolockWarnings(view) : []), ...warningsOf(drops, away)],
  };
};

/** The host that is to carry the swarm on. */
function keeperOf(topology: Topology, host: HostName): { view: HostView; cluster: Cluster } {
  const { view, swarm } = readyHost(topology, host);
  if (swarm.state === 'locked') throw new OverlayError('swarmLocked', { host });
  if (view.clusterId === undefined) throw new OverlayError('notInSwarm', { host });
  if (!canCarryOn(view)) throw new OverlayError('recoveryNotPossible', { host, message: 'it is no manager' });
  return { view, cluster: clusterById(topology, view.clusterId) };
}

/** @throws alreadyInSwarm for a host of another swarm; why it does not run, for one that may be the last to know another. */
function refuseForeign(topology: Topology, { config, state, clusterId }: HostView, cluster: Cluster): void {
  const broken = state.kind === 'ready' ? brokenMemberError(config.name, state.snapshot.info.swarm) : undefined;
  if (clusterId === undefined && broken) throw broken;
  if (clusterId === undefined || clusterId === cluster.id) return;
  const other = topology.clusters.find((one) => one.id === clusterId);
  throw new OverlayError('alreadyInSwarm', { host: config.name, name: `the swarm ${other?.name ?? clusterId}` });
}

/** Whether the host lists itself as the leader. */
function leads({ state }: HostView): boolean {
  if (state.kind !== 'ready') return false;
  const { nodes = [], nodesError, info } = state.snapshot;
  return !nodesError && nodes.some((node) => node.id === info.swarm.nodeId && node.manager?.leader);
}

/** The leader that a host lists, when that is neither the keeper nor the leader whom the keeper lists. */
function leaderElsewhere({ state }: HostView, keeper: HostView): SwarmNode | undefined {
  const leader = leaderOf(state);
  const own = keeper.state.kind === 'ready' ? keeper.state.snapshot.info.swarm.nodeId : '';
  return leader?.id === own || leader?.id === leaderOf(keeper.state)?.id ? undefined : leader;
}

/** The leader as a manager lists it now. */
function leaderOf(state: HostView['state']): SwarmNode | undefined {
  if (state.kind !== 'ready' || !state.snapshot.info.swarm.isManager || state.snapshot.nodesError) return undefined;
  return state.snapshot.nodes?.find((node) => node.manager?.leader);
}

/** Of hosts that carry on the old swarm. */
function elsewhereWarnings(back: readonly HostView[], keeper: HostView): string[] {
  return back.flatMap((view) => {
    const leader = leaderElsewhere(view, keeper);
    if (!leader) return [];
    const { name } = view.config;
    const does = leader.id === view.node?.id ? 'leads' : `follows ${leader.hostname || leader.id} in`;
    return [
      `${name} ${does} the old swarm, which lives on with a majority of its managers: ${name} is taken out of it by ` +
        'force, and what was changed there since is lost when no majority is left in it',
    ];
  });
}

/** Whether the recovered swarm has a host as it is to be, by its own word and by the list. */
function isInOrder({ state }: HostView, nodes: readonly ListedNode[]): boolean {
  if (state.kind !== 'ready') return false;
  const { swarm } = state.snapshot.info;
  const node = nodes.find((one) => one.node.id === swarm.nodeId)?.node;
  if (swarm.state !== 'active' || node?.state !== 'ready') return false;
  return node.role === 'worker' || (node.manager?.reachability === 'reachable' && swarm.isManager);
}

/** The node a host was: by its id, or, when it has left already, the one of its hostname that nobody is. */
function oldNodeOf({ state }: HostView, nodes: readonly ListedNode[]): { old?: SwarmNode; role: SwarmNode['role'] } {
  if (state.kind !== 'ready') return { role: 'worker' };
  const { swarm, hostname } = state.snapshot.info;
  const lost = nodes.filter(({ node, host }) => !host && node.hostname === hostname && node.state !== 'ready');
  const old =
    nodes.find(({ node }) => node.id === swarm.nodeId)?.node ??
    (swarm.nodeId === '' && lost.length === 1 ? lost[0]?.node : undefined);
  return { ...(old ? { old } : {}), role: old?.role ?? 'worker' };
}

function recoverEffects(host: HostName, drops: readonly DroppedManager[]): string[] {
  const names = drops.map((one) => one.name).join(', ');
  return [
    `${host} becomes the only manager: ${describeQuorum(quorumOf(1))}`,
    ...(names ? [`No managers any more, until they are back or join again: ${names}`] : []),
    'Kept: services, networks, configs, secrets and the list of workers',
  ];
}

function autolockWarnings({ state }: HostView): string[] {
  const autolock = state.kind === 'ready' ? state.snapshot.info.swarm.autolock : undefined;
  if (autolock === undefined) return ['Whether autolock was on cannot be asked: it is off afterwards'];
  return autolock ? ['Autolock is on: have the unlock key at hand'] : [];
}

function rejoinEffects(
  { quorum }: Cluster,
  isLost: boolean,
  back: readonly HostView[],
  nodes: readonly ListedNode[],
): string[] {
  if (back.length === 0) return [];
  const roles = back.map((view) => ({ name: view.config.name, role: oldNodeOf(view, nodes).role }));
  const managers = (isLost ? 1 : quorum.managers) + roles.filter(({ role }) => role === 'manager').length;
  return [
    `${isLost ? 'Then back' : 'Back'} in the swarm: ${roles.map(({ name, role }) => `${name} (${role})`).join(', ')}`,
    `After: ${describeQuorum(quorumOf(managers))}`,
  ];
}

function warningsOf(drops: readonly DroppedManager[], away: readonly HostName[]): string[] {
  const strange = drops.filter((one) => one.host === undefined).map((one) => one.name);
  const are = away.length > 1 ? 'are' : 'is';
  return [
    ...(drops.length > 0
      ? ['What only the lost managers knew is lost; there is no way to ask which manager knew most']
      : []),
    ...(away.length > 0
      ? [
          `${listAll(away)} ${are} not connected: not joined again now; recover once more when ${are === 'is' ? 'it is' : 'they are'} back`,
        ]
      : []),
    ...(strange.length > 0
      ? [
          `${listAll(strange)}, not one of the hosts here, may still believe in the old swarm when back: let it leave by force, then join`,
        ]
      : []),
  ];
}
