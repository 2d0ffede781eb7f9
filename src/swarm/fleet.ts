import { Semaphore } from '../base/concurrency';
import type { Disposable } from '../base/disposable';
import { OverlayError } from '../base/errors';
import { Emitter, type Event } from '../base/event';
import type { Logger } from '../base/logger';
import type { Connector } from '../connection/connector';
import type { Transport } from '../connection/transport';
import type { Engine } from '../engine/api';
import type { HostConfig, HostName, HostProblem } from '../model/host/host';
import type { RunCommand } from '../model/host/remoteCommand';
import type { Topology } from '../model/swarm/topology';
import { sameContent } from './topology/equal';
import { HostSession } from './session/hostSession';
import { defaultWatchTimes, type WatchTimes } from './session/hostWatch';
import { buildTopology } from './topology/buildTopology';

/** All configured hosts, their links and what is known about them. Trees render its topology, and reading it never does I/O. */
export interface Fleet extends Disposable {
  readonly topology: Topology;
  /** Changes of several hosts within a few ms come as one. */
  readonly onDidChange: Event<Topology>;
  /** Fires at each connect and reconnect, once the host is ready. */
  readonly onDidConnect: Event<HostName>;
  /**
   * Takes the configured hosts: keeps links of unchanged entries, ends those of removed ones; a changed entry is
   * connected anew if it was connected (or trying) before.
   */
  setHosts(hosts: readonly HostConfig[], problems: readonly HostProblem[]): void;
  /**
   * Connects a host (again); resolves once its first snapshot is there.
   * @throws OverlayError as shown in the host's state.
   */
  connect(host: HostName, signal?: AbortSignal): Promise<void>;
  /** Ends the link and stops reconnecting. */
  disconnect(host: HostName): void;
  /** Reads the hosts anew, all connected ones when none is named; failures become states. */
  refresh(hosts?: readonly HostName[]): Promise<void>;
  /** Tries the hosts that have failed again now, without asking anybody; failures are states. */
  retryFailed(): Promise<void>;
  /** @throws OverlayError `notConnected`. */
  engine(host: HostName): Engine;
  /** Runs commands on a host itself; undefined where its link offers that not. @throws OverlayError `notConnected`. */
  commands(host: HostName): RunCommand | undefined;
}

export interface FleetOptions {
  readonly connector: Connector;
  readonly createEngine: (transport: Transport, host: string) => Engine;
  readonly logger: Logger;
  /** Epoch ms; `Date.now` when not given. */
  readonly now?: () => number;
  /** 0..1; `Math.random` when not given. */
  readonly random?: () => number;
  readonly times?: Partial<WatchTimes>;
}

/** Logins at once: enough for a rack, few enough for sshd's MaxStartups (10:30:100) on a common bastion. */
const parallelConnects = 16;
/** Changes within this time, ms, are told as one. */
const gatherMs = 20;
/** While changes go on and on, they are told no more often than this, ms: with many hosts each one is work. */
const longestGatherMs = 250;
/** Up to so many connected hosts are polled at the full pace; twice as many at half of it. */
const fullPaceHosts = 40;

