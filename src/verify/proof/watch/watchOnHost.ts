import { describeError, isOverlayError, OverlayError } from '../../../base/errors';
import { withDeadline } from '../../../base/time';
import type { CommandEnd, CommandOptions, RunCommand } from '../../../model/host/remoteCommand';
import type { HelperTask } from '../../../probe/helperContainer';
import { LineSplitter } from '../../../base/text/lines';
import { shellWord } from '../../../base/text/shellWord';
import type { ConnectedHost } from '../../../probe/connectedHost';
import { proofLimits } from '../../limits';
import { hostToolsScript, hostWatchScript, type WatchTarget } from './script';

/** A watch over SSH, by programs of the host itself. */
export interface HostWatchRequest {
  readonly target: ConnectedHost;
  /** Its image is the one that the host has not. */
  readonly task: HelperTask;
  readonly what: WatchTarget;
  /** Hears each line that the script prints. */
  readonly onLine: (line: string) => void;
  /** The watch goes on until this resolves. */
  readonly until: Promise<void>;
}

/**
 * Watches a host that has no image for a helper, where it has the programs itself and the link's user may use them.
 *
 * @throws OverlayError `proofBlind`, `cancelled`.
 */
export async function watchOnHost(run: RunCommand, request: HostWatchRequest): Promise<void> {
  const { what, until } = request;
  const seconds = Math.ceil(proofLimits.watch / 1000);
  const sudo = (await mayBeRoot(run, request)) ? '' : 'sudo -n ';
  const command = `${sudo}sh -c ${shellWord(hostWatchScript(what, seconds))}`;
  await runLines(run, request, command, { endOfInput: until, ms: proofLimits.watch + proofLimits.stop });
}

/** Whether the link's user is root; false: it can become root. @throws OverlayError `proofBlind` when neither. */
async function mayBeRoot(run: RunCommand, request: HostWatchRequest): Promise<boolean> {
  const lines: string[] = [];
  const onLine = (line: string) => void lines.push(line);
  const command = `sh -c ${shellWord(hostToolsScript)}`;
  const { stderr } = await runLines(run, { ...request, onLine }, command, { ms: proofLimits.tools });
  const as = lines.map((line) => /^@r (root|sudo)$/.exec(line)?.[1]).find(Boolean);
  if (as !== undefined) return as === 'root';
  const refusal = lines.find((line) => line.startsWith('@! '))?.slice(3);
  // A key that is bound to one command runs that one, and a shell may be none.
  throw blind(request, refusal ?? (stderr.trim().split('\n')[0] || 'the server does not run commands of ours'));
}

async function runLines(
  run: RunCommand,
  request: HostWatchRequest,
  command: string,
  { ms, endOfInput }: Pick<CommandOptions, 'endOfInput'> & { ms: number },
): Promise<CommandEnd> {
  const { task, onLine } = request;
  const lines = new LineSplitter();
  const take = (chunk: Buffer) => lines.push(chunk).forEach(onLine);
  const onTimeout = () => blind(request, `a command did not end within ${Math.round(ms / 1000)} s`);
  try {
    const end = await withDeadline(ms, onTimeout, task.signal, (signal) =>
      run(command, { onStdout: take, signal, ...(endOfInput && { endOfInput }) }),
    );
    // What ended without a line break is a line, too.
    lines.push(Buffer.from('\n')).filter(Boolean).forEach(onLine);
    return end;
  } catch (error) {
    if (isOverlayError(error, 'proofBlind') || isOverlayError(error, 'cancelled')) throw error;
    throw blind(request, withoutHost(describeError(error).happened, request.target.host), error);
  }
}

/** The error of a host that has neither the image nor the programs. */
export function blind(
  { target, task }: Pick<HostWatchRequest, 'target' | 'task'>,
  why: string,
  cause?: unknown,
): OverlayError {
  return new OverlayError('proofBlind', { host: target.host, name: task.image, message: why.slice(0, 300) }, { cause });
}

/** The sentence around it names the host already. */
const withoutHost = (text: string, host: string): string =>
  text.startsWith(`${host}: `) ? text.slice(host.length + 2) : text;
