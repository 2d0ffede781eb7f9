import { describeError, isOverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host/host';
import { deepScript } from './deepScript';
import { deepLimit, execLimit } from '../limits';
import type { PairResults } from './pairResults';
import { parseScriptLine, type ScriptLine } from './parse';
import { addressOf, type ReadyProbe } from '../../probe/probe';
import { runScript } from '../../probe/runScript';
import { pingScript } from './pingScript';

export interface MeasureOptions {
  readonly pings: number;
  readonly encrypted: boolean;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly results: PairResults;
  /** Told of each command that is run in a test container. */
  readonly onExec: () => void;
  /** Told when the kernel of the source says whether it has ESP. */
  readonly onEsp: (host: HostName, available: boolean) => void;
  /** Told when the source left the exec without an end. */
  readonly onUnresponsive: (host: HostName) => void;
}

/**
 * Lets one source ping all its targets by one exec, and writes what comes back into the results as it comes. What the
 * host does wrong becomes the `problem` of the pairs it concerns.
 *
 * @throws OverlayError `cancelled`, and nothing else.
 */
export async function measureSource(
  source: ReadyProbe,
  targets: readonly ReadyProbe[],
  options: MeasureOptions,
): Promise<void> {
  for (const target of targets) {
    options.results.expect(source.host, target.host, hasBoth(target));
    if (hasBoth(target) && isSelf(source, target))
      options.results.record(source.host, target.host, toItself, target.address);
  }
  const ms = execLimit(targets.length, options.pings);
  const problem = await runInProbe(source, targets, scriptFor(source, targets, options), ms, options);
  options.results.fail(problem, { from: source.host, to: targets.map((target) => target.host) });
}

/**
 * Lets one source try full-size packets and TCP by one exec; it also listens for the others while they do. What cannot be
 * tried stays without a result.
 *
 * @throws OverlayError `cancelled`, and nothing else.
 */
export async function deepCheckSource(
  source: ReadyProbe,
  targets: readonly { readonly probe: ReadyProbe; readonly answersPing: boolean }[],
  options: MeasureOptions & { readonly isTarget: boolean },
): Promise<void> {
  const list = targets.map(({ probe, answersPing }, key) => ({ key, address: addressOf(probe), answersPing }));
  const probes = targets.map(({ probe }) => probe);
  const script = deepScript(list, options.isTarget);
  const heard: ScriptLine[] = [];
  let errors = '';
  const run = { ...options, onErrors: (words: string) => (errors = `${errors}${words}`.slice(-2_000)) };
  await runInProbe(source, probes, script, deepLimit(targets.length), run, (line) => void heard.push(line));
  // A size whose ping could not even be started looks like one that does not pass.
  if (hasRunOut(errors))
    options.logger.warn(`${source.host}: the deeper look ran out of processes; it counts for nothing`);
  else for (const line of heard) take(source, probes, line, options);
}

/** Whether a shell had no process left: "can't fork" (busybox), "Cannot fork" (dash), "fork: retry: Resource ..." (bash). */
export const hasRunOut = (errors: string): boolean => /\bfork\b/i.test(errors);

/** @returns why results may be missing. @throws OverlayError `cancelled`, and nothing else. */
async function runInProbe(
  source: ReadyProbe,
  targets: readonly ReadyProbe[],
  script: string,
  ms: number,
  options: MeasureOptions & { readonly onErrors?: (words: string) => void },
  receive = (line: ScriptLine) => take(source, targets, line, options),
): Promise<string> {
  const { signal, logger, onErrors } = options;
  const onLine = (text: string) => {
    const line = parseScriptLine(text);
    if (line) receive(line);
  };
  options.onExec();
  try {
    const code = await runScript(source, script, { what: 'run the pings', ms, signal, logger, onLine, onErrors });
    return `The test container on ${source.host} ended its pings early (exit code ${code}).`;
  } catch (error) {
    if (signal.aborted) throw error;
    if (isOverlayError(error, 'requestTimeout')) options.onUnresponsive(source.host);
    const problem = describeError(error).happened;
    logger.warn(`Pings from ${source.host}: ${problem}`);
    return problem;
  }
}

/** Writes one line of a source's script into the results. */
function take(source: ReadyProbe, targets: readonly ReadyProbe[], line: ScriptLine, options: MeasureOptions): void {
  if (line.kind === 'esp') return options.onEsp(source.host, line.available);
  const target = targets[line.key];
  if (target) options.results.record(source.host, target.host, line, target.address);
}

/** Each source begins elsewhere, so that not all of them ping the same target first. */
function scriptFor(source: ReadyProbe, targets: readonly ReadyProbe[], options: MeasureOptions): string {
  const list = targets.map((target, key) => ({
    key,
    address: addressOf(target),
    name: target.containerName,
    ...(hasBoth(target) && !isSelf(source, target) && { ipv6: target.address.ipv6 }),
  }));
  const start = Math.max(
    0,
    targets.findIndex((target) => target.host > source.host),
  );
  const rotated = [...list.slice(start), ...list.slice(0, start)];
  return pingScript(rotated, { pings: options.pings, askForEsp: options.encrypted });
}

const hasBoth = ({ address }: ReadyProbe): boolean => address.ipv4 !== '' && address.ipv6 !== '';

/** Docker may give containers on several hosts the same IPv6 address; whoever pings it there asks itself. */
const isSelf = (source: ReadyProbe, target: ReadyProbe): boolean => source.address.ipv6 === target.address.ipv6;

const toItself = {
  kind: 'ipv6',
  key: 0,
  ping: { outcome: 'error', sent: 0, received: 0, message: 'not sent, it is the sender’s own address as well' },
} as const;
