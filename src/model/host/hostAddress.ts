import { isIP } from 'node:net';
import { contains, parseCidr, type Cidr } from '../network/address';
import type { Network } from '../engine/records';
import type { HostView } from '../swarm/topology';

/** Why other hosts cannot be expected to reach an address. */
export type Unreachable = 'unspecified' | 'loopback' | 'linkLocal' | 'dockerBridge';

/** An address of a host, and where it is known from. */
export interface HostAddress {
  readonly address: string;
  /** Advertised in a swarm, seen by a manager, configured to connect to, or listed by the engine itself. */
  readonly from: 'swarm' | 'manager' | 'endpoint' | 'engine';
  readonly unreachable?: Unreachable;
}

const words: Readonly<Record<Unreachable, string>> = {
  unspecified: 'it stands for no address',
  loopback: 'it is a loopback address, which every host has for itself',
  linkLocal: 'it is a link-local address',
  dockerBridge: 'it belongs to a Docker bridge, which every host has for itself',
};

/** Blocks that mean another machine on every machine, or none. */
const special: readonly (readonly [Unreachable, Cidr])[] = [
  ['unspecified', block('0.0.0.0/32')],
  ['unspecified', block('::/128')],
  ['loopback', block('127.0.0.0/8')],
  ['loopback', block('::1/128')],
  ['linkLocal', block('169.254.0.0/16')],
  ['linkLocal', block('fe80::/10')],
];

/** What docker0 and docker_gwbridge get when nobody says otherwise; for hosts whose networks are not known. */
const usualBridges = [block('172.17.0.0/16'), block('172.18.0.0/16')];

/**
 * The addresses of a host as far as they can be known: an engine tells its interfaces to nobody. It does list them when
 * it refuses to choose one itself (`advertiseAddressAmbiguous`).
 *
 * @param listed what the engine has listed.
 * @returns those that others may reach first, each address once.
 */
export function addressesOf(view: HostView, listed: readonly string[] = []): HostAddress[] {
  const snapshot = view.state.kind === 'ready' ? view.state.snapshot : undefined;
  const { endpoint } = view.config;
  const found: { address: string; from: HostAddress['from'] }[] = [
    ...listed.map((address) => ({ address, from: 'engine' as const })),
    { address: snapshot?.info.swarm.nodeAddress ?? '', from: 'swarm' },
    { address: withoutPort(view.node?.manager?.address ?? ''), from: 'swarm' },
    { address: view.node?.address ?? '', from: 'manager' },
    { address: endpoint.kind === 'ssh' || endpoint.kind === 'tcp' ? endpoint.host : '', from: 'endpoint' },
  ];
  const known = new Map<string, HostAddress>();
  for (const { address, from } of found) {
    if (isIP(address) === 0 || known.has(address)) continue;
    const unreachable = unreachableBecause(address, snapshot?.networks);
    if (unreachable === 'unspecified') continue;
    known.set(address, { address, from, ...(unreachable && { unreachable }) });
  }
  return [...known.values()].sort((a, b) => Number(Boolean(a.unreachable)) - Number(Boolean(b.unreachable)));
}

/**
 * Why others cannot be expected to reach an address of a host; undefined when nothing speaks against it.
 *
 * @param networks the host's own, when known: which of its addresses belong to Docker's bridges.
 */
export function unreachableBecause(address: string, networks?: readonly Network[]): Unreachable | undefined {
  const found = special.find(([, one]) => contains(one, address))?.[0];
  if (found) return found;
  const bridges = networks?.filter(({ driver, scope }) => driver === 'bridge' && scope === 'local');
  const blocks = bridges?.flatMap(({ subnets }) => subnets.flatMap(({ subnet }) => parseCidr(subnet) ?? []));
  return (blocks ?? usualBridges).some((one) => contains(one, address)) ? 'dockerBridge' : undefined;
}

/** "it is a loopback address, which every host has for itself" */
export const describeUnreachable = (why: Unreachable): string => words[why];

/** "10.0.0.5:2377" and "[fd00::5]:2377" without their port; anything else as it is. */
export function withoutPort(text: string): string {
  const match = /^\[([^\]]+)\](?::\d+)?$/.exec(text) ?? /^([^:]+):\d+$/.exec(text);
  return match?.[1] ?? text;
}

function block(text: string): Cidr {
  const parsed = parseCidr(text);
  if (!parsed) throw new RangeError(`${text} is no address block`);
  return parsed;
}
