import { setMaxListeners } from 'node:events';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import type { Duplex, Readable } from 'node:stream';
import { OverlayError } from '../../base/errors';
import type { Transport } from '../../connection/transport';
import { HttpFailure } from '../errors/failure';
import { StreamSlots } from './streamSlots';

/** One request as it goes over the link. */
export interface HttpRequest {
  readonly method: string;
  /** Path with query, percent-encoded. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Readable;
  /** Ask for the raw stream behind the request (`Upgrade: tcp`). */
  readonly upgrade?: boolean;
  /** The stream is held for as long as a person likes: it may not take the last ones. */
  readonly isLong?: boolean;
  /** Aborting destroys the stream under the request, also while the answer is being read. */
  readonly signal: AbortSignal;
}

/** What came back: an HTTP answer with its body still to be read, or the raw stream after an upgrade. */
export type HttpAnswer =
  | { readonly kind: 'response'; readonly response: IncomingMessage }
  | { readonly kind: 'stream'; readonly stream: Duplex };

/** Plenty for one host where the link has no limit of its own: it only keeps a runaway loop from opening thousands. */
const maxStreams = 64;
/** Idle streams kept for the next requests. */
const maxIdle = 8;
/** A pooled stream may have died unnoticed; each attempt takes another one. */
const maxAttempts = maxIdle + 1;

type Opened = (error: Error | null, stream?: Duplex) => void;

/** HTTP over the streams of one transport: keep-alive, the most recently used stream first. */
export class HttpLink {
  private readonly agent: http.Agent;
  private readonly closing = new AbortController();
  private readonly upgraded = new Set<Duplex>();
  private readonly slots = new StreamSlots(() => Math.min(maxStreams, this.transport.maxStreams ?? maxStreams));

  constructor(private readonly transport: Pick<Transport, 'openEngineStream' | 'maxStreams'>) {
    // Each stream that is being opened listens to it.
    setMaxListeners(0, this.closing.signal);
    const agent = new http.Agent({ keepAlive: true, scheduling: 'lifo', maxFreeSockets: maxIdle });
    // Nothing of an agent's usual options (host, port, proxy) matters: a stream is a stream to this one engine.
    this.agent = Object.assign(agent, {
      createConnection: (_options: unknown, opened: Opened): undefined => void this.open(opened),
    });
  }

  /**
   * Resolves when the head of the answer is there, whatever its status. A raw stream is given only to who asked for one.
   * @throws noRoomForTerminal for a long request that would leave too few streams for the others.
   */
  async send(request: HttpRequest): Promise<HttpAnswer> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.sendOnce(request, await this.slots.enter(request.signal, request.isLong));
      } catch (error) {
        if (!(error instanceof StaleStream) || attempt >= maxAttempts) throw error;
      }
    }
  }

  /** See {@link StreamSlots.hasPlenty}. */
  get hasPlentyOfStreams(): boolean {
    return this.slots.hasPlenty;
  }

  /** Ends all streams; what is under way fails. */
  dispose(): void {
    this.closing.abort();
    this.agent.destroy();
    for (const stream of this.upgraded) stream.destroy();
    this.upgraded.clear();
  }

  private async open(opened: Opened): Promise<void> {
    try {
      const stream = await this.transport.openEngineStream(this.closing.signal);
      if (!this.closing.signal.aborted) {
        opened(null, stream);
        return;
      }
      stream.destroy();
      opened(new OverlayError('linkLost'));
    } catch (error) {
      opened(error instanceof Error ? error : new Error(String(error)));
    }
  }

  /** @param leave gives the stream's place to the next request. */
  private sendOnce(request: HttpRequest, leave: () => void): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const { signal, body } = request;
      if (signal.aborted) {
        leave();
        reject(abortedBy(signal));
        return;
      }
      const sent = this.start(request);
      const onAbort = () => sent.destroy(abortedBy(signal));
      const settle = () => signal.removeEventListener('abort', onAbort);
      signal.addEventListener('abort', onAbort, { once: true });
      sent.on('response', (response) => {
        response.on('close', settle);
        resolve({ kind: 'response', response });
      });
      let isUpgraded = false;
      // The agent takes the stream back right after this event: only then may the next request look for one.
      sent.on('close', () => {
        if (!isUpgraded) process.nextTick(leave);
      });
      sent.on('upgrade', (_response, stream, head) => {
        isUpgraded = true;
        settle();
        if (!request.upgrade) {
          stream.destroy();
          leave();
          reject(new HttpFailure(101, 'it does not answer as a Docker engine'));
          return;
        }
        resolve({ kind: 'stream', stream: this.own(stream, head, signal) });
        stream.on('close', leave);
      });
      sent.on('error', (error) => {
        leave();
        settle();
        reject(isStale(sent, request, error) ? new StaleStream('the pooled stream was dead', { cause: error }) : error);
      });
      if (body === undefined || typeof body === 'string') sent.end(body);
      else body.on('error', (error) => sent.destroy(error)).pipe(sent);
    });
  }

  private start(request: HttpRequest): ClientRequest {
    const { method, path, body } = request;
    const headers: Record<string, string> = { Host: 'docker', ...request.headers };
    if (typeof body === 'string') headers['Content-Length'] = String(Buffer.byteLength(body));
    if (request.upgrade) Object.assign(headers, { Connection: 'Upgrade', Upgrade: 'tcp' });
    // The socket path is never opened, the agent makes the stream. It is named so that VS Code's proxy support, which
    // replaces agents of requests to hosts (http.proxySupport "override"), leaves this request alone.
    return http.request({ agent: this.agent, socketPath: '/engine', method, path, headers });
  }

  private own(stream: Duplex, head: Buffer, signal: AbortSignal): Duplex {
    if (head.length > 0) stream.unshift(head);
    const onAbort = () => stream.destroy(abortedBy(signal));
    this.upgraded.add(stream);
    signal.addEventListener('abort', onAbort, { once: true });
    stream.on('close', () => {
      this.upgraded.delete(stream);
      signal.removeEventListener('abort', onAbort);
    });
    return stream;
  }
}

/** A read on a kept stream that broke before anything came back: safe to send again. */
class StaleStream extends Error {}

function isStale(sent: ClientRequest, request: HttpRequest, error: NodeJS.ErrnoException): boolean {
  const broken = error.code === 'ECONNRESET' || error.code === 'EPIPE';
  return broken && sent.reusedSocket && request.method === 'GET' && !request.signal.aborted;
}

function abortedBy(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
