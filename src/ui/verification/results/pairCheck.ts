import type { FullSizeResult, NameResult, PairResult, PingResult, TcpResult } from '../../../model/report/matrix';
import { amount, flag, text, type Check } from '../../../base/check';

/*
 * The checks of a pair's results, member by member and not by a table as in resultHead.ts: a kept report may hold 90,000
 * of them, and reading members by name is ten times as fast for the engine as reading them by a variable.
 */

type Members<T> = { readonly [K in keyof Required<T>]: unknown };

/** A record that inherits from nothing but `Object`, as all do that were read from JSON. */
function plain<T extends object>(check: (members: Members<T>) => boolean): Check<T> {
  return (value): value is T =>
    typeof value === 'object' &&
    value !== null &&
    Object.getPrototypeOf(value) === Object.prototype &&
    check(value as Members<T>);
}

const maybeAmount = (value: unknown): boolean => value === undefined || amount(value);
const maybeText = (value: unknown): boolean => value === undefined || text(value);

const ping: Check<PingResult> = plain<PingResult>(
  ({ outcome, sent, received, minMs, avgMs, maxMs, jitterMs, message }) =>
    (outcome === 'answered' ||
      outcome === 'partial' ||
      outcome === 'silent' ||
      outcome === 'notTried' ||
      outcome === 'error') &&
    amount(sent) &&
    amount(received) &&
    maybeAmount(minMs) &&
    maybeAmount(avgMs) &&
    maybeAmount(maxMs) &&
    maybeAmount(jitterMs) &&
    maybeText(message),
);

const nameResult: Check<NameResult> = plain<NameResult>(
  ({ outcome, address, right }) =>
    (outcome === 'resolved' || outcome === 'unknown' || outcome === 'notTried') &&
    maybeText(address) &&
    (right === undefined || flag(right)),
);

const fullSize: Check<FullSizeResult> = plain<FullSizeResult>(
  ({ outcome, mtu, largest, message }) =>
    (outcome === 'passed' || outcome === 'blocked' || outcome === 'error') &&
    amount(mtu) &&
    maybeAmount(largest) &&
    maybeText(message),
);

const tcp: Check<TcpResult> = plain<TcpResult>(
  ({ outcome, connectMs, received, sent, transferMs, message }) =>
    (outcome === 'passed' ||
      outcome === 'refused' ||
      outcome === 'silent' ||
      outcome === 'stalled' ||
      outcome === 'error') &&
    maybeAmount(connectMs) &&
    amount(received) &&
    amount(sent) &&
    maybeAmount(transferMs) &&
    maybeText(message),
);

/** Whether a value that was read is the results of one pair. */
export const isPair: Check<PairResult> = plain<PairResult>(
  (pair) =>
    text(pair.from) &&
    text(pair.to) &&
    nameResult(pair.name) &&
    ping(pair.address) &&
    ping(pair.byName) &&
    (pair.ipv6 === undefined || ping(pair.ipv6)) &&
    (pair.fullSize === undefined || fullSize(pair.fullSize)) &&
    (pair.tcp === undefined || tcp(pair.tcp)) &&
    maybeText(pair.problem) &&
    (pair.problemReason === undefined || pair.problemReason === 'cannotPing'),
);
