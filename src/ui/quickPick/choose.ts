import { OverlayError } from '../../base/errors';
import type { Cluster, ClusterNetwork, ClusterNode, HostView, Topology } from '../../model/swarm/topology';
import { notBack } from '../vscode/ask';
import { pickMany, pickOne, type PickItem } from './pick';
import { addressText, hostDescription } from '../hosts/tree/hostNode';
import { networkDescription } from '../networks/tree/networksTree';
import { clusterDescription, nodeDescription, nodeName } from '../swarm/tree/swarmTree';
import { isOpen } from '../../model/swarm/clusterState';

/*
 * Resolves what a command works on: what its arguments name is looked up, what they do not name is asked for. Where
 * there is only one thing it could be, that is taken unasked.
 */

const invalid = (message: string): OverlayError => new OverlayError('invalidArguments', { message });
const nothing = ({ none, remedy }: NothingWords): OverlayError =>
  new OverlayError('nothingToChoose', { message: none, ...(remedy === undefined ? {} : { remedy }) });

/** Said when there is nothing to choose from: that is no error, and often nothing has to be done. */
export interface NothingWords {
  readonly none: string;
  /** What to do, if there is something. */
  readonly remedy?: string;
}

export const noHosts: NothingWords = { none: 'No host is configured.', remedy: 'Add hosts first.' };
export const noNetworks: NothingWords = {
  none: 'There is no attachable overlay network yet.',
  remedy: 'Create one first (Networks view).',
};

export function findHost(topology: Topology, name: string): HostView {
  const host = topology.hosts.find((one) => one.config.name === name);
  if (!host) throw invalid(`there is no host "${name}"`);
  return host;
}

export interface HostsQuestion extends NothingWords {
  readonly title: string;
  readonly placeholder: string;
  /** Which hosts are offered. */
  readonly offer: (host: HostView) => boolean;
  /** All of them are ticked at first. */
  readonly picked?: boolean;
}

/** Hosts named, else asked for. */
export async function chooseHosts(
  topology: Topology,
  names: readonly string[] | undefined,
  question: HostsQuestion,
): Promise<HostView[]> {
  if (names) return names.map((name) => findHost(topology, name));
  const offered = topology.hosts.filter(question.offer);
  if (offered.length === 0) throw nothing(question);
  const items = offered.map((host) => ({ ...hostItem(host), picked: question.picked ?? offered.length === 1 }));
  const validate = (ticked: readonly unknown[]) => (ticked.length === 0 ? 'Tick at least one host' : undefined);
  return [...notBack(await pickMany({ ...question, items, validate }))];
}

export async function chooseHost(
  topology: Topology,
  name: string | undefined,
  question: HostsQuestion,
): Promise<HostView> {
  if (name !== undefined) return findHost(topology, name);
  const offered = topology.hosts.filter(question.offer);
  if (offered.length === 0) throw nothing(question);
  return notBack(await pickOne({ ...question, items: offered.map(hostItem) }));
}

export const hostItem = (host: HostView): PickItem<HostView> => ({
  value: host,
  label: host.config.name,
  description: host.state.kind === 'failed' ? `${addressText(host)} · ${hostDescription(host)}` : hostDescription(host),
  icon: 'server',
});

export function findCluster(topology: Topology, id: string): Cluster {
  const cluster = topology.clusters.find((one) => one.id === id);
  if (!cluster) throw invalid('that swarm is not known any more');
  return cluster;
}

/** The swarm named, the only one, or asked for. */
export async function chooseCluster(topology: Topology, id: string | undefined, title: string): Promise<Cluster> {
  if (id !== undefined) return findCluster(topology, id);
  const open = topology.clusters.filter(isOpen);
  const offered = open.length > 0 ? open : topology.clusters;
  const [only] = offered;
  if (!only)
    throw nothing({ none: 'No connected host is in a swarm.', remedy: 'Form a swarm, or connect a host of one.' });
  if (offered.length === 1) return only;
  const items = offered.map((cluster) => ({
    value: cluster,
    label: cluster.name,
    description: clusterDescription(cluster),
    icon: 'type-hierarchy',
  }));
  return notBack(await pickOne({ title, placeholder: 'Which swarm?', items }));
}

