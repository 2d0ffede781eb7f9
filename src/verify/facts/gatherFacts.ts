import { describeError, isOverlayError } from '../../base/errors';
import { isNoAnswer } from '../../base/reasons/silent';
import type { RequestOptions } from '../../engine/api';
import { labels, type NetworkDetails, type SwarmNode } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import type { HostReading } from '../../model/host/hostReading';
import { defaultDataPathPort } from '../../model/network/vxlan';
import type { EndpointFacts, HostFacts, VerifyFacts } from '../../diagnosis/facts';
import { limits } from '../limits';
import type { Concern, GatherContext } from './context';
import { helperRunOf } from '../../probe/names';
import { tryPorts } from './tryPorts';
import type { ReadyProbe } from '../../probe/probe';
import { readHost } from './readHost';
import type { ConnectedHost } from '../../probe/connectedHost';
import { bounded } from '../../probe/bounded';

/** The facts of the request, and what the pings told by the way: nothing is asked for these. */
export function knownFacts({ request, esp }: Pick<GatherContext, 'request' | 'esp'>): VerifyFacts {
  const namesKnownBefore = request.previous?.pairs.filter(({ name }) => name.right === true);
  const known = new Map(request.facts?.hosts.map((host) => [host.host, host]));
  const hosts = new Set([...request.hosts.map(({ host }) => host), ...known.keys()]);
  const versions = new Map(request.hosts.map(({ host, engineVersion }) => [host, engineVersion]));
  const { attachable, internal, ipv6 } = request.network;
  return {
    subnets: request.network.subnets.map((subnet) => subnet.subnet),
    ...request.facts,
    dataPathPort: request.facts?.dataPathPort ?? defaultDataPathPort,
    encrypted: request.network.encrypted,
    networkId: request.network.id,
    network: { attachable, internal, ipv6 },
    ...(namesKnownBefore && { namesKnownBefore }),
    hosts: [...hosts].map((host) => {
      const engineVersion = versions.get(host);
      return {
        host,
        ...(engineVersion && { engineVersion }),
        ...(esp.has(host) && { kernelHasEsp: esp.get(host) }),
        ...known.get(host),
      };
    }),
  };
}

/**
 * {@link knownFacts} for a matrix that is all green. What the managers said when the run began is asked again where they had
 * lost a node: after an election they have lost all of them for a moment.
 *
 * @throws OverlayError `cancelled`, and nothing else.
 */
export async function factsOfHealthy(context: GatherContext): Promise<VerifyFacts> {
  const facts = knownFacts(context);
  const isSettled = facts.hosts.every(({ nodeState = 'ready' }) => nodeState === 'ready');
  return isSettled ? facts : withNodes(context, facts, await askNodes(context));
}

function withNodes({ request }: GatherContext, facts: VerifyFacts, nodes: readonly SwarmNode[]): VerifyFacts {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const nodeIds = new Map(request.hosts.map(({ host, nodeId }) => [host, nodeId]));
  const hosts = facts.hosts.map(({ nodeMessage, ...host }): HostFacts => {
    const node = byId.get(nodeIds.get(host.host) ?? '');
    if (!node) return { ...host, ...(nodeMessage !== undefined && { nodeMessage }) };
    const message = node.stateMessage;
    return {
      ...host,
      nodeState: node.state,
      availability: node.availability,
      ...(message && { nodeMessage: message }),
    };
  });
  return { ...facts, hosts };
}

/**
 * Adds to {@link knownFacts} what is asked because something is wrong, all side by side: the gossip's view of each host,
 * whether the test containers still run, what the managers say of the nodes, the networks of the hosts concerned, and
 * whether the swarm's ports are open between them. A host that does not answer is simply missing in it.
 */
