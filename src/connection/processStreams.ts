import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { LineSplitter } from '../base/text/lines';

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

/** Hears each line of what a process writes, of a long one the beginning: no line ever has to end. */
export function onLines(stream: Readable, onLine: (line: string) => void): void {
  const splitter = new LineSplitter();
  stream.on('data', (chunk: Buffer) => splitter.push(chunk).forEach(onLine));
  stream.once('close', () => {
    const rest = splitter.end();
    if (rest !== undefined) onLine(rest);
  });
}
