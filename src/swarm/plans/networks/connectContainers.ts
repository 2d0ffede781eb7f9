import { isOverlayError, OverlayError } from '../../../base/errors';
import { listAll } from '../../../base/text/words';
import type { EndpointRequest } from '../../../engine/api';
import type { Container } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import { addressProblem, type KnownAddress } from '../../../model/network/networkUse';
import type { Cluster, ClusterNetwork, Topology } from '../../../model/swarm/topology';
import { usersOf, type NetworkSurveys } from '../../networks/networkUsers';
import type { EngineOf } from '../../askManager';
import { clusterById, readyHost } from '../../topology/lookup';
import { defaultPlanTimes, type Planner, type PlanStep, type PlanTimes, type StepContext } from '../plan';
import { isAnswerLost, waitUntil } from '../sendAndWait';
import { readAttachment, type Attachment } from './attachment';

export interface ConnectContainersRequest extends EndpointRequest {
  readonly clusterId: string;
  readonly networkId: string;
  readonly containers: readonly { readonly host: HostName; readonly containerId: string }[];
  readonly surveys?: NetworkSurveys;
}

/**
 * Connects containers to an overlay network.
 *
 * @throws networkNotFound, networkNotAttachable, networkNotRemovable (ingress), containerGone, containerNotConnectable,
 *   containerOfService, addressTaken, addressNotInSubnet, notConnected, invalidArguments.
 */
export const planConnectContainers: Planner<ConnectContainersRequest> = (
  topology,
  engineOf,
  request,
  times = defaultPlanTimes,
) => {
  const cluster = clusterById(topology, request.clusterId);
  const item = attachableNetwork(cluster, request.networkId);
  const { aliases, ipv4, ipv6 } = request;
  const targets = containersOf(topology, cluster, request.containers);
  for (const target of targets) refuseContainer(target);
  const isFixed = ipv4 !== undefined || ipv6 !== undefined;
  if (isFixed && targets.length > 1)
    throw new OverlayError('invalidArguments', { message: 'a fixed address is for one container only' });
  const known = usersOf(topology, item, request.surveys).addresses.filter(
    // Connecting it once more to where it is already must not fail for its own address.
    ({ by }) => !targets.some(({ host, container }) => by === `${container.name} on ${host}`),
  );
  refuseAddress(item, ipv4, 4, known);
  refuseAddress(item, ipv6, 6, known);
  const endpoint: EndpointRequest = {
    ...(aliases && aliases.length > 0 ? { aliases } : {}),
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  };
  const names = listAll(targets.map(({ container, host }) => `${container.name} on ${host}`));
  return {
    title: `Connect ${names} to ${item.network.name}`,
    steps: targets.map((target) => connectStep(engineOf, item, target, endpoint, times)),
    effects: [`${names} can be reached in ${item.network.name} from every host`],
    warnings: targets
      .filter(({ container }) => container.state !== 'running' && container.state !== 'paused')
      .map(({ container, host }) => `${container.name} on ${host} is stopped: it gets its address when it starts`),
  };
};

/** A container and the connected host it is on. */
export interface ContainerTarget {
  readonly host: HostName;
  readonly container: Container;
}

/** A network that containers can be connected to. @throws networkNotFound, networkNotRemovable, networkNotAttachable. */
function attachableNetwork(cluster: Cluster, networkId: string): ClusterNetwork {
  const item = cluster.networks.find(({ network }) => network.id === networkId);
  if (!item) throw new OverlayError('networkNotFound', { name: networkId });
  const { name, ingress, attachable } = item.network;
  if (ingress || !attachable) throw new OverlayError('networkNotAttachable', { name });
  return item;
}

/** The containers named. @throws invalidArguments, notConnected, containerGone. */
export function containersOf(
  topology: Topology,
  cluster: Cluster,
  named: readonly { readonly host: HostName; readonly containerId: string }[],
): ContainerTarget[] {
  if (named.length === 0) throw new OverlayError('invalidArguments', { message: 'no container is named' });
  const targets = named.map(({ host, containerId }) => {
    const { view, snapshot } = readyHost(topology, host);
    if (view.clusterId !== cluster.id)
      throw new OverlayError('invalidArguments', { message: `${host} is not in the swarm ${cluster.name}` });
    const container = snapshot.containers.find((one) => one.id === containerId);
    if (!container) throw new OverlayError('containerGone', { host, name: containerId.slice(0, 12) });
    return { host, container };
  });
  return [...new Map(targets.map((one) => [`${one.host}/${one.container.id}`, one])).values()];
}