export async function gatherFacts(context: GatherContext, concern: Concern): Promise<VerifyFacts> {
  const { ready } = context;
  const facts = knownFacts(context);
  const [details, gone, nodes, readings, ports] = await Promise.all([
    Promise.all(ready.map((probe) => ask(context, probe, 'inspect the network', inspectNetwork(context, probe)))),
    Promise.all(ready.map((probe) => askProbe(context, probe))),
    askNodes(context),
    askReadings(context, concern.hosts),
    context.ports ?? tryPorts(context, facts, concern),
  ]);
  return {
    ...withNodes(context, facts, nodes),
    peers: ready.flatMap(({ host }, index) => {
      const found = details[index];
      return found ? [{ host, addresses: found.peers.map((peer) => peer.address) }] : [];
    }),
    ...(ready.length > 0 && { endpoints: endpointsOf(context, facts, details) }),
    probesGone: ready.flatMap(({ host }, index) => (gone[index] === 'ended' ? [host] : [])),
    silentEngines: ready.flatMap(({ host }, index) => {
      const answer = gone[index];
      return typeof answer === 'object' ? [{ host, happened: answer.silent }] : [];
    }),
    ...(readings.length > 0 && { readings }),
    ...(ports.length > 0 && { ports }),
  };
}

/** As the engines that were asked have them now; of all others what was known. */
function endpointsOf(
  { ready }: GatherContext,
  facts: VerifyFacts,
  details: readonly (NetworkDetails | undefined)[],
): EndpointFacts[] {
  const ours = new Set(ready.map((probe) => probe.containerId));
  const now = ready.map(({ host }, index) => ({ host, endpoints: details[index]?.endpoints }));
  const asked = new Set(now.filter((one) => one.endpoints).map((one) => one.host));
  const fresh = now.flatMap(({ host, endpoints = [] }) =>
    endpoints
      .filter((one) => one.containerId !== '' && !ours.has(one.containerId))
      .map((one) => ({ host, name: one.containerName, addresses: [one.ipv4, one.ipv6].filter((text) => text !== '') })),
  );
  return [...(facts.endpoints ?? []).filter((one) => !asked.has(one.host)), ...fresh];
}

const inspectNetwork =
  ({ request }: GatherContext, probe: ReadyProbe) =>
  (options: RequestOptions): Promise<NetworkDetails> =>
    probe.engine.networks.inspect(request.network.id, options);

/** What became of a test container; it removes itself when it has ended. Undefined when the engine refused to say. */
async function askProbe(
  { signal, logger }: GatherContext,
  { host, engine, containerId }: ReadyProbe,
): Promise<'running' | 'ended' | { readonly silent: string } | undefined> {
  const bounds = { host, what: 'list the test containers', ms: limits.peers, signal };
  try {
    const containers = await bounded(bounds, (options) => engine.containers.list({ label: labels.run }, options));
    return containers.some((one) => one.id === containerId && one.state === 'running') ? 'running' : 'ended';
  } catch (error) {
    if (signal.aborted) throw error;
    const { happened } = describeError(error);
    logger.debug(`${host}: ${happened}`);
    return isOverlayError(error) && isNoAnswer(error.reason) ? { silent: happened } : undefined;
  }
}

/** The nodes as the first manager that answers has them; none when nobody does. */
async function askNodes(context: GatherContext): Promise<readonly SwarmNode[]> {
  const answers = context.request.hosts.map(async (host) => {
    const nodes = await ask(context, host, 'list the nodes', (options) => host.engine.swarm.nodes(options));
    if (!nodes) throw new Error('not a manager, or no answer');
    return nodes;
  });
  return Promise.any(answers).catch((error: unknown) => {
    if (context.signal.aborted) throw error;
    return [];
  });
}

async function askReadings(context: GatherContext, concerned: readonly HostName[]): Promise<HostReading[]> {
  const { request, runId, signal, logger } = context;
  const read = request.readHost ?? readHost;
  const asked = concerned.slice(0, limits.mostReadings);
  const hosts = request.hosts.filter(({ host }) => asked.includes(host));
  const readings = await Promise.all(
    hosts.map((host) => {
      const task = { runId: helperRunOf(runId, 'reading'), owner: request.owner, image: request.image, signal, logger };
      return ask(context, host, 'read the host’s network', () => read(host, task), limits.reading);
    }),
  );
  return readings.flatMap((reading) => reading ?? []);
}

/** What a host answers in time; undefined when it does not. @throws only when everything is to stop. */
async function ask<T>(
  { signal, logger }: GatherContext,
  { host }: Pick<ConnectedHost, 'host'>,
  what: string,
  work: (options: RequestOptions) => Promise<T>,
  ms: number = limits.peers,
): Promise<T | undefined> {
  try {
    return await bounded({ host, what, ms, signal }, work);
  } catch (error) {
    if (signal.aborted) throw error;
    logger.debug(`${host}: ${what}: ${describeError(error).happened}`);
    return undefined;
  }
}
