import type { Traffic } from '../../model/network/underlay';
import type { Helper } from '../../probe/helperContainer';
import { parseEcho, parseTcp, parseUdp, type Answer } from './parse';
import type { HostState, AttemptOutput } from './hostScripts';
import { trafficTo, type PortHost, type PortRequest } from './request';
import type { Attempt } from './script';

/** A host that is ready to send and to be looked at. */
export interface Sender {
  readonly target: PortHost;
  readonly helper: Helper;
  readonly before: HostState;
  readonly address?: string;
}

type PortAttempt = Attempt & { readonly kind: 'tcp' | 'udp' };

/** All that one sender tries with one target. */
export interface Path {
  readonly from: Sender;
  readonly to: PortHost;
  readonly toAddress: string;
  readonly echo: Attempt;
  readonly attempts: readonly { readonly attempt: PortAttempt; readonly traffic: Traffic }[];
}

/** One attempt and what the sender heard. */
export interface AttemptResult {
  readonly path: Path;
  readonly attempt: PortAttempt;
  readonly traffic: Traffic;
  readonly answer: Answer;
  /** Round trip of the echo, ms. */
  readonly ms?: number;
}

/** @param index of the target among those of this sender */
export function pathTo(from: Sender, to: PortHost, address: string, index: number, request: PortRequest): Path {
  const key = index * 8;
  const attempts = trafficTo(to, request).flatMap((traffic, place) =>
    traffic.protocol === 'esp'
      ? []
      : [{ attempt: { key: key + 1 + place, kind: traffic.protocol, address, port: traffic.port }, traffic }],
  );
  return { from, to, toAddress: address, echo: { key, kind: 'echo', address, port: 0 }, attempts };
}

/** @param problem why there may be no answers */
export function resultsOf(
  path: Path,
  sent: { answers?: ReadonlyMap<number, AttemptOutput>; problem?: string },
): AttemptResult[] {
  const { answers, problem = `The helper container on ${path.from.target.host} ended early.` } = sent;
  const ms = parseEcho(answers?.get(path.echo.key)?.output ?? '');
  return path.attempts.map(({ attempt, traffic }) => {
    const answer = answerOf(attempt, answers?.get(attempt.key)) ?? { kind: 'error', message: problem };
    return { path, attempt, traffic, answer, ...(ms !== undefined && { ms }) };
  });
}

function answerOf(attempt: PortAttempt, result: AttemptOutput | undefined): Answer | undefined {
  if (!result) return undefined;
  return attempt.kind === 'tcp' ? parseTcp(result.code, result.output) : parseUdp(attempt.address, result.output);
}
