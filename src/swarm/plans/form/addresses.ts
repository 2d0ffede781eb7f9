import { isIP } from 'node:net';
import { OverlayError } from '../../../base/errors';
import { describeUnreachable, unreachableBecause, withoutPort } from '../../../model/host/hostAddress';
import type { HostName } from '../../../model/host/host';
import type { Topology } from '../../../model/swarm/topology';
import { hostByName } from '../../topology/lookup';

/** How a host listens and where others find it. Each is an IP address or the name of an interface. */
export interface NodeAddresses {
  /** What it tells the others, with a port if it is not 2377. */
  readonly advertise?: string;
  /** Where a manager listens; all addresses and port 2377 when not given. */
  readonly listen?: string;
  /** Where the data of overlay networks goes, when not to the advertised address. */
  readonly dataPath?: string;
}

/** Addresses as plans take them. */
export interface AddressesRequest {
  readonly addresses?: Readonly<Record<HostName, NodeAddresses>>;
  /** Advertised address by host: the short form of `addresses`. */
  readonly advertise?: Readonly<Record<HostName, string>>;
}

/** Linux interface names have at most 15 characters; Windows ones may have blanks. */
const interfacePattern = /^[A-Za-z0-9_][\w .-]{0,62}$/;

/** The addresses asked for a host. @throws advertiseAddressInvalid for what can be none. */
export function addressesFor({ addresses, advertise }: AddressesRequest, host: HostName): NodeAddresses {
  const given = { advertise: advertise?.[host], ...definedOf(addresses?.[host]) };
  const result: NodeAddresses = definedOf(given);
  check(host, result.advertise, { portAllowed: true, anyAllowed: false });
  check(host, result.listen, { portAllowed: true, anyAllowed: true });
  check(host, result.dataPath, { portAllowed: false, anyAllowed: false });
  return result;
}

/** Empty texts count as not given. */
function definedOf(addresses: NodeAddresses | undefined): NodeAddresses {
  const entries = Object.entries(addresses ?? {}).flatMap(([key, value]: [string, string | undefined]) => {
    const text = value?.trim();
    return text ? [[key, text] as const] : [];
  });
  return Object.fromEntries(entries);
}

function check(host: HostName, text: string | undefined, rule: { portAllowed: boolean; anyAllowed: boolean }): void {
  if (text === undefined) return;
  const invalid = (message: string) => new OverlayError('advertiseAddressInvalid', { host, address: text, message });
  const address = withoutPort(text);
  if (address !== text && !rule.portAllowed) throw invalid('the data path has its port for the whole swarm');
  if (isIP(address) === 0 && !interfacePattern.test(address)) {
    throw invalid('it is neither an IP address nor the name of an interface');
  }
  if (!rule.anyAllowed && unreachableBecause(address) === 'unspecified') throw invalid('it stands for no address');
}

/** Names under which Docker takes them. */
export function requestAddresses({ advertise, listen, dataPath }: NodeAddresses): {
  readonly advertiseAddress?: string;
  readonly listenAddress?: string;
  readonly dataPathAddress?: string;
} {
  return {
    ...(advertise === undefined ? {} : { advertiseAddress: advertise }),
    ...(listen === undefined ? {} : { listenAddress: withPort(listen) }),
    ...(dataPath === undefined ? {} : { dataPathAddress: dataPath }),
  };
}

/** Over the API Docker wants a port to listen on; its command line adds this one. */
function withPort(listen: string): string {
  if (withoutPort(listen) !== listen && !/\]$/.test(listen)) return listen;
  return isIP(listen) === 6 ? `[${listen}]:2377` : `${listen}:2377`;
}

/** Chosen addresses that other hosts cannot be expected to reach. */
export function addressWarnings(topology: Topology, host: HostName, addresses: NodeAddresses): string[] {
  const { state } = hostByName(topology, host);
  const networks = state.kind === 'ready' ? state.snapshot.networks : undefined;
  return [addresses.advertise, addresses.dataPath].flatMap((text) => {
    const why = text === undefined ? undefined : unreachableBecause(withoutPort(text), networks);
    return text !== undefined && why
      ? [`Other hosts will hardly reach ${host} at ${text}: ${describeUnreachable(why)}`]
      : [];
  });
}
