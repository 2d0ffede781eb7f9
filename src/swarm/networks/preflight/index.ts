import type { NetworkCreateRequest } from '../../../engine/api';
import type { HostName } from '../../../model/host/host';
import type { HostReading } from '../../../model/host/hostReading';
import type { Topology } from '../../../model/swarm/topology';
import { clusterById } from '../../topology/lookup';
import { nameProblems } from '../networkRules';
import { encryptionFindings } from './encryption';
import { obstacle, type NetworkFinding, type PreflightContext } from './finding';
import { ingressFindings } from './ingress';
import { ipv6Findings } from './ipv6';
import { mtuFindings } from './mtu';
import { subnetFindings } from './subnets';

export type { NetworkFinding } from './finding';
export { smallestUnderlayMtu } from './mtu';
export { freeSubnets } from './freeSubnets';
export { proposedSubnets } from './ipv6';

export type Readings = ReadonlyMap<HostName, HostReading>;

/**
 * What is to be known about a network before it is created, host by host: what Docker would refuse, what would cut hosts
 * off, and what would be created and then not work. Errors first, then warnings, then notes.
 *
 * @throws invalidArguments when there is no such cluster (any more).
 */
export function checkNetwork(
  topology: Topology,
  clusterId: string,
  request: NetworkCreateRequest,
  readings: Readings = new Map(),
): NetworkFinding[] {
  const context: PreflightContext = { topology, cluster: clusterById(topology, clusterId), request, readings };
  const all: NetworkFinding[] = [
    ...nameProblems(request.name, topology, clusterId).map((error) => obstacle('name', error, error.params.host)),
    ...ingressFindings(context),
    ...ipv6Findings(context),
    ...subnetFindings(context),
    ...encryptionFindings(context),
    ...mtuFindings(context),
  ];
  return all.sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
}

const order = ['error', 'warning', 'note'] as const;
