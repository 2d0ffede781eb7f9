import { describeError, isOverlayError, type OverlayError } from '../../base/errors';
import { delay } from '../../base/time';
import type { Engine, TerminalSession } from '../../engine/api';
import type { EngineOf } from '../../swarm/askManager';

/** Whose shell it is. */
export interface ShellTarget {
  readonly host: string;
  readonly containerId: string;
  readonly name: string;
}

/** Why there is no shell (any more). */
export type ShellEnd =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'removed' }
  | { readonly kind: 'linkLost'; readonly error: OverlayError }
  | { readonly kind: 'failed'; readonly error: OverlayError };

/** What pressing Enter does then; undefined where nothing can be done. */
export type NextAction = 'open' | 'start' | undefined;

const askMs = 8_000;
/** The engine may tell of the end of a container a moment after that of the commands in it. */
const settleMs = 700;

/** Learns why a shell's stream has ended. */
export async function findEnd(
  { host, containerId }: ShellTarget,
  session: Pick<TerminalSession, 'exitCode'>,
  engineOf: EngineOf,
): Promise<ShellEnd> {
  try {
    const code = await codeOf(session);
    // By a signal, as when the container is killed; an exec that is gone has no code.
    if (code === undefined || code > 128) await delay(settleMs);
    const gone = await checkContainer(engineOf(host), containerId);
    return gone ?? { kind: 'exited', code: code ?? 0 };
  } catch (error) {
    return endOf(error);
  }
}

/** Whether a shell can be opened: undefined when the container runs. */
export async function checkContainer(engine: Engine, containerId: string): Promise<ShellEnd | undefined> {
  try {
    const { state } = await engine.containers.inspect(containerId, { timeoutMs: askMs });
    if (state === 'removing' || state === 'dead') return { kind: 'removed' };
    return state === 'running' ? undefined : { kind: 'stopped' };
  } catch (error) {
    return endOf(error);
  }
}

/** What an error means for a shell. @throws what is no error of the catalogue. */
export function endOf(error: unknown): ShellEnd {
  if (!isOverlayError(error)) throw error;
  if (error.reason === 'notFound') return { kind: 'removed' };
  if (isOverlayError(error, 'linkLost', 'notConnected', 'requestTimeout')) return { kind: 'linkLost', error };
  return { kind: 'failed', error };
}

async function codeOf(session: Pick<TerminalSession, 'exitCode'>): Promise<number | undefined> {
  try {
    return await session.exitCode({ timeoutMs: askMs });
  } catch (error) {
    if (isOverlayError(error, 'notFound')) return undefined;
    throw error;
  }
}

/** Says it in the terminal. */
export function describeEnd(end: ShellEnd, { name, host }: ShellTarget): { text: string; next: NextAction } {
  switch (end.kind) {
    case 'exited':
      return { text: `The shell has ended with exit code ${end.code}. Press Enter for a new one.`, next: 'open' };
    case 'stopped':
      return { text: `${name} on ${host} is stopped. Press Enter to start it and open a shell.`, next: 'start' };
    case 'removed':
      return { text: `${name} was removed from ${host}. This terminal can be closed.`, next: undefined };
    case 'linkLost':
      return {
        text: `The connection to ${host} is lost. Once the host is connected again, press Enter for a new shell.`,
        next: 'open',
      };
    case 'failed': {
      const { happened, remedy } = describeError(end.error);
      return { text: `${happened} ${remedy} Press Enter to try again.`, next: 'open' };
    }
  }
}
