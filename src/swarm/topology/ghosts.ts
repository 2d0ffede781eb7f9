import { addressesOf, unreachableBecause } from '../../model/host/hostAddress';
import type { SwarmNode } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import type { ClusterNode, Ghost } from '../../model/swarm/topology';
import type { HostInput } from './clusters';

/** Names that many machines have at once. */
const commonNames = new Set(['', 'localhost', 'localhost.localdomain', 'ubuntu', 'debian', 'raspberrypi']);

/**
 * A machine that leaves and joins again is listed as down within seconds, its new node comes after that; 20.10 notes the
 * end of a node up to some 30 s late. What was still up so long after the other had come, ms, is another machine.
 */
const overlapMs = 120_000;

/**
 * Marks the ghosts among the nodes of a cluster: a machine that leaves and joins again gets a new id, and its old node
 * stays in the list as down for ever (moby#30059). Names repeat (clones) and so do addresses (machines behind one NAT), and
 * a node that is only being restarted must never be taken for one: its removal would void its certificate. So a node that
 * is down is a ghost when its own host says that it was this node and is not any more; or when one machine with its hostname
 * and its address is another node, which has come after it had gone, or a host outside of this swarm. So is what an attempt
 * to join left.
 *
 * @param hosts all configured hosts, of this swarm and of none.
 */
export function markGhosts(nodes: readonly ClusterNode[], hosts: readonly HostInput[]): readonly ClusterNode[] {
  if (!nodes.some(isSuspect)) return nodes;
  // A host that is joining now has a node without a hostname as well, for a moment.
  const isJoining = hosts.some(({ state }) => state.kind === 'ready' && state.snapshot.info.swarm.state === 'pending');
  const ready = nodes.filter(({ node }) => node.state === 'ready');
  const byName = onlyOnes(ready, ({ hostname }) => hostname);
  const machines = hostsByName(hosts);
  const former = formerHosts(hosts);
  return nodes.map((one) => {
    if (!isSuspect(one)) return one;
    const { node } = one;
    if (isUnfinished(node)) return isJoining ? one : { ...one, ghost: { by: 'attempt' } };
    const name = commonNames.has(node.hostname) ? undefined : node.hostname;
    const namesake = name === undefined ? undefined : byName.get(name);
    if (namesake && isSameMachine(node, namesake.node)) return { ...one, ghost: ghostOf(namesake, 'hostname') };
    const was = former.get(node.id);
    if (was !== undefined) return { ...one, ghost: { host: was, by: 'host' } };
    const machine = name === undefined ? undefined : machines.get(name);
    if (machine?.addresses.includes(addressOf(node))) return { ...one, ghost: { host: machine.host, by: 'hostname' } };
    return machine && neverManaged(node) ? { ...one, ghost: { host: machine.host, by: 'attempt' } } : one;
  });
}

/** @param old a node that is down. @param now a node of the same hostname that is ready. */
function isSameMachine(old: SwarmNode, now: SwarmNode): boolean {
  const address = addressOf(old);
  // What is not known is NaN, and compares as false.
  const at = (time: string | undefined) => Date.parse(time ?? '');
  const [came, cameAfter, went] = [at(old.createdAt), at(now.createdAt), at(old.updatedAt)];
  return address !== '' && address === addressOf(now) && came < cameAfter && went <= cameAfter + overlapMs;
}

const isSuspect = ({ node, host }: ClusterNode): boolean =>
  host === undefined && (node.state === 'down' || isUnfinished(node));

/** Let in by a manager, and never heard of again: e.g. one whose advertised address the managers did not reach. */
const isUnfinished = ({ state, hostname }: SwarmNode): boolean => state === 'unknown' && hostname === '';

/**
 * Asked to be a manager and never taken up by the others: e.g. one whose advertised address they did not reach, so that
 * no address of it fits.
 */
const neverManaged = ({ role, manager }: SwarmNode): boolean => role === 'manager' && manager === undefined;

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

/** Hosts by the nodes they were before, by their own word in this session. */
function formerHosts(hosts: readonly HostInput[]): ReadonlyMap<string, HostName> {
  return new Map(
    hosts.flatMap(({ config, state }) =>
      state.kind === 'ready' ? (state.snapshot.formerNodes ?? []).map((id) => [id, config.name] as const) : [],
    ),
  );
}

/** Empty when the address means nothing: a manager that was its own remote side is listed with 0.0.0.0. */
function addressOf({ address }: SwarmNode): string {
  return address === '' || unreachableBecause(address, []) ? '' : address;
}

interface Machine {
  readonly host: HostName;
  readonly addresses: readonly string[];
}

/**
 * Connected hosts that are free or in another swarm, by hostname; a name that several have tells nothing. Nor does a host
 * that does not say which node it is: a locked manager may well be the one that is listed as down.
 */
function hostsByName(hosts: readonly HostInput[]): ReadonlyMap<string, Machine> {
  const names = new Map<string, Machine | undefined>();
  for (const { config, state } of hosts) {
    if (state.kind !== 'ready') continue;
    const { hostname, swarm } = state.snapshot.info;
    const saysWho = swarm.state === 'inactive' || swarm.nodeId !== '';
    const addresses = addressesOf({ config, state }).flatMap((one) => (one.unreachable ? [] : [one.address]));
    names.set(hostname, names.has(hostname) || !saysWho ? undefined : { host: config.name, addresses });
  }
  return new Map([...names].flatMap(([name, machine]) => (machine === undefined ? [] : [[name, machine] as const])));
}
