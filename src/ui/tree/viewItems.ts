import type { Cluster, ClusterNetwork, ClusterNode, HostView } from '../../model/swarm/topology';
import { describeError } from '../../base/errors';
import { isMajorityLost, isOpen } from '../../model/swarm/clusterState';
import { mayBeLast, membershipOf } from '../../model/swarm/membership';

/**
 * The context values (`viewItem`) of all tree items. The menus in package.json offer what is possible by matching
 * them, and nothing else decides it:
 *
 *     host.idle | host.connecting | host.failed | host.failed.command
 *     host.ready.(free | manager | worker | joining | locked | error | broken)
 *     hostProblem
 *     folder
 *     cluster.(open | closed | lost)[.autolock]
 *     node.(manager | worker).(up | down | ghost).(open | closed)[.address]
 *     network.(attachable | fixed | ingress | running).(open | closed)[.watched][.report][.address]
 *     watch
 *     endpoint[.task]
 *     testContainer.(running | stopped)[.address]
 *     testContainers
 *     portCheck
 *     operation.(running | cancelling | unfinished | done)
 *     step[.command]
 *
 * `open` means: a manager with majority is connected, the swarm can be changed. `lost` means: the majority of managers
 * is lost. `ghost` means: what is left of a machine's earlier membership. `command` means: the remedy is one
 * command. `free` means: in no swarm. `running` of a network means: being verified. `watched` means: verified again and
 * again. `report` means: a result is kept. `watch` is a watched network that is not known now. `address`
 * means: it has one that can be copied.
 * `broken` means: it may be the last manager that knows its swarm, and must not be let go.
 * `task` means: a container of a service, which no hand can disconnect.
 */
export const viewItemPattern = new RegExp(
  [
    '^host\\.(idle|connecting|failed(\\.command)?)$',
    '^host\\.ready\\.(free|manager|worker|joining|locked|error|broken)$',
    '^hostProblem$',
    '^folder$',
    '^cluster\\.(open|closed|lost)(\\.autolock)?$',
    '^node\\.(manager|worker)\\.(up|down|ghost)\\.(open|closed)(\\.address)?$',
    '^network\\.(attachable|fixed|ingress|running)\\.(open|closed)(\\.watched)?(\\.report)?(\\.address)?$',
    '^watch$',
    '^endpoint(\\.task)?$',
    '^testContainer\\.(running|stopped)(\\.address)?$',
    '^testContainers$',
    '^portCheck$',
    '^operation\\.(running|cancelling|unfinished|done)$',
    '^step(\\.command)?$',
  ].join('|'),
);

/** @param cluster the swarm it belongs to, if any */
export function hostViewItem(host: HostView, cluster: Cluster | undefined): string {
  if (host.state.kind === 'ready')
    return `host.ready.${mayBeLast(host, cluster) ? 'broken' : (membershipOf(host) ?? 'free')}`;
  if (host.state.kind !== 'failed') return `host.${host.state.kind}`;
  return describeError(host.state.error).command ? 'host.failed.command' : 'host.failed';
}

const openness = (cluster: Cluster) => (isOpen(cluster) ? 'open' : 'closed');

/** @param autolock whether managers need the unlock key after a restart */
export function clusterViewItem(cluster: Cluster, autolock = false): string {
  return `cluster.${isMajorityLost(cluster) ? 'lost' : openness(cluster)}${autolock ? '.autolock' : ''}`;
}

/** @param address the one that can be copied */
export function nodeViewItem(cluster: Cluster, { node, ghost }: ClusterNode, address: string): string {
  const life = ghost ? 'ghost' : node.state === 'ready' ? 'up' : 'down';
  return `node.${node.role}.${life}.${openness(cluster)}${addressMark(address)}`;
}

export function testContainerViewItem(isRunning: boolean, address: string): string {
  return `testContainer.${isRunning ? 'running' : 'stopped'}${addressMark(address)}`;
}

const addressMark = (address: string) => (address === '' ? '' : '.address');

export function networkViewItem(
  cluster: Cluster,
  { network }: ClusterNetwork,
  verification: { running: boolean; watched: boolean; hasReport: boolean },
  address: string,
): string {
  const kind = verification.running
    ? 'running'
    : network.ingress
      ? 'ingress'
      : network.attachable
        ? 'attachable'
        : 'fixed';
  const marks = `${verification.watched ? '.watched' : ''}${verification.hasReport ? '.report' : ''}${addressMark(address)}`;
  return `network.${kind}.${openness(cluster)}${marks}`;
}
