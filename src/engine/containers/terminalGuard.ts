import type { Duplex } from 'node:stream';
import { isOverlayError, OverlayError } from '../../base/errors';
import type { Client } from '../http/client';
import { asDuplex } from '../http/streams';
import { startExec } from './exec';

/** It is a help, not a must: nobody waits longer for it, ms. */
const startMs = 8_000;

/** Told to the guard when what it guards has ended by itself: what a person left running there goes on. */
const farewell = 'over';

/**
 * Docker lets a command with a terminal run on when its stream is closed, but a command without one sees the end of its
 * input. So one such waits beside each terminal: when its input ends (the terminal was closed, the link was lost, the
 * window was killed), it hangs up what runs in the terminal.
 */
export class TerminalGuard {
  private readonly stream: Promise<Duplex | undefined>;

  /** Starts it. A link with few streams has none; then only {@link ContainerApi.hangUp} ends what is left. */
  constructor(client: Client, containerId: string, mark: string) {
    this.stream = client.hasPlentyOfStreams ? openOrNone(client, containerId, mark) : Promise.resolve(undefined);
  }

  /** Watches over a terminal until that ends. */
  over(terminal: Duplex): void {
    let hasEnded = false;
    terminal.once('end', () => {
      hasEnded = true;
      void this.stream.then((stream) => stream?.end(`${farewell}\n`));
    });
    terminal.once('close', () => {
      if (!hasEnded) this.hangUp();
    });
  }

  /** Ends its input. */
  hangUp(): void {
    void this.stream.then((stream) => stream?.destroy());
  }
}

async function openOrNone(client: Client, containerId: string, mark: string): Promise<Duplex | undefined> {
  try {
    return await open(client, containerId, mark);
  } catch (error) {
    // Whatever it is, the terminal meets it too, or can do without.
    if (isOverlayError(error)) return undefined;
    throw error;
  }
}

async function open(client: Client, containerId: string, mark: string): Promise<Duplex> {
  const command = `read -r word; if [ "$word" != ${farewell} ]; then ${hangUpScript(mark)}; fi`;
  const { stream: answer } = await client.run({ action: 'exec', name: containerId }, { timeoutMs: startMs }, (routes) =>
    startExec(routes, containerId, { command: ['sh', '-c', command], stdin: true }),
  );
  const stream = asDuplex(answer);
  // A lost link is told by the terminal.
  stream.on('error', () => undefined);
  return stream.resume();
}

/** In the environment of what runs in a terminal and of all that it starts. */
const markName = 'DOCKER_OVERLAY_TERMINAL';

/** A variable of the environment. @param mark 24 hex digits */
export const markVariable = (mark: string): string => `${markName}=${mark}`;

/**
 * A shell command (POSIX, busybox) that ends what carries a mark, as closing a real terminal does. Found by its
 * environment, because the ids of its processes are known to the engine only as the host has them.
 *
 * @throws invalidArguments for what is no mark.
 */
export function hangUpScript(mark: string): string {
  if (!/^[0-9a-f]{24}$/.test(mark)) throw new OverlayError('invalidArguments', { message: 'that is no mark' });
  return [
    'for p in /proc/[0-9]*; do',
    `if grep -q ${markVariable(mark)} "$p/environ" 2>/dev/null; then kill -HUP "\${p#/proc/}"; kill -CONT "\${p#/proc/}"; fi;`,
    'done 2>/dev/null; true',
  ].join(' ');
}
