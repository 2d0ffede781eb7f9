import type { Duplex } from 'node:stream';
import { isOverlayError } from '../../base/errors';
import type { Client } from '../http/client';
import { required } from '../decode/fields';
import { isId } from '../ids';
import { asDuplex } from '../http/streams';
import { hangUpScript } from './terminalMark';

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
  const answer = await client.run({ action: 'exec', name: containerId }, { timeoutMs: startMs }, async (routes) => {
    const created = await routes.getContainer(containerId).exec({
      _body: {
        Cmd: ['sh', '-c', command],
        AttachStdin: true,
        AttachStdout: true,
        AttachStderr: true,
        Tty: false,
      },
    });
    const exec = routes.getExec(required(created, 'id', isId, 'the id of an exec'));
    const body = { Detach: false, Tty: false };
    return exec.start({ hijack: true, stdin: true, _body: body, _isLong: true });
  });
  const stream = asDuplex(answer);
  // A lost link is told by the terminal.
  stream.on('error', () => undefined);
  return stream.resume();
}
