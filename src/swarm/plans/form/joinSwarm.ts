import { Semaphore } from '../../../base/concurrency';
import { OverlayError } from '../../../base/errors';
import { listAll } from '../../../base/text/words';
import type { NodeRole } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import { quorumOf } from '../../../model/swarm/quorum';
import { clusterById, requireManagers } from '../../topology/lookup';
import { defaultPlanTimes, distinct, type Planner } from '../plan';
import { quorumEffects, quorumWarnings } from '../quorumGuard';
import { addressesFor, addressWarnings, type AddressesRequest } from './addresses';
import { joinStep } from './joinStep';
import { joinObstacle } from './joinObstacle';

export interface JoinRequest extends AddressesRequest {
  readonly hosts: readonly HostName[];
  readonly clusterId: string;
  readonly role: NodeRole;
  /** For one host: the address it tells the others. */
  readonly advertiseAddress?: string;
  /**
   * `host:port` by which these hosts reach a manager, where that is not the address that managers advertise (NAT). A
   * host name must resolve on the joining hosts.
   */
  readonly managerAddress?: string;
}

/**
 * Makes hosts members of a swarm.
 *
 * @throws notConnected, alreadyInSwarm, halfJoined, swarmLocked, noReachableManager, quorumLost, invalidArguments,
 *   advertiseAddressInvalid.
 */
export const planJoin: Planner<JoinRequest> = (topology, engineOf, request, times = defaultPlanTimes) => {
  const hosts = distinct(request.hosts, 'hosts');
  const cluster = clusterById(topology, request.clusterId);
  const managers = requireManagers(cluster);
  const { advertiseAddress, managerAddress } = request;
  const [only, ...others] = hosts;
  if (others.length > 0 && advertiseAddress !== undefined) {
    throw new OverlayError('invalidArguments', { message: 'one advertise address cannot be that of several hosts' });
  }
  for (const host of hosts) {
    const error = joinObstacle(topology, host, cluster);
    if (error) throw error;
  }
  const short = advertiseAddress === undefined ? request.advertise : { [only as HostName]: advertiseAddress };
  const addresses = new Map(hosts.map((host) => [host, addressesFor({ ...request, advertise: short }, host)]));
  const raftLock = new Semaphore(1);
  const news = hosts.filter((host) => !cluster.hosts.includes(host));
  const more = request.role === 'manager' ? news.length : 0;
  const { quorum } = cluster;
  const change = { before: quorum, after: quorumOf(quorum.managers + more, quorum.reachable + more) };
  return {
    title: `Join ${listAll(hosts)} to ${cluster.name}`,
    steps: hosts.map((host) =>
      joinStep({
        engineOf,
        host,
        role: request.role,
        addresses: addresses.get(host) ?? {},
        ...(managerAddress === undefined ? {} : { managerAddress: withManagerPort(managerAddress) }),
        managers,
        clusterId: cluster.id,
        swarmName: cluster.name,
        raftLock,
        after: [],
        times,
      }),
    ),
    effects: quorumEffects(change),
    warnings: [
      ...quorumWarnings(change),
      ...hosts.flatMap((host) => addressWarnings(topology, host, addresses.get(host) ?? {})),
    ],
  };
};

/** @throws invalidArguments unless it can be `host:port`; the port may be left out. */
function withManagerPort(text: string): string {
  const address = text.trim();
  if (!/^(\[[0-9A-Fa-f:.]+\]|[\w.-]+)(:\d{1,5})?$/.test(address)) {
    throw new OverlayError('invalidArguments', { message: `"${address}" is not the address of a manager` });
  }
  return /:\d+$/.test(address) && !address.endsWith(']') ? address : `${address}:2377`;
}
