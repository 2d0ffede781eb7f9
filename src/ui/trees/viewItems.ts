import type { Cluster, ClusterNetwork, ClusterNode, HostView } from '../../model/topology';
import { describeError } from '../../base/errors';

/**
 * The context values (`viewItem`) of all tree items. The menus in package.json offer what is possible by matching
 * them, and nothing else decides it:
 *
 *     host.idle | host.connecting | host.failed | host.failed.command
 *     host.ready.(free | manager | worker | joining | locked | error)
 *     hostProblem
 *     cluster.(open | closed)
 *     node.(manager | worker).(up | down).(open | closed)
 *     network.(attachable | fixed | ingress | running).(open | closed)[.report]
 *     endpoint
 *
 * `open` means: a manager with majority is connected, the swarm can be changed. `failed.command` means: the remedy
 * is one command. `free` means: in no swarm. `running` means: being verified. `report` means: a result is kept.
 */
export const viewItemPattern = new RegExp(
  [
    '^host\\.(idle|connecting|failed(\\.command)?)$',
    '^host\\.ready\\.(free|manager|worker|joining|locked|error)$',
    '^hostProblem$',
    '^cluster\\.(open|closed)$',
    '^node\\.(manager|worker)\\.(up|down)\\.(open|closed)$',
    '^network\\.(attachable|fixed|ingress|running)\\.(open|closed)(\\.report)?$',
    '^endpoint$',
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

export function clusterViewItem(cluster: Cluster): string {
  return `cluster.${openness(cluster)}`;
}

export function nodeViewItem(cluster: Cluster, { node }: ClusterNode): string {
  return `node.${node.role}.${node.state === 'ready' ? 'up' : 'down'}.${openness(cluster)}`;
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