export interface NodesQuestion extends NothingWords {
  readonly title: string;
  readonly placeholder: string;
  readonly offer: (member: ClusterNode) => boolean;
  /** All of them are ticked at first. */
  readonly picked?: boolean;
}

/** Nodes named, else asked for among those that `offer` lets through. */
export async function chooseNodes(
  cluster: Cluster,
  ids: readonly string[] | undefined,
  question: NodesQuestion,
): Promise<ClusterNode[]> {
  if (ids) return ids.map((id) => findNode(cluster, id));
  const offered = cluster.nodes.filter(question.offer);
  if (offered.length === 0) throw nothing(question);
  const items = offered.map((member) => ({ ...nodeItem(member), picked: question.picked ?? false }));
  const validate = (ticked: readonly unknown[]) => (ticked.length === 0 ? 'Tick at least one node' : undefined);
  return [...notBack(await pickMany({ ...question, items, validate }))];
}

export function findNode(cluster: Cluster, id: string): ClusterNode {
  const member = cluster.nodes.find((one) => one.node.id === id);
  if (!member) throw invalid(`${cluster.name} has no such node any more`);
  return member;
}

export const nodeItem = (member: ClusterNode): PickItem<ClusterNode> => ({
  value: member,
  label: nodeName(member),
  description: nodeDescription(member),
  icon: 'server',
});

/** A network by what is remembered of it, also while no host of its swarm is connected. */
export interface RememberedNetwork {
  readonly networkId: string;
  readonly name: string;
}

/** The one named, the only one, or asked for. @throws OverlayError `nothingToChoose`, also when that one is not among them */
export async function chooseRemembered<T extends RememberedNetwork>(
  all: readonly T[],
  id: string | undefined,
  question: NothingWords & { readonly title: string; readonly placeholder: string; readonly icon: string },
): Promise<T> {
  const fitting = id === undefined ? all : all.filter(({ networkId }) => networkId === id);
  const [only] = fitting;
  if (!only) throw nothing(question);
  if (fitting.length === 1) return only;
  const items = fitting.map((one) => ({ value: one, label: one.name, icon: question.icon }));
  return notBack(await pickOne({ ...question, items }));
}

export function findNetwork(topology: Topology, id: string): ClusterNetwork {
  for (const cluster of topology.clusters) {
    const network = cluster.networks.find((one) => one.network.id === id);
    if (network) return network;
  }
  throw new OverlayError('networkNotFound', { name: id });
}

export interface NetworksQuestion extends NothingWords {
  readonly title: string;
  readonly placeholder: string;
  readonly offer: (network: ClusterNetwork) => boolean;
}

/** The network named, the only one it could be, or asked for. */
export async function chooseNetwork(
  topology: Topology,
  id: string | undefined,
  question: NetworksQuestion,
): Promise<ClusterNetwork> {
  if (id !== undefined) return findNetwork(topology, id);
  const items = networkItems(topology, question);
  const only = items.length === 1 ? items[0] : undefined;
  return only ? only.value : notBack(await pickOne({ ...question, items }));
}

export async function chooseNetworks(
  topology: Topology,
  ids: readonly string[] | undefined,
  question: NetworksQuestion,
): Promise<ClusterNetwork[]> {
  if (ids) return ids.map((id) => findNetwork(topology, id));
  const validate = (ticked: readonly unknown[]) => (ticked.length === 0 ? 'Tick at least one network' : undefined);
  return [...notBack(await pickMany({ ...question, items: networkItems(topology, question), validate }))];
}

/** Networks of several swarms stand under the swarm's name. */
function networkItems(topology: Topology, question: NetworksQuestion): PickItem<ClusterNetwork>[] {
  const several = topology.clusters.length > 1;
  const items = topology.clusters.flatMap((cluster) =>
    cluster.networks.filter(question.offer).map((item) => ({
      value: item,
      label: item.network.name,
      description: networkDescription(item, undefined, false, 0),
      icon: item.network.encrypted ? 'lock' : 'globe',
      ...(several ? { section: cluster.name } : {}),
    })),
  );
  if (items.length === 0) throw nothing(question);
  return items;
}
