import { OverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { Network } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import type { Topology } from '../../model/swarm/topology';
import type { Plan, PlanStep } from '../../swarm/plans/plan';
import type { EngineOf } from '../../swarm/askManager';
import { testContainerLimits } from '../limits';
import { judgeName } from './names';
import { RunImages } from './runImages';
import { startTestContainer, testCommand, type StartedTestContainer } from './startOne';

export interface StartRequest {
  readonly clusterId: string;
  readonly networkId: string;
  readonly image: string;
  readonly containers: readonly { readonly host: HostName; readonly name: string }[];
}

/** A plan that remembers what it has started. */
export interface StartPlan extends Plan {
  /** The test containers that run, in the order of the request. */
  started(): readonly StartedTestContainer[];
}

/**
 * Starts one test container a host in an attachable overlay network: the image first, then the container. Hosts are
 * independent of each other.
 *
 * @throws invalidArguments, networkNotFound, verifyNotAttachable, notConnected, containerNameInvalid,
 *   containerNameTaken: then nothing has been touched.
 */
export function planStartTestContainers(
  topology: Topology,
  engineOf: EngineOf,
  request: StartRequest,
  logger: Logger,
): StartPlan {
  const network = networkOf(topology, request);
  checkHosts(topology, request);
  const asked = { clusterId: request.clusterId, network, containers: request.containers };
  for (const { host } of request.containers) {
    const wrong = judgeName(topology, asked, host);
    if (wrong) throw wrong;
  }
  const started = new Map<HostName, StartedTestContainer>();
  const { image } = request;
  const hosts = request.containers.map(({ host }) => host);
  const others = topology.hosts.flatMap(({ config, clusterId }) =>
    clusterId === request.clusterId && !hosts.includes(config.name) ? [config.name] : [],
  );
  const images = new RunImages(image, hosts, others, engineOf, topology, logger);
  const startStep = (host: HostName, name: string, after: string): PlanStep => ({
    id: `start:${host}`,
    host,
    title: `Start ${name} on ${host}`,
    after: [after],
    async run(context) {
      const target = { host, engine: engineOf(host) };
      const report = (words: string) => context.report(words);
      const { signal } = context;
      const { kind, container } = await startTestContainer(target, name, { network, image, logger, signal, report });
      started.set(host, container);
      return kind;
    },
  });
  const names = request.containers.map(({ name }) => name);
  const steps = request.containers.flatMap(({ host, name }) => {
    const first = imageStep(host, image, images);
    return [first, startStep(host, name, first.id)];
  });
  return {
    title: `Start ${names.length > 4 ? `${names.length} test containers` : names.join(', ')} in ${network.name}`,
    steps,
    effects: [
      `They find each other by these names in ${network.name}, and run until you remove them`,
      `Each may use ${limitWords()}`,
    ],
    warnings: [],
    started: () => request.containers.flatMap(({ host }) => started.get(host) ?? []),
  };
}

const limitWords = (): string =>
  `${mebibytes()} MB of memory, ${testContainerLimits.cpus} CPU and ${testContainerLimits.pids} processes`;

const mebibytes = (): number => testContainerLimits.memory / 1024 / 1024;

/** What somebody would type on the host for the same; the label is what it is found by. */
export function dockerRunLine(name: string, network: Pick<Network, 'name'>, image: string, label: string): string {
  const { cpus, pids } = testContainerLimits;
  return `docker run -dit --name ${name} --network ${network.name} --memory ${mebibytes()}m --cpus ${cpus} --pids-limit ${pids} --label ${label} ${image} ${testCommand}`;
}

function networkOf(topology: Topology, { clusterId, networkId }: StartRequest): Network {
  const cluster = topology.clusters.find((one) => one.id === clusterId);
  if (!cluster) throw new OverlayError('invalidArguments', { message: `there is no swarm ${clusterId}` });
  const found = cluster.networks.find((one) => one.network.id === networkId);
  if (!found) throw new OverlayError('networkNotFound', { name: networkId });
  if (!found.network.attachable || found.network.ingress)
    throw new OverlayError('verifyNotAttachable', { name: found.network.name });
  return found.network;
}

function checkHosts(topology: Topology, { clusterId, containers }: StartRequest): void {
  if (containers.length === 0) throw new OverlayError('invalidArguments', { message: 'no hosts given' });
  for (const { host } of containers) {
    const view = topology.hosts.find((one) => one.config.name === host);
    if (!view) throw new OverlayError('invalidArguments', { message: `there is no host ${host}` });
    if (view.state.kind !== 'ready') throw new OverlayError('notConnected', { host });
    if (view.clusterId !== clusterId)
      throw new OverlayError('invalidArguments', { message: `${host} is not in the swarm of the network` });
    if (containers.filter((one) => one.host === host).length > 1)
      throw new OverlayError('invalidArguments', { message: `${host} is named twice` });
  }
}

function imageStep(host: HostName, image: string, images: RunImages): PlanStep {
  return {
    id: `image:${host}`,
    host,
    title: `Have ${image} on ${host}`,
    after: [],
    run: (context) => images.ensure(host, context),
  };
}
