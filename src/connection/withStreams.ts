import type { ChildProcess } from 'node:child_process';

/**
 * A process that was just started, with its streams.
 *
 * @throws where no more files can be opened: Node then hands out a process that has none, and tells why by an `error`
 *   later, which would end us if nobody heard it.
 */
export function withStreams<T extends ChildProcess>(child: T): T {
  if (child.stdin !== undefined) return child;
  child.on('error', () => undefined);
  throw new Error('no program can be started, because too many files are open');
}
