import { delay } from '../../base/time';
import type { HostName } from '../../model/host/host';
import { verdictOf, type PairResult } from '../../model/report/matrix';
import type { PortCheck } from '../../model/network/underlay';
import { limits } from '../limits';
import { isBlocked } from '../../diagnosis/ports/judgePorts';
import type { ReadyProbe } from '../../probe/probe';
import type { Batch } from './batches';

/** What second tries need of a verification. */
export interface RecheckRun {
  readonly signal: AbortSignal;
  /** The pairs that are meant, as they are by now. */
  roundOf(isMeant: (pair: PairResult) => boolean): Batch<ReadyProbe>[];
  runRound(round: readonly Batch<ReadyProbe>[], doing: string): Promise<void>;
  /** The host that may heal by itself, see `diagnosis/settlingHost`. */
  settlingHost(): HostName | undefined;
  tryPorts(): Promise<readonly PortCheck[]>;
  onWords(words: string): void;
}

/**
 * Measures again what may only have needed a moment, before anybody is blamed.
 *
 * @throws OverlayError `cancelled`, and nothing else.
 */
export async function recheck(run: RecheckRun): Promise<void> {
  await tryRedAgain(run);
  await letSettle(run);
}

/**
 * Tries pairs without answer once more: in a fresh or busy swarm gossip takes its time. As long as that turns some of
 * them green it is done again.
 */
async function tryRedAgain(run: RecheckRun): Promise<void> {
  for (let tries = 0, last = Infinity; tries < limits.rechecks; tries += 1) {
    const round = run.roundOf(isWithoutAnswer);
    const red = round.reduce((sum, one) => sum + one.targets.length, 0);
    if (red === 0 || red >= last) return;
    last = red;
    await run.runRound(round, 'Checking again');
  }
}

/**
 * Waits for a host that may heal by itself, and no longer than that may take; not at all where the hosts' ports tell what
 * is in the way.
 */
async function letSettle(run: RecheckRun): Promise<void> {
  const giveUpAt = performance.now() + limits.settle;
  for (let ports: readonly PortCheck[] | undefined; ;) {
    const host = run.settlingHost();
    if (host === undefined || performance.now() > giveUpAt) return;
    ports ??= await run.tryPorts();
    if (ports.some(isBlocked)) return;
    const seconds = Math.ceil((giveUpAt - performance.now()) / 1000);
    const words = `Waiting for ${host}: a network that was just in use there may need half a minute (${seconds} s left)`;
    run.onWords(words);
    await delay(limits.settlePause, run.signal);
    await run.runRound(run.roundOf(isWithoutAnswer), words);
  }
}

/** By address, by name or over IPv6: what may only need a moment. */
function isWithoutAnswer(pair: PairResult): boolean {
  const isIpv6Dead = pair.ipv6?.outcome === 'silent' || pair.ipv6?.outcome === 'error';
  return isIpv6Dead || ['dead', 'nameOnly'].includes(verdictOf(pair));
}
