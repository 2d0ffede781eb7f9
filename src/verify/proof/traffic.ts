import { describeError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host/host';
import { LineSplitter } from '../../base/text/lines';
import { parsePing } from '../matrix/parse';
import type { ReadyProbe } from '../../probe/probe';
import { bounded } from '../../probe/bounded';
import { trafficLimit } from './limits';
import { trafficScript } from './watch/script';
import type { Way } from './sizes';

/** What one pair's echo requests came to. */
export interface WayPings {
  readonly to: HostName;
  readonly sent: number;
  readonly answered: number;
  /** Why none could be sent. */
  readonly problem?: string;
}

/**
 * Lets one source send its echo requests to all its targets, by one exec.
 *
 * @throws OverlayError `cancelled`, and nothing else.
 */
export async function sendTraffic(
  source: ReadyProbe,
  targets: readonly { readonly probe: ReadyProbe; readonly way: Way }[],
  options: { readonly pings: number; readonly signal: AbortSignal; readonly logger: Logger },
): Promise<WayPings[]> {
  const { pings, signal, logger } = options;
  const results = new Map<number, WayPings>();
  const lines = new LineSplitter();
  const take = (line: string) => {
    const match = /^(\d{1,6}) \d+ ?(.*)$/.exec(line);
    const target = match ? targets[Number(match[1])] : undefined;
    if (!match || !target) return;
    const { sent, received, message, outcome } = parsePing(match[2] ?? '');
    const problem = outcome === 'error' ? { problem: `ping on ${source.host}: ${message ?? 'no words'}` } : {};
    results.set(Number(match[1]), { to: target.way.to, sent, answered: received, ...problem });
  };
  let missing = 'its pings did not finish';
  try {
    const list = targets.map(({ probe, way }, key) => ({ key, address: addressOf(probe), payload: way.payload }));
    const ms = trafficLimit(targets.length, pings);
    await bounded({ host: source.host, what: 'send the echo requests', ms, signal }, (request) =>
      source.engine.containers.exec(
        source.containerId,
        {
          command: ['sh', '-c', trafficScript(list, pings)],
          onStdout: (chunk) => lines.push(chunk).forEach(take),
          onStderr: (chunk) => logger.debug(`${source.host}: ${chunk.toString().trim().slice(0, 500)}`),
        },
        request,
      ),
    );
  } catch (error) {
    if (signal.aborted) throw error;
    missing = describeError(error).happened;
    logger.warn(`Echo requests from ${source.host}: ${missing}`);
  }
  return targets.map(
    ({ way }, key) => results.get(key) ?? { to: way.to, sent: 0, answered: 0, problem: `${source.host}: ${missing}` },
  );
}

/** By which a probe is reached in the network. */
export const addressOf = ({ address }: ReadyProbe): string => address.ipv4 || address.ipv6;
