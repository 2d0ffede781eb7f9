import { describeError } from '../base/errors';
import type { Logger } from '../base/logger';
import type { HostName } from '../model/host';
import { defaultDataPathPort, type VerifyFacts } from './facts';
import { limits } from './limits';
import type { ReadyProbe } from './probe';
import type { VerifyRequest } from './verification';
import { within } from './within';

/**
 * Adds to the facts of the request what only the run could learn: the gossip's view of each host, asked now because
 * something is red, and whether kernels have ESP. A host that does not answer is simply missing in it.
 */
export async function gatherFacts(
  request: VerifyRequest,
  ready: readonly ReadyProbe[],
  esp: ReadonlyMap<HostName, boolean>,
  signal: AbortSignal,
  logger: Logger,
): Promise<VerifyFacts> {
  const peers = await Promise.all(ready.map((probe) => peersSeenBy(probe, request.network.id, signal, logger)));
  const known = new Map(request.facts?.hosts.map((host) => [host.host, host]));
  return {
    dataPathPort: request.facts?.dataPathPort ?? defaultDataPathPort,
    encrypted: request.network.encrypted,
    hosts: request.hosts.map(({ host, engineVersion }) => ({
      host,
      ...(engineVersion && { engineVersion }),
      ...(esp.has(host) && { kernelHasEsp: esp.get(host) }),
      ...known.get(host),
    })),
    peers: peers.flatMap((one) => one ?? []),
  };
}

async function peersSeenBy(probe: ReadyProbe, networkId: string, signal: AbortSignal, logger: Logger) {
  try {
    const bounds = { host: probe.host, what: 'inspect the network', ms: limits.peers, signal };
    const details = await within(bounds, (options) => probe.engine.networks.inspect(networkId, options));
    return { host: probe.host, addresses: details.peers.map((peer) => peer.address) };
  } catch (error) {
    if (signal.aborted) throw error;
    logger.debug(`${probe.host}: peers not known: ${describeError(error).happened}`);
    return undefined;
  }
}
