import type { Semaphore } from '../../base/concurrency';
import { DisposableStore, type Disposable } from '../../base/disposable';
import { isOverlayError, OverlayError, toOverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import { cancelled, throwIfAborted, unlessAborted } from '../../base/time';
import type { Connector } from '../../connection/connector';
import type { Transport } from '../../connection/transport';
import type { Engine } from '../../engine/api';
import type { HostSnapshot } from '../../model/engine/records';
import type { HostConfig, HostState } from '../../model/host/host';
import type { RunCommand } from '../../model/host/remoteCommand';
import { createHostWatch, type HostWatch, type WatchTimes } from './hostWatch';
import { MembershipMemory } from './membershipMemory';
import { openLink, type LinkRequest } from './openLink';
import { retryDelay } from './retry';

export interface SessionOptions {
  readonly config: HostConfig;
  readonly connector: Connector;
  readonly createEngine: (transport: Transport, host: string) => Engine;
  readonly logger: Logger;
  /** Bounds how many hosts log in at once. */
  readonly slots: Semaphore;
  readonly now: () => number;
  readonly random: () => number;
  readonly times: WatchTimes;
  readonly pace: () => number;
  readonly onDidChange: () => void;
  readonly onDidConnect: () => void;
}

/** A link that held so long was good: its loss starts the waiting times anew. */
const stableMs = 10_000;
const latencyStepMs = 5;
/** What is open to a connected host. */
interface Live {
  readonly engine: Engine;
  readonly watch: HostWatch;
  readonly transport: Transport;
  readonly since: number;
}

/** What a try to connect works with. */
type AttemptScope = Pick<LinkRequest, 'interactive' | 'signal' | 'store' | 'onStage'>;

/** One try to connect; `done` settles when the host is ready or the try has failed. */
interface Attempt {
  /** May ask a person. */
  readonly interactive: boolean;
  readonly controller: AbortController;
  readonly store: DisposableStore;
  readonly done: Promise<void>;
}

/**
 * The link to one configured host and what is known about it: idle -> connecting -> ready -> failed, and from failed by
 * itself to connecting again where waiting can help. What arrives after it was given up is disposed.
 */
export class HostSession implements Disposable {
  private current: HostState = { kind: 'idle' };
  private attempt: Attempt | undefined;
  private live: Live | undefined;
  private retryTimer: NodeJS.Timeout | undefined;
  private failures = 0;
  private readonly membership = new MembershipMemory();
  private isDisposed = false;
  config: HostConfig;

  constructor(private readonly options: SessionOptions) {
    this.config = options.config;
  }

  get state(): HostState {
    return this.current;
  }

  /** @throws OverlayError `notConnected` unless the host is ready. */
  engine(): Engine {
    return this.ready().engine;
  }

  /** Runs commands on the host itself, where its link offers that. @throws as {@link engine}. */
  commands(): RunCommand | undefined {
    return this.ready().transport.runCommand;
  }

  private ready(): Live {
    if (this.current.kind !== 'ready' || !this.live) throw new OverlayError('notConnected', { host: this.config.name });
    return this.live;
  }

  /**
   * Connects now, asking a person where that is needed; resolves at once when the host is ready. Aborting gives the try
   * up. @throws OverlayError.
   */
  async connect(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    if (this.isDisposed) throw new OverlayError('notConnected', { host: this.config.name });
    if (this.current.kind === 'ready') return;
    const underWay = this.attempt;
    try {
      await this.follow(underWay ?? this.begin(true), signal);
    } catch (error) {
      // A try that had begun by itself got as far as it could without the person who is here now.
      if (!underWay || underWay.interactive || !isOverlayError(error, 'interactionNeeded')) throw error;
      await this.follow(this.attempt ?? this.begin(true), signal);
    }
  }

  private async follow(attempt: Attempt, signal: AbortSignal | undefined): Promise<void> {
    const onAbort = () => {
      if (this.attempt === attempt) this.disconnect();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      await attempt.done;
    } catch (error) {
      throw signal?.aborted ? cancelled(signal) : error;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Ends the link or the try, and stops trying again. */
  disconnect(): void {
    this.failures = 0;
    this.close();
    this.set({ kind: 'idle' });
  }

  /** Reads everything anew; a failure becomes the state. A host that is not connected stays as it is. */
  async refresh(): Promise<void> {
    await this.live?.watch.read();
  }

  /** Tries a host that has failed again now, without asking anybody. Resolves when that is over; a failure is the state. */
  async retry(): Promise<void> {
    if (this.current.kind === 'failed' && !this.isDisposed) await Promise.allSettled([this.begin(false).done]);
  }

  /** Reads soon, in answer to what another host of the swarm has shown. */
  refreshRole(): void {
    void this.live?.watch.read(['info', 'nodes']);
  }

  dispose(): void {
    this.isDisposed = true;
    this.close();
  }

  private begin(interactive: boolean): Attempt {
    clearTimeout(this.retryTimer);
    const controller = new AbortController();
    const store = new DisposableStore();
    const lastSnapshot = this.lastSnapshot();
    this.set({ kind: 'connecting', lastSnapshot, lastError: this.lastError() });
    const { signal } = controller;
    const onStage = (words: string) => this.stage(signal, words);
    const done = this.run({ interactive, signal, store, onStage }, lastSnapshot).catch((error: unknown) => {
      throw toOverlayError(error, { host: this.config.name });
    });
    const attempt: Attempt = { interactive, controller, store, done };
    this.attempt = attempt;
    // Whoever waits hears of it through `connect`; a try begun by the timer has nobody who waits.
    done.catch((error: OverlayError) => this.failed(attempt, error));
    return attempt;
  }

  private lastError(): OverlayError | undefined {
    if (this.current.kind === 'failed') return this.current.error;
    return this.current.kind === 'connecting' ? this.current.lastError : undefined;
  }

  private async run(scope: AttemptScope, lastSnapshot?: HostSnapshot): Promise<void> {
    const { options, config } = this;
    const { signal, store } = scope;
    const { connector, slots } = options;
    const transport = await openLink({ ...scope, config, connector, slots, hasFailed: this.failures > 0 });
    let failedEarly: OverlayError | undefined;
    const lost = (error: OverlayError) => {
      failedEarly = error;
      this.lost(transport, error);
    };
    store.add(transport.onDidClose(lost));
    const engine = store.add(options.createEngine(transport, config.name));
    scope.onStage('reading');
    const watch = store.add(
      createHostWatch({
        host: config.name,
        engine,
        times: options.times,
        known: lastSnapshot,
        logger: options.logger,
        now: options.now,
        pace: options.pace,
        onSnapshot: (snapshot) => this.update(transport, snapshot),
        onLatency: (ms) => this.noteLatency(transport, ms),
        onFailed: lost,
      }),
    );
    const snapshot = await unlessAborted(watch.start(), signal);
    throwIfAborted(signal);
    if (failedEarly) throw failedEarly;
    this.live = { engine, watch, transport, since: performance.now() };
    this.membership.forget();
    this.set({ kind: 'ready', snapshot, link: { ...transport.info } });
    options.logger.info(`${config.name}: first snapshot read`);
    options.onDidConnect();
  }

  private stage(signal: AbortSignal, stage: string): void {
    if (!signal.aborted && this.current.kind === 'connecting') this.set({ ...this.current, stage });
  }

  private update(transport: Transport, snapshot: HostSnapshot): void {
    if (this.live?.transport !== transport || this.current.kind !== 'ready') return;
    this.membership.record(this.current.snapshot, snapshot, performance.now());
    this.set({ ...this.current, snapshot });
  }

  /** A latency that wobbles by a millisecond is no news. */
  private noteLatency(transport: Transport, ms: number): void {
    if (this.live?.transport !== transport || this.current.kind !== 'ready') return;
    const { link } = this.current;
    const known = link.latencyMs;
    if (known !== undefined && Math.abs(known - ms) < Math.max(latencyStepMs, known / 2)) return;
    this.set({ ...this.current, link: { ...link, latencyMs: ms } });
  }

  /** An open link has broken, or the engine behind it has stopped answering. */
  private lost(transport: Transport, error: OverlayError): void {
    if (this.live?.transport !== transport) return;
    if (performance.now() - this.live.since >= stableMs) this.failures = 0;
    this.fail(error.params.host ? error : error.with({ host: this.config.name }));
  }

  private failed(attempt: Attempt, error: OverlayError): void {
    if (this.attempt === attempt) this.fail(error);
  }

  private fail(error: OverlayError): void {
    const lastSnapshot = this.lastSnapshot();
    this.close();
    if (this.isDisposed) return;
    this.failures += 1;
    const wait = retryDelay(error, this.failures, this.options.random());
    const retryAt = wait === undefined ? undefined : this.options.now() + wait;
    this.options.logger.warn(`${this.config.name}: ${error.message}`);
    if (wait !== undefined) this.retryTimer = setTimeout(() => this.begin(false), wait);
    this.set({ kind: 'failed', error, retryAt, lastSnapshot });
  }

  private lastSnapshot(): HostSnapshot | undefined {
    if (this.current.kind === 'ready') return this.membership.recall(this.current.snapshot, performance.now());
    return this.current.kind === 'idle' ? undefined : this.current.lastSnapshot;
  }

  /** Lets go of everything that is open or under way; the state is the caller's to set. */
  private close(): void {
    clearTimeout(this.retryTimer);
    const { attempt } = this;
    this.live = undefined;
    this.attempt = undefined;
    attempt?.controller.abort(new OverlayError('cancelled', { host: this.config.name }));
    attempt?.store.dispose();
  }

  private set(state: HostState): void {
    this.current = state;
    if (!this.isDisposed) this.options.onDidChange();
  }
}
