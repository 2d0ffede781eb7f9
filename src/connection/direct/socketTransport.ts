import net from 'node:net';
import { Emitter } from '../../base/event';
import { isOverlayError, OverlayError } from '../../base/errors';
import type { StageListener } from '../../model/host/connectStage';
import { connectSocket } from './connectSocket';
import { rawPing, type PingAnswer } from '../route/rawPing';
import { linkLost, onTimeout, systemCode } from '../errors';
import type { LinkDescription, Transport } from '../transport';

const openTimeoutMs = 10_000;

/**
 * A local Unix socket or Windows named pipe. There is no standing link: each stream is a connection of its own, and
 * that the engine has gone is noticed by its users.
 */
export async function openSocketTransport(
  host: string,
  path: string,
  signal: AbortSignal,
  onStage: StageListener,
): Promise<Transport> {
  return directTransport({
    host,
    onStage,
    info: { description: path },
    open: (streamSignal) => openSocket(host, path, streamSignal),
    notDocker: ({ text }) => new OverlayError('dockerSocketMissing', { host, path, message: text }),
    broken: (error) => socketError(error, host, path),
    signal,
  });
}

/** A transport whose streams are independent connections; asks the engine once before it is handed out. */
export async function directTransport(options: {
  host: string;
  info: LinkDescription;
  /** @param onStage given for the first stream only. */
  open: (signal?: AbortSignal, onStage?: StageListener) => Promise<net.Socket>;
  /** What lets us in, when that shows with the first answer only. */
  admission?: string;
  /** The error when something answers that is no engine. */
  notDocker: (answer: Exclude<PingAnswer, { kind: 'docker' }>) => OverlayError;
  /** The error for a stream that breaks during the first request. */
  broken: (error: unknown) => OverlayError;
  signal: AbortSignal;
  onStage: StageListener;
}): Promise<Transport> {
  const { host, open, signal, onStage, admission } = options;
  const first = await open(signal, onStage);
  onStage({ stage: admission === undefined ? 'engine' : 'authentication', state: 'begun' });
  let answer;
  try {
    answer = await rawPing(first, host, signal);
  } catch (error) {
    throw isOverlayError(error) ? error : options.broken(error);
  }
  if (admission !== undefined && answer.kind !== 'closed') {
    onStage({ stage: 'authentication', state: 'done', detail: admission });
    onStage({ stage: 'engine', state: 'begun' });
  }
  if (answer.kind !== 'docker') throw options.notDocker(answer);
  onStage({ stage: 'engine', state: 'done', detail: options.info.description });
  const closed = new Emitter<OverlayError>();
  const streams = new Set<net.Socket>();
  let disposed = false;
  return {
    info: options.info,
    async openEngineStream(streamSignal) {
      if (disposed) throw new OverlayError('notConnected', { host });
      const stream = await open(streamSignal);
      // It came late: its owner has gone meanwhile.
      if (disposed) {
        stream.destroy();
        throw new OverlayError('notConnected', { host });
      }
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
      return stream;
    },
    onDidClose: closed.event,
    dispose() {
      disposed = true;
      for (const stream of streams) stream.destroy();
      closed.dispose();
    },
  };
}

async function openSocket(host: string, path: string, signal?: AbortSignal): Promise<net.Socket> {
  const socket = new net.Socket();
  const limit = {
    ms: openTimeoutMs,
    timeoutError: onTimeout(host, path, openTimeoutMs),
    ...(signal && { signal }),
  };
  try {
    await connectSocket(socket, { path }, limit);
    return socket;
  } catch (error) {
    throw isOverlayError(error) ? error : socketError(error, host, path);
  }
}

function socketError(error: unknown, host: string, path: string): OverlayError {
  switch (systemCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return new OverlayError('dockerPermissionDenied', { host, path }, { cause: error });
    case 'ENOENT':
    case 'ECONNREFUSED':
    case 'ENOTSOCK':
    case 'ENOTDIR':
      return new OverlayError('dockerSocketMissing', { host, path }, { cause: error });
    default:
      return linkLost(host, error);
  }
}
