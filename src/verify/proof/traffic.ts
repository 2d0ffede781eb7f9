import { describeError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host/host';
import { parsePing } from '../scriptParts/parsePing';
import { addressOf, type ReadyProbe } from '../../probe/probe';
import { runScript } from '../../probe/runScript';
import { trafficLimit } from '../limits';
import { trafficScript } from './watch/script';
import type { SizedPair } from './packetSizes';

/** What one pair's echo requests came to. */
export interface PairPings {
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
  targets: readonly { readonly probe: ReadyProbe; readonly pair: SizedPair }[],
  options: { readonly pings: number; readonly signal: AbortSignal; readonly logger: Logger },
): Promise<PairPings[]> {
  const { pings, signal, logger } = options;
  const results = new Map<number, PairPings>();
  const onLine = (line: string) => {
    const match = /^(\d{1,6}) \d+ ?(.*)$/.exec(line);
    const target = match ? targets[Number(match[1])] : undefined;
    if (!match || !target) return;
    const { sent, received, message, outcome } = parsePing(match[2] ?? '');
    const problem = outcome === 'error' ? { problem: `ping on ${source.host}: ${message ?? 'no words'}` } : {};
    results.set(Number(match[1]), { to: target.pair.to, sent, answered: received, ...problem });
  };
  let missing = 'its pings did not finish';
  try {
    const list = targets.map(({ probe, pair }, key) => ({ key, address: addressOf(probe), payload: pair.payload }));
    const ms = trafficLimit(targets.length, pings);
    await runScript(source, trafficScript(list, pings), { what: 'send the echo requests', ms, signal, logger, onLine });
  } catch (error) {
    if (signal.aborted) throw error;
    missing = describeError(error).happened;
    logger.warn(`Echo requests from ${source.host}: ${missing}`);
  }
  return targets.map(
    ({ pair }, key) => results.get(key) ?? { to: pair.to, sent: 0, answered: 0, problem: `${source.host}: ${missing}` },
  );
}
