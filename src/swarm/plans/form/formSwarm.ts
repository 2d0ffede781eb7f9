import { Semaphore } from '../../../base/concurrency';
import { describeError, OverlayError } from '../../../base/errors';
import { count, listAll } from '../../../base/text/words';
import type { HostName } from '../../../model/host/host';
import { describeQuorum, quorumAdvice, quorumOf } from '../../../model/swarm/quorum';
import type { Cluster, Topology } from '../../../model/swarm/topology';
import type { EngineOf } from '../../askManager';
import { hostByName, requireManagers } from '../../topology/lookup';
import { defaultPlanTimes, distinct, type Plan, type Planner, type PlanStep, type PlanTimes } from '../plan';
import { placementWarnings } from '../placement';
import { addressesFor, addressWarnings, type AddressesRequest, type NodeAddresses } from './addresses';
import { formTarget, type FormTarget } from './formTarget';
import { initStep } from './initSwarm';
import { joinStep } from './joinStep';
import { placedHosts } from './proposeManagers';
import {
  checkSwarmOptions,
  lateOptionWarnings,
  swarmOptionEffects,
  swarmOptionWarnings,
  type SwarmOptions,
} from './swarmOptions';

export interface FormRequest extends AddressesRequest, SwarmOptions {
  /** All hosts of the swarm to be. */
  readonly hosts: readonly HostName[];
  /** Those of them that are to be managers; the first one begins. */
  readonly managers: readonly HostName[];
  /** Leaves out hosts that are in another swarm (or stuck in one), with a warning, instead of refusing all. */
  readonly skipForeign?: boolean;
}

/**
 * One swarm out of the chosen hosts: the first manager begins it, unless some of them are in one already; then the
 * others join that one. Run again on a swarm that is half formed, it finishes it: joins under way are followed, workers
 * that shall be managers are promoted. Managers join one after the other (Raft takes one at a time), workers side by side.
 *
 * @throws notConnected, invalidArguments, alreadyInSwarm (hosts of different swarms), halfJoined, swarmLocked,
 *   noReachableManager, quorumLost, advertiseAddressInvalid, dataPathPortInvalid, addressPoolInvalid.
 */
export const planForm: Planner<FormRequest> = (topology, engineOf, request, times = defaultPlanTimes) => {
  const asked = distinct(request.hosts, 'hosts');
  const target = formTarget(topology, asked, request.skipForeign ?? false);
  const managers = managersIn(target, asked, request.managers);
  checkSwarmOptions(request);
  const addresses = new Map(target.hosts.map((host) => [host, addressesFor(request, host)]));
  return {
    title: 'Form swarm',
    steps: formSteps(engineOf, target, managers, addresses, request, times),
    ...previewOf(topology, target, managers, addresses, request),
  };
};

/** @throws invalidArguments when there is none, or one that is not chosen as a host. */
function managersIn(
  { cluster, hosts }: FormTarget,
  asked: readonly HostName[],
  wanted: readonly HostName[],
): readonly HostName[] {
  const managers = distinct(wanted, 'managers');
  const strange = managers.filter((host) => !asked.includes(host));
  if (strange.length > 0) {
    throw new OverlayError('invalidArguments', {
      message: `${listAll(strange)} would be a manager but is not chosen as a host`,
    });
  }
  const staying = managers.filter((host) => hosts.includes(host));
  if (staying.length === 0 && !cluster) {
    const message = `${listAll(managers)} cannot be in it, so no manager would be left`;
    throw new OverlayError('invalidArguments', { message });
  }
  return staying;
}

function formSteps(
  engineOf: EngineOf,
  { cluster, hosts }: FormTarget,
  managers: readonly HostName[],
  addresses: ReadonlyMap<HostName, NodeAddresses>,
  options: SwarmOptions,
  times: PlanTimes,
): PlanStep[] {
  const first = managers[0] as HostName;
  const begins = cluster ? [] : [initStep(engineOf, first, addresses.get(first) ?? {}, options, times)];
  const raftLock = new Semaphore(1);
  const joins = hosts
    .filter((host) => cluster !== undefined || host !== first)
    .map((host) =>
      joinStep({
        engineOf,
        host,
        role: managers.includes(host) ? 'manager' : 'worker',
        addresses: addresses.get(host) ?? {},
        managers: cluster ? requireManagers(cluster) : [first],
        ...(cluster ? { clusterId: cluster.id } : {}),
        swarmName: cluster?.name ?? first,
        raftLock,
        after: begins.map((step) => step.id),
        times,
      }),
    );
  return [...begins, ...joins];
}

function previewOf(
  topology: Topology,
  { cluster, hosts, left }: FormTarget,
  managers: readonly HostName[],
  addresses: ReadonlyMap<HostName, NodeAddresses>,
  options: SwarmOptions,
): Pick<Plan, 'effects' | 'warnings'> {
  const isManagerNow = (host: HostName) => hostByName(topology, host).node?.manager !== undefined;
  const added = managers.filter((host) => !isManagerNow(host)).length;
  const managerCount = (cluster?.quorum.managers ?? 0) + added;
  const unasked = hosts.filter((host) => isManagerNow(host) && !managers.includes(host));
  const joining = hosts.filter((host) => isJoining(topology, host));
  const advice = quorumAdvice(managerCount);
  return {
    effects: [
      ...(cluster ? [`The swarm ${cluster.name} exists; the others join it`] : []),
      describeQuorum(quorumOf(managerCount)),
      ...(joining.length > 0 ? [`${listAll(joining)}: joining already, and followed to the end`] : []),
      ...(cluster ? [] : swarmOptionEffects(options)),
    ],
    warnings: [
      ...(advice ? [`${count(managerCount, 'manager')}: ${advice}`] : []),
      ...placementWarnings(placedHosts(topology, hosts, managers)),
      ...(unasked.length > 0 ? [`${listAll(unasked)} stays a manager: demote it if it should not be one`] : []),
      ...left.map(({ error }) => `Left out: ${describeError(error).happened}`),
      ...hosts.flatMap((host) => addressWarnings(topology, host, addresses.get(host) ?? {})),
      ...optionWarnings(topology, cluster, hosts, options),
    ],
  };
}

function optionWarnings(
  topology: Topology,
  cluster: Cluster | undefined,
  hosts: readonly HostName[],
  options: SwarmOptions,
): string[] {
  return cluster
    ? lateOptionWarnings(cluster.name, cluster.dataPathPort, options)
    : swarmOptionWarnings(topology, hosts, options);
}

function isJoining(topology: Topology, host: HostName): boolean {
  const { state } = hostByName(topology, host);
  return state.kind === 'ready' && state.snapshot.info.swarm.state === 'pending';
}
