import { isNoAnswer } from '../base/reasons/silent';
import type { HostName } from '../model/host/host';
import type { HostLink, HostReading } from '../model/host/hostReading';
import type { Analysis } from './analysis';
import type { HostFacts } from './facts';
import { isAddress } from './remedies/command';

/** What is known about a host; at least its name. */
export function factsOf(analysis: Analysis, host: HostName): HostFacts {
  return analysis.facts.hosts.find((one) => one.host === host) ?? { host };
}

/** What was read of a host's own network, where somebody looked. */
export function readingOf(analysis: Analysis, host: HostName): HostReading | undefined {
  return analysis.facts.readings?.find((one) => one.host === host);
}

/** Whether its kernel can encrypt: as a test container there saw it, or as reading the host told. Undefined when nobody knows. */
export function hasEsp(analysis: Analysis, host: HostName): boolean | undefined {
  return factsOf(analysis, host).kernelHasEsp ?? readingOf(analysis, host)?.features.esp;
}

/** The interface with the address that the swarm has of a host. */
export function underlayLinkOf(analysis: Analysis, host: HostName): HostLink | undefined {
  const { address } = factsOf(analysis, host);
  if (address === undefined) return undefined;
  return readingOf(analysis, host)?.links.find((link) =>
    link.addresses.some((one) => one.replace(/\/.*$/, '') === address),
  );
}

/** The interface of a host in the swarm, if that is what is dead. */
export function deadLinkOf(analysis: Analysis, host: HostName): HostLink | undefined {
  const link = underlayLinkOf(analysis, host);
  return link && (!link.up || link.carrier === false) ? link : undefined;
}

/** The swarm's address of it is on none of its interfaces: it is wrong, or translated on the way. */
export function hasStrangeAddress(analysis: Analysis, host: HostName): boolean {
  const links = readingOf(analysis, host)?.links ?? [];
  const isKnown = factsOf(analysis, host).address !== undefined && links.some(({ addresses }) => addresses.length > 0);
  return isKnown && !underlayLinkOf(analysis, host);
}

/** Hosts without a test container because the managers did not give it a place in the network. */
export function hostsNotAttached(analysis: Analysis): HostName[] {
  return analysis.hosts.filter((host) => host.problem?.reason === 'probeAttachTimeout').map((host) => host.host);
}

/**
 * What managers say of a node whose heartbeat they miss. Not "unknown": that is every node for some seconds after an election,
 * until it has reported to the new leader.
 */
export function isLost(analysis: Analysis, host: HostName): boolean {
  const { nodeState } = factsOf(analysis, host);
  return nodeState === 'down' || nodeState === 'disconnected';
}

/** Whether a host takes no part because its engine does not answer. */
export const isSilent = (host: Analysis['hosts'][number]): boolean => isNoAnswer(host.problem?.reason);

/** The address of a host to show in brackets, where it is known. */
export function nameWithAddress(analysis: Analysis, host: HostName): string {
  const { address } = factsOf(analysis, host);
  return isAddress(address) ? `${host} (${address})` : host;
}
