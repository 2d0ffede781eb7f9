import { OverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import { withDeadline } from '../../base/time';
import { decodeEach } from '../decode/json';
import type { RequestOptions } from '../api';
import { HttpFailure, type Action, type FailureContext } from '../errors/failure';
import { translate } from '../errors/translate';
import { routesFor, type Routes } from './routes';
import { readHead } from './streams';
import { chooseVersion } from './version';
import type { HttpLink } from './httpLink';

/** What a call is about, for deadlines, error texts and the log. */
export type CallContext = Omit<FailureContext, 'host'>;

const defaultTimeoutMs = 15_000;

/** Deadlines in ms of what takes longer than a read. */
const timeoutsMs: readonly (readonly [actions: RegExp, ms: number])[] = [
  // The engine itself waits 20 s for a join, for an attachment, and for its swarm's Raft before it says that there is no
  // majority: hear that, not our own deadline.
  [/^(swarm|node|task|service) |^network (create|remove|connect)$|^container (create|start|remove)$/, 30_000],
  [/^exec$/, 60_000],
  [/^image (pull|save|load)$/, 600_000],
];

/** Deadline of an action in ms. */
export const timeoutOf = (action: Action, options?: RequestOptions): number =>
  options?.timeoutMs ?? timeoutsMs.find(([actions]) => actions.test(action))?.[1] ?? defaultTimeoutMs;

/** Runs calls: negotiates first, ends them in time, translates what goes wrong, and ends all of them on disposal. */
export class Client {
  private readonly pending = new Set<AbortController>();
  private version?: string;
  /** What {@link version} was chosen from. */
  private offered: string | undefined;
  private negotiating?: Promise<string>;
  private disposed = false;

  constructor(
    private readonly link: HttpLink,
    readonly host: string,
    private readonly logger: Logger,
  ) {}

  /**
   * @param work its routes end with the call: aborted, late or disposed, the stream under its request is destroyed.
   * @throws OverlayError
   */
  async run<T>(
    context: CallContext,
    options: RequestOptions | undefined,
    work: (routes: Routes, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    return this.guard(context, options, async (signal) => {
      const version = await this.negotiated();
      return work(routesFor(this.link, version, signal), signal);
    });
  }

  /** Whether the link has streams to spare for what could be done without. */
  get hasPlentyOfStreams(): boolean {
    return this.link.hasPlentyOfStreams;
  }

  apiVersion(options?: RequestOptions): Promise<string> {
    return this.guard({ action: 'ping' }, options, () => this.negotiated());
  }

  /** @returns round trip in ms, and the engine's clock in epoch seconds. */
  ping(options?: RequestOptions): Promise<{ roundTripMs: number; engineTime: number }> {
    return this.guard({ action: 'ping' }, options, async (signal) => {
      const start = performance.now();
      const head = await this.readPing(signal);
      const roundTripMs = performance.now() - start;
      this.choose(head.apiVersion);
      return { roundTripMs, engineTime: head.engineTime };
    });
  }

  /** What a call failed with, as an error of the catalogue. */
  failure(error: unknown, context: CallContext): OverlayError {
    return translate(error, { ...context, host: this.host });
  }

  /** Says in the log how many records were left out: an engine may write them in a new way. */
  onLeftOut(what: string): (count: number) => void {
    return (count) =>
      this.logger.debug(`${this.host}: ${count} records of ${what} could not be read and were left out`);
  }

  /** {@link decodeEach}, with the log told. */
  decodeEach<T>(value: unknown, what: string, decodeOne: (item: unknown) => T): T[] {
    return decodeEach(value, what, decodeOne, this.onLeftOut(what));
  }

  dispose(): void {
    this.disposed = true;
    for (const call of this.pending) call.abort(this.closedError());
    this.link.dispose();
  }

  private async guard<T>(
    context: CallContext,
    options: RequestOptions | undefined,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    if (this.disposed) throw new OverlayError('notConnected', { host: this.host });
    const call = new AbortController();
    const outer = options?.signal;
    const onAbort = () => call.abort(outer?.reason);
    if (outer?.aborted) onAbort();
    else outer?.addEventListener('abort', onAbort, { once: true });
    this.pending.add(call);
    const start = performance.now();
    try {
      const result = await this.inTime(context, options, call, work);
      this.log(context, start, 'done');
      return result;
    } catch (error) {
      throw this.failed(error, context, start);
    } finally {
      this.pending.delete(call);
      outer?.removeEventListener('abort', onAbort);
    }
  }

  /** Runs work until the call is aborted or its time is up; work may ignore its signal. */
  private inTime<T>(
    { action }: CallContext,
    options: RequestOptions | undefined,
    call: AbortController,
    work: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const ms = timeoutOf(action, options);
    return withDeadline(ms, () => timeoutError(this.host, action, ms), call.signal, work);
  }

  private failed(error: unknown, context: CallContext, start: number): OverlayError {
    const translated = this.failure(error, context);
    // The engine behind the link may be another one when it comes back.
    if (translated.reason === 'linkLost') this.version = undefined;
    const text = translated.params.message;
    this.log(context, start, text === undefined ? translated.reason : `${translated.reason} (${text})`);
    return translated;
  }

  private log({ action, name }: CallContext, start: number, outcome: string): void {
    const what = name === undefined ? action : `${action} ${name}`;
    this.logger.debug(`${this.host}: ${what}: ${outcome}, ${Math.round(performance.now() - start)} ms`);
  }

  /** One negotiation for all who wait; it does not end because one of them gives up. */
  private negotiated(): Promise<string> {
    if (this.version !== undefined) return Promise.resolve(this.version);
    this.negotiating ??= this.negotiate().finally(() => {
      this.negotiating = undefined;
    });
    return this.negotiating;
  }

  private async negotiate(): Promise<string> {
    const call = new AbortController();
    this.pending.add(call);
    try {
      const head = await this.inTime({ action: 'ping' }, undefined, call, (signal) => this.readPing(signal));
      return this.choose(head.apiVersion);
    } finally {
      this.pending.delete(call);
    }
  }

  private choose(offered: string | undefined): string {
    if (this.version === undefined || this.offered !== offered) this.version = chooseVersion(offered, this.host);
    this.offered = offered;
    return this.version;
  }

  private async readPing(signal: AbortSignal): Promise<{ apiVersion: string | undefined; engineTime: number }> {
    const answer = await this.link.send({ method: 'GET', path: '/_ping', signal });
    if (answer.kind === 'stream') throw new Error('a ping asks for no stream');
    const { headers, statusCode = 0 } = answer.response;
    const text = await readHead(answer.response);
    if (statusCode !== 200) throw new HttpFailure(statusCode, text);
    const apiVersion = headers['api-version'];
    const engineTime = Math.floor(Date.parse(headers.date ?? '') / 1000);
    return { apiVersion: typeof apiVersion === 'string' ? apiVersion : undefined, engineTime };
  }

  private closedError(): OverlayError {
    return new OverlayError('linkLost', { host: this.host, message: 'the connection was ended' });
  }
}

/** The error of a call whose time was up. */
export function timeoutError(host: string, action: Action, ms: number): OverlayError {
  return new OverlayError('requestTimeout', { host, name: action, seconds: Math.round(ms / 100) / 10 });
}