/** Why Docker would not connect a container; undefined when it would. */
export function notConnectable(container: Container): string | undefined {
  const { networkMode = '', networks } = container;
  if (networkMode === 'host' || networks.some((one) => one.name === 'host')) return "it uses its host's network";
  if (networkMode.startsWith('container:')) return 'it shares the network of another container';
  if (networks.some((one) => one.name === 'none')) return 'it was started without a network (none)';
  return undefined;
}

function refuseContainer({ host, container }: ContainerTarget): void {
  const { name, labels } = container;
  const service = labels['com.docker.swarm.service.name'];
  if (service !== undefined) throw new OverlayError('containerOfService', { host, name, message: service });
  const message = notConnectable(container);
  if (message !== undefined) throw new OverlayError('containerNotConnectable', { host, name, message });
}

function refuseAddress(
  { network }: ClusterNetwork,
  address: string | undefined,
  family: 4 | 6,
  known: readonly KnownAddress[],
): void {
  if (address === undefined) return;
  const problem = addressProblem(network, address, family, known);
  if (problem?.kind === 'taken') throw new OverlayError('addressTaken', { address, name: problem.by });
  if (problem) throw new OverlayError('addressNotInSubnet', { address, name: network.name, message: problem.message });
}

function connectStep(
  engineOf: EngineOf,
  { network }: ClusterNetwork,
  { host, container }: ContainerTarget,
  endpoint: EndpointRequest,
  times: PlanTimes,
): PlanStep {
  const { id: containerId, name } = container;
  const look = ({ signal }: StepContext) => readAttachment(engineOf, host, { containerId, name }, network, signal);
  return {
    id: `connect:${network.id}:${host}:${containerId}`,
    host,
    title: `Connect ${name} on ${host} to ${network.name}`,
    after: [],
    async run(context) {
      const before = await look(context);
      if (before) {
        refuseOtherAddress(before, endpoint, { host, name });
        return 'alreadyDone';
      }
      try {
        await engineOf(host).networks.connect(network.id, containerId, endpoint, { signal: context.signal });
      } catch (error) {
        await judge(error, context, () => look(context), { host, name, endpoint, network: network.name }, times);
      }
      return 'done';
    },
  };
}

/** Finds out whether it was connected all the same. @throws when it was not. */
async function judge(
  error: unknown,
  context: StepContext,
  look: () => Promise<Attachment | undefined>,
  about: { host: HostName; name: string; network: string; endpoint: EndpointRequest },
  times: PlanTimes,
): Promise<void> {
  const { host, name, network, endpoint } = about;
  if (isAnswerLost(error)) {
    context.report('no answer: looking whether it was connected');
    const late = (cause: unknown) => new OverlayError('connectNotConfirmed', { host, name }, { cause: cause ?? error });
    await waitUntil(context, { ms: times.reread, poll: times.poll }, look, late);
    return;
  }
  if (!isOverlayError(error)) throw error;
  // "endpoint with name X already exists": somebody else has done it meanwhile.
  if (error.reason === 'conflict' && (await look())) return;
  const address = endpoint.ipv4 ?? endpoint.ipv6;
  if (error.reason === 'addressNotInSubnet' || error.reason === 'networkNotFound') throw error.with({ name: network });
  if (error.reason === 'addressTaken') throw new OverlayError('addressTaken', { host, address }, { cause: error });
  throw error.with({ name, ...(address === undefined ? {} : { address }) });
}

function refuseOtherAddress(
  { ipv4, ipv6 }: Attachment,
  wanted: EndpointRequest,
  about: { host: HostName; name: string },
): void {
  const differs =
    (wanted.ipv4 !== undefined && ipv4 !== '' && wanted.ipv4 !== ipv4) ||
    (wanted.ipv6 !== undefined && ipv6 !== '' && wanted.ipv6 !== ipv6);
  if (differs) throw new OverlayError('containerConnected', { ...about, address: ipv4 || ipv6 });
}
