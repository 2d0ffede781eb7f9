import type { Cluster, ClusterNetwork, ClusterNode, HostView } from '../../model/topology';
import { describeError } from '../../base/errors';
import type { Operation } from '../operations/operation';

/**
 * The context values (`viewItem`) of all tree items. The menus in package.json offer what is possible by matching
 * them, and nothing else decides it:
 *
 *     host.idle | host.connecting | host.failed | host.failed.command
 *     host.ready.(free | manager | worker | joining | locked | error)
 *     hostProblem
 *     folder
 *     cluster.(open | closed | lost)[.autolock]
 *     node.(manager | worker).(up | down | ghost).(open | closed)
 *     network.(attachable | fixed | ingress | running).(open | closed)[.report]
 *     endpoint
 *     operation.(running | cancelling | unfinished | done)
 *     step[.command]
 *
 * `open` means: a manager with majority is connected, the swarm can be changed. `lost` means: a manager is connected and
 * says that the majority is lost. `ghost` means: an earlier membership of a host that is a node again. `failed.command` means: the remedy
 * is one command, so does `step.command`. `free` means: in no swarm. `running` means: being verified. `report` means: a result is kept.
 */
export const viewItemPattern = new RegExp(
  [
    '^host\\.(idle|connecting|failed(\\.command)?)$',
    '^host\\.ready\\.(free|manager|worker|joining|locked|error)$',
    '^hostProblem$',
    '^folder$',
    '^cluster\\.(open|closed|lost)(\\.autolock)?$',
    '^node\\.(manager|worker)\\.(up|down|ghost)\\.(open|closed)$',
    '^network\\.(attachable|fixed|ingress|running)\\.(open|closed)(\\.report)?$',
    '^endpoint$',
    '^operation\\.(running|cancelling|unfinished|done)$',
    '^step(\\.command)?$',
  ].join('|'),
);

export type Membership = 'free' | 'manager' | 'worker' | 'joining' | 'locked' | 'error';

/** What a connected host is to a swarm. */
export function membershipOf(host: HostView): Membership | undefined {
  if (host.state.kind !== 'ready') return undefined;
  const { swarm } = host.state.snapshot.info;
  switch (swarm.state) {
    case 'inactive':
      return 'free';
    case 'pending':
      return 'joining';
    case 'locked':
      return 'locked';
    case 'error':
      return 'error';
    case 'active':
      return swarm.isManager || host.node?.role === 'manager' ? 'manager' : 'worker';
  }
}

export function hostViewItem(host: HostView): string {
  if (host.state.kind === 'ready') return `host.ready.${membershipOf(host) ?? 'free'}`;
  if (host.state.kind !== 'failed') return `host.${host.state.kind}`;
  return describeError(host.state.error).command ? 'host.failed.command' : 'host.failed';
}

/** Whether the swarm can be changed now. */
export function isOpen(cluster: Cluster): boolean {
  return !cluster.stale && cluster.managerHosts.length > 0 && cluster.quorum.hasMajority;
}

const openness = (cluster: Cluster) => (isOpen(cluster) ? 'open' : 'closed');

/** Whether a connected manager says that the majority of managers is lost. */
export function isMajorityLost(cluster: Cluster): boolean {
  return cluster.quorum.managers > 0 && !cluster.quorum.hasMajority && cluster.managerHosts.length > 0;
}

/** @param autolock whether managers need the unlock key after a restart */
export function clusterViewItem(cluster: Cluster, autolock: boolean): string {
  return `cluster.${isMajorityLost(cluster) ? 'lost' : openness(cluster)}${autolock ? '.autolock' : ''}`;
}

export function nodeViewItem(cluster: Cluster, { node }: ClusterNode, isGhost: boolean): string {
  const life = isGhost ? 'ghost' : node.state === 'ready' ? 'up' : 'down';
  return `node.${node.role}.${life}.${openness(cluster)}`;
}

export function operationViewItem({ phase }: Operation): string {
  return `operation.${phase === 'incomplete' || phase === 'cancelled' ? 'unfinished' : phase}`;
}

export function networkViewItem(
  cluster: Cluster,
  { network }: ClusterNetwork,
  verification: { running: boolean; hasReport: boolean },
): string {
  const kind = verification.running
    ? 'running'
    : network.ingress
      ? 'ingress'
      : network.attachable
        ? 'attachable'
        : 'fixed';
  return `network.${kind}.${openness(cluster)}${verification.hasReport ? '.report' : ''}`;
}
