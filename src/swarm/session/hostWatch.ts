import { OverlayError, toOverlayError } from '../../base/errors';
import type { Disposable } from '../../base/disposable';
import type { Logger } from '../../base/logger';
import { delay, withDeadline } from '../../base/time';
import type { Engine } from '../../engine/api';
import type { HostSnapshot } from '../../model/engine/records';
import { ReadQueue } from './readQueue';
import { pollRole } from './pollRole';
import { allParts, partsOf, readSnapshot, withNodes, withNewerNodes, withNodesError, type Part } from './snapshot';

/** Times of a watch, ms. Tests shorten them. */
export interface WatchTimes {
  /** Deadline for the event stream to be accepted. */
  readonly subscribe: number;
  /** Between two looks at the swarm role (and, on managers, at the nodes). */
  readonly poll: number;
  readonly ping: number;
  /** An engine that does not answer a ping for so long is frozen. */
  readonly pingDeadline: number;
  /** Between two complete reads: what neither event nor look has shown. */
  readonly everything: number;
}

/**
 * Measured on 20.10.24: `GET /_ping` has no `Swarm` header there yet, `GET /info` runs `runc --version` and
 * `docker-init --version` each time. The role poll is a single read in memory, so it may be frequent; with it and the
 * events, what is done in a terminal shows within 2 s.
 */
export const defaultWatchTimes: WatchTimes = {
  subscribe: 10_000,
  poll: 1_200,
  ping: 10_000,
  pingDeadline: 8_000,
  everything: 30_000,
};

/** Slow answers stretch the polls so that they take a tenth of the link's time, up to this pause. */
const longestPauseMs = 10_000;

export interface WatchOptions {
  readonly host: string;
  readonly engine: Engine;
  readonly times: WatchTimes;
  /** What was known of the host before its link was lost. */
  readonly known?: HostSnapshot | undefined;
  readonly logger: Logger;
  readonly now: () => number;
  /** Stretches the polls when many hosts are connected; 1 or more. */
  readonly pace: () => number;
  /** What is known has changed. */
  readonly onSnapshot: (snapshot: HostSnapshot) => void;
  readonly onLatency: (ms: number) => void;
  /** Called at most once, after {@link HostWatch.start} has resolved: the host does not answer any more. */
  readonly onFailed: (error: OverlayError) => void;
}

/** Keeps a snapshot of one connected engine up to date until it is disposed or the engine fails. */
export interface HostWatch extends Disposable {
  /** Subscribes to the events, then reads everything: nothing that happens in between is missed. */
  start(): Promise<HostSnapshot>;
  /** Reads the parts anew; resolves when that is done. */
  read(parts?: readonly Part[]): Promise<void>;
}

export function createHostWatch(options: WatchOptions): HostWatch {
  const { engine, times, logger, host } = options;
  const life = new AbortController();
  let snapshot: HostSnapshot | undefined;
  let started = false;
  let ended = false;

  const fail = (error: unknown) => {
    if (ended) return;
    ended = true;
    const ours = toOverlayError(error, { host });
    life.abort(ours);
    if (started) options.onFailed(ours);
  };

  const take = (next: HostSnapshot) => {
    if (next === snapshot || life.signal.aborted) return;
    snapshot = next;
    options.onSnapshot(next);
  };

  const queue = new ReadQueue<Part>(async (parts) => {
    const before = snapshot;
    try {
      const read = await readSnapshot(engine, parts, before, { signal: life.signal, now: options.now });
      take(withNewerNodes(before, read, snapshot));
    } catch (error) {
      fail(error);
    }
  });

  const subscribe = () =>
    withDeadline(
      times.subscribe,
      () => new OverlayError('requestTimeout', { host, name: 'events', seconds: times.subscribe / 1000 }),
      life.signal,
      () =>
        new Promise<void>((resolve, reject) => {
          const follow = engine.events(
            { onReady: resolve, onEvent: (event) => queue.schedule(partsOf(event)) },
            life.signal,
          );
          follow.then(
            () => reject(new OverlayError('linkLost', { host, message: 'the event stream ended' })),
            (error: unknown) => reject(toOverlayError(error, { host })),
          );
          // After onReady the promise above is settled; what ends the stream then ends the watch.
          follow.then(() => fail(new OverlayError('linkLost', { host, message: 'the event stream ended' })), fail);
        }),
    );

  /** One look at the role; tells the queue what it made out of date. */
  const look = async () => {
    if (!snapshot) return;
    const before = snapshot;
    const seen = await pollRole(engine, snapshot.info.swarm, { signal: life.signal });
    if (life.signal.aborted) return;
    // A read that ended meanwhile may have asked later than this look, whose answer was longer under way.
    if (snapshot.nodes !== before.nodes || snapshot.nodesError !== before.nodesError) return;
    if (seen.kind === 'changed') await queue.now(allParts);
    else if (seen.kind === 'nodes') take(withNodes(snapshot, seen.nodes, options.now()));
    else if (seen.kind === 'nodesError') take(withNodesError(snapshot, seen.error));
  };

  const ping = async () => options.onLatency(await engine.ping({ signal: life.signal, timeoutMs: times.pingDeadline }));

  /** Repeats work until the end of the watch; a slow host is asked less often. */
  const repeat = async (ms: number, work: () => Promise<void>) => {
    try {
      for (;;) {
        const before = performance.now();
        await work();
        const took = performance.now() - before;
        await delay(Math.max(ms * options.pace(), Math.min(took * 9, longestPauseMs)), life.signal);
      }
    } catch (error) {
      if (!life.signal.aborted) fail(error);
    }
  };

  return {
    async start() {
      try {
        await subscribe();
        snapshot = await readSnapshot(engine, new Set(allParts), undefined, {
          signal: life.signal,
          now: options.now,
          known: options.known,
        });
      } catch (error) {
        fail(error);
        throw toOverlayError(error, { host });
      }
      started = true;
      void repeat(times.ping, ping);
      void repeat(times.poll, look);
      void repeat(times.everything, () => queue.now(allParts));
      return snapshot;
    },
    read: (parts = allParts) => queue.now(parts),
    dispose() {
      ended = true;
      life.abort(new OverlayError('cancelled', { host }));
      queue.dispose();
      logger.debug(`${host}: watch ended`);
    },
  };
}
