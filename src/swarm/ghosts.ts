import { unreachableBecause } from '../model/hostAddress';
import type { SwarmNode } from '../model/engine';
import type { HostName } from '../model/host';
import type { ClusterNode, Ghost } from '../model/topology';
import type { HostInput } from './clusters';

/** Names that many machines have at once. */
const commonNames = new Set(['', 'localhost', 'localhost.localdomain', 'ubuntu', 'debian', 'raspberrypi']);

/**
 * Marks the ghosts among the nodes of a cluster: a machine that leaves and joins again gets a new id, and its old node
 * stays in the list as down for ever (moby#30059). A node that is down is one when a node that is ready has its hostname
 * or address, or when a connected host of its hostname says that it is not this node. So is what an attempt to join left.
 *
 * @param hosts all configured hosts, of this swarm and of none.
 */
export function markGhosts(nodes: readonly ClusterNode[], hosts: readonly HostInput[]): readonly ClusterNode[] {
  if (!nodes.some(isSuspect)) return nodes;
  // A host that is joining now has a node without a hostname as well, for a moment.
  const isJoining = hosts.some(({ state }) => state.kind === 'ready' && state.snapshot.info.swarm.state === 'pending');
  const ready = nodes.filter(({ node }) => node.state === 'ready');
  const byName = onlyOnes(ready, ({ hostname }) => hostname);
  const byAddress = onlyOnes(ready, addressOf);
  const machines = hostsByName(hosts);
  return nodes.map((one) => {
    if (!isSuspect(one)) return one;
    const { node } = one;
    if (isUnfinished(node)) return isJoining ? one : { ...one, ghost: { by: 'attempt' } };
    const name = commonNames.has(node.hostname) ? undefined : node.hostname;
    const namesake = name === undefined ? undefined : byName.get(name);
    if (namesake) return { ...one, ghost: ghostOf(namesake, 'hostname') };
    const host = name === undefined ? undefined : machines.get(name);
    if (host !== undefined) return { ...one, ghost: { host, by: 'hostname' } };
    const address = addressOf(node);
    const neighbour = address === '' ? undefined : byAddress.get(address);
    return neighbour ? { ...one, ghost: ghostOf(neighbour, 'address') } : one;
  });
}

const isSuspect = ({ node, host }: ClusterNode): boolean =>
  host === undefined && (node.state === 'down' || isUnfinished(node));

/** Let in by a manager, and never heard of again: e.g. one whose advertised address the managers did not reach. */
const isUnfinished = ({ state, hostname }: SwarmNode): boolean => state === 'unknown' && hostname === '';

const ghostOf = ({ node, host }: ClusterNode, by: Ghost['by']): Ghost => ({
  of: node.id,
  ...(host === undefined ? {} : { host }),
  by,
});

/** Nodes by something they have; what several have (clones of a name, machines behind one NAT) tells nothing. */
function onlyOnes(nodes: readonly ClusterNode[], keyOf: (node: SwarmNode) => string): ReadonlyMap<string, ClusterNode> {
  const found = new Map<string, ClusterNode | undefined>();
  for (const one of nodes) found.set(keyOf(one.node), found.has(keyOf(one.node)) ? undefined : one);
  return new Map([...found].flatMap(([key, one]) => (one === undefined ? [] : [[key, one] as const])));
}

/** Empty when the address means nothing: a manager that was its own remote side is listed with 0.0.0.0. */
function addressOf({ address }: SwarmNode): string {
  return address === '' || unreachableBecause(address, []) ? '' : address;
}

/**
 * Connected hosts that are free or in another swarm, by hostname; a name that several have tells nothing. Nor does a host
 * that does not say which node it is: a locked manager may well be the one that is listed as down.
 */
function hostsByName(hosts: readonly HostInput[]): ReadonlyMap<string, HostName> {
  const names = new Map<string, HostName | undefined>();
  for (const { config, state } of hosts) {
    if (state.kind !== 'ready') continue;
    const { hostname, swarm } = state.snapshot.info;
    const saysWho = swarm.state === 'inactive' || swarm.nodeId !== '';
    names.set(hostname, names.has(hostname) || !saysWho ? undefined : config.name);
  }
  return new Map([...names].flatMap(([name, host]) => (host === undefined ? [] : [[name, host] as const])));
}
