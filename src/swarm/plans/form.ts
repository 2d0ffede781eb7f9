import { Semaphore } from '../../base/concurrency';
import { OverlayError } from '../../base/errors';
import type { HostName } from '../../model/host';
import { describeQuorum, quorumAdvice, quorumOf } from '../../model/quorum';
import type { Cluster, Topology } from '../../model/topology';
import type { EngineOf, Plan, PlanStep } from '../plan';
import { initStep } from './init';
import { refuseOtherSwarm } from './join';
import { joinStep } from './joinStep';
import {
  clusterById,
  defaultPlanTimes,
  distinct,
  hostView,
  listOf,
  managersOf,
  readyHost,
  type PlanTimes,
} from './support';

export interface FormRequest {
  /** All hosts of the swarm to be. */
  readonly hosts: readonly HostName[];
  /** Those of them that are to be managers; the first one begins. */
  readonly managers: readonly HostName[];
  /** Advertised address by host, where a host has several. */
  readonly advertise?: Readonly<Record<HostName, string>>;
  readonly dataPathPort?: number;
  readonly addressPools?: readonly string[];
}

/**
 * One swarm out of the chosen hosts: the first manager begins it, unless one of them is in a swarm already; then the
 * others join that one. Run again, everything is done already.
 *
 * @throws notConnected, invalidArguments, alreadyInSwarm (hosts of different swarms), noReachableManager, quorumLost.
 */
export function planForm(
  topology: Topology,
  engineOf: EngineOf,
  request: FormRequest,
  times: PlanTimes = defaultPlanTimes,
): Plan {
  const hosts = distinct(request.hosts, 'hosts');
  const managers = distinct(request.managers, 'managers');
  const strange = managers.filter((host) => !hosts.includes(host));
  if (strange.length > 0) {
    throw new OverlayError('invalidArguments', {
      message: `${listOf(strange)} would be a manager but is not chosen as a host`,
    });
  }
  const cluster = targetCluster(topology, hosts);
  for (const host of hosts) refuseOtherSwarm(topology, host, cluster?.id);
  const first = managers[0] as HostName;
  const begins: PlanStep[] = cluster
    ? []
    : [
        initStep(
          engineOf,
          {
            host: first,
            advertiseAddress: request.advertise?.[first],
            dataPathPort: request.dataPathPort,
            addressPools: request.addressPools,
          },
          times,
        ),
      ];
  const raftTurn = new Semaphore(1);
  const joining = cluster ? hosts : hosts.filter((host) => host !== first);
  const joins = joining.map((host) =>
    joinStep({
      engineOf,
      host,
      role: managers.includes(host) ? 'manager' : 'worker',
      advertiseAddress: request.advertise?.[host],
      managers: cluster ? managersOf(cluster) : [first],
      swarmName: cluster?.name ?? first,
      raftTurn,
      after: begins.map((step) => step.id),
      times,
    }),
  );
  return { title: 'Form swarm', steps: [...begins, ...joins], ...previewOf(topology, cluster, hosts, managers) };
}

/** The one swarm that some of the hosts are in; undefined when none is. @throws alreadyInSwarm when there are several. */
function targetCluster(topology: Topology, hosts: readonly HostName[]): Cluster | undefined {
  const members = hosts.map((host) => hostView(topology, host)).filter((view) => view.clusterId !== undefined);
  const [firstMember] = members;
  if (firstMember?.clusterId === undefined) {
    refuseHalfJoined(topology, hosts);
    return undefined;
  }
  const cluster = clusterById(topology, firstMember.clusterId);
  const others = members.filter((view) => view.clusterId !== cluster.id);
  if (others.length > 0) {
    throw new OverlayError('alreadyInSwarm', {
      host: listOf(others.map((view) => view.config.name)),
      name: `another swarm than ${firstMember.config.name} (${cluster.name})`,
    });
  }
  return cluster;
}

/** A host that is still joining something could not begin a new swarm. */
function refuseHalfJoined(topology: Topology, hosts: readonly HostName[]): void {
  for (const host of hosts) {
    const { swarm } = readyHost(topology, host);
    if (swarm.state === 'pending' || swarm.state === 'error') {
      throw new OverlayError('alreadyInSwarm', { host, name: 'a swarm that it cannot reach' });
    }
  }
}

function previewOf(
  topology: Topology,
  cluster: Cluster | undefined,
  hosts: readonly HostName[],
  managers: readonly HostName[],
): Pick<Plan, 'effects' | 'warnings'> {
  const isManagerNow = (host: HostName) => hostView(topology, host).node?.manager !== undefined;
  const added = managers.filter((host) => !isManagerNow(host)).length;
  const count = (cluster?.quorum.managers ?? 0) + added;
  const unasked = hosts.filter((host) => isManagerNow(host) && !managers.includes(host));
  const advice = quorumAdvice(count);
  return {
    effects: [
      ...(cluster ? [`The swarm ${cluster.name} exists; the others join it`] : []),
      describeQuorum(quorumOf(count)),
    ],
    warnings: [
      ...(advice ? [`${count} manager${count === 1 ? '' : 's'}: ${advice}`] : []),
      ...(unasked.length > 0 ? [`${listOf(unasked)} stays a manager: demote it if it should not be one`] : []),
    ],
  };
}

/**
 * Which hosts to propose as managers: an odd number that tolerates what is usual. 1 of 1 or 2 hosts, 3 of 3 to 6, and
 * 5 from 7 on; more only makes each change slower.
 */
export function proposeManagers(hosts: readonly HostName[]): HostName[] {
  const count = hosts.length < 3 ? 1 : hosts.length < 7 ? 3 : 5;
  return hosts.slice(0, count);
}