/** Makes the fleet; it has no hosts until {@link Fleet.setHosts}, and connects none until {@link Fleet.connect}. */
export function createFleet(options: FleetOptions): Fleet {
  const { logger } = options;
  const onListenerError = (error: unknown) => logger.error('A listener of the fleet failed', error);
  const changes = new Emitter<Topology>(onListenerError);
  const connects = new Emitter<HostName>(onListenerError);
  const slots = new Semaphore(parallelConnects);
  const times: WatchTimes = { ...defaultWatchTimes, ...options.times };
  const now = options.now ?? Date.now;
  let sessions = new Map<HostName, HostSession>();
  let problems: readonly HostProblem[] = [];
  let topology: Topology = buildTopology([], [], 0);
  let isDirty = false;
  let told = topology;
  let toldAt = 0;
  let timer: NodeJS.Timeout | undefined;
  let isDisposed = false;

  const readyCount = () => [...sessions.values()].filter((session) => session.state.kind === 'ready').length;

  const currentTopology = (): Topology => {
    if (!isDirty) return topology;
    isDirty = false;
    const hosts = [...sessions.values()].map(({ config, state }) => ({ config, state }));
    const next = buildTopology(hosts, problems, topology.revision + 1);
    if (!sameContent({ ...next, revision: 0 }, { ...topology, revision: 0 })) topology = next;
    return topology;
  };

  const tell = () => {
    timer = undefined;
    const before = told;
    const current = currentTopology();
    if (current === before) return;
    told = current;
    toldAt = performance.now();
    refreshConcerned(before, current);
    changes.fire(current);
  };

  const changed = () => {
    isDirty = true;
    if (isDisposed || timer) return;
    const calm = Math.min(longestGatherMs, sessions.size);
    timer = setTimeout(tell, Math.max(gatherMs, toldAt + calm - performance.now()));
  };

  /**
   * A manager has shown another role or state of a node than before: its own host may know more. One of a node that is no
   * host's yet may be any that is in no swarm as far as it is known.
   */
  const refreshConcerned = (before: Topology, after: Topology) => {
    const known = new Map(before.clusters.flatMap((cluster) => cluster.nodes.map(({ node }) => [node.id, node])));
    const knownClusters = new Set(before.clusters.map((cluster) => cluster.id));
    const clusters = after.clusters.filter((cluster) => knownClusters.has(cluster.id));
    const news = clusters
      .flatMap((cluster) => cluster.nodes)
      .filter(({ node }) => {
        const old = known.get(node.id);
        return !old || old.role !== node.role || old.state !== node.state;
      });
    const isOfNobody = news.some(({ host }) => host === undefined);
    const free = after.hosts.filter((view) => isOfNobody && view.clusterId === undefined);
    const concerned = [...news.flatMap(({ host }) => host ?? []), ...free.map((view) => view.config.name)];
    for (const name of concerned) sessions.get(name)?.refreshRole();
  };

  const makeSession = (config: HostConfig): HostSession =>
    new HostSession({
      config,
      connector: options.connector,
      createEngine: options.createEngine,
      logger,
      slots,
      now,
      random: options.random ?? Math.random,
      times,
      pace: () => Math.max(1, readyCount() / fullPaceHosts),
      onDidChange: changed,
      onDidConnect: () => connects.fire(config.name),
    });

  const session = (host: HostName): HostSession => {
    const found = sessions.get(host);
    if (!found) throw new OverlayError('notConnected', { host });
    return found;
  };

  return {
    get topology() {
      return currentTopology();
    },
    onDidChange: changes.event,
    onDidConnect: connects.event,
    setHosts(hosts, newProblems) {
      if (isDisposed) return;
      const old = sessions;
      const toConnect: HostSession[] = [];
      sessions = new Map();
      for (const config of hosts) {
        const known = old.get(config.name);
        if (known && leadsThere(known.config, config)) {
          known.config = config;
          sessions.set(config.name, known);
          continue;
        }
        const made = makeSession(config);
        sessions.set(config.name, made);
        if (known && known.state.kind !== 'idle') toConnect.push(made);
      }
      for (const [, gone] of old) if (sessions.get(gone.config.name) !== gone) gone.dispose();
      problems = newProblems;
      changed();
      // A failure is in the host's state.
      for (const made of toConnect) void made.connect().catch(() => undefined);
    },
    connect: async (host, signal) => session(host).connect(signal),
    disconnect: (host) => sessions.get(host)?.disconnect(),
    async refresh(hosts) {
      const chosen = hosts ? hosts.map((host) => sessions.get(host)) : [...sessions.values()];
      await Promise.all(chosen.map((one) => one?.refresh() ?? Promise.resolve()));
    },
    async retryFailed() {
      await Promise.all([...sessions.values()].map((one) => one.retry()));
    },
    engine: (host) => session(host).engine(),
    commands: (host) => session(host).commands(),
    dispose() {
      isDisposed = true;
      clearTimeout(timer);
      for (const one of sessions.values()) one.dispose();
      changes.dispose();
      connects.dispose();
    },
  };
}

/** Whether a link made for one entry is the link of the other. */
function leadsThere(before: HostConfig, after: HostConfig): boolean {
  return sameContent(before.endpoint, after.endpoint) && before.transport === after.transport;
}
