import { Emitter } from '../../../src/base/event';
import { isOverlayError, OverlayError } from '../../../src/base/errors';
import { silentLogger } from '../../../src/base/logger';
import { delay } from '../../../src/base/time';
import type { Connector, ConnectOptions } from '../../../src/connection/connector';
import type { Transport } from '../../../src/connection/transport';
import type { Engine, EngineEvent, EventHandlers } from '../../../src/engine/api';
import type { Container, EngineInfo, Network, SwarmNode } from '../../../src/model/engine/records';
import type { HostConfig } from '../../../src/model/host/host';
import { createFleet, type Fleet, type FleetOptions } from '../../../src/swarm/fleet';
import { info } from './samples';

/**
 * Fakes of link and engine, for the order of events that no real engine can be made to have: what arrives late, hangs,
 * or breaks in between. What engines really do is tested with real ones (test/integration/swarmFleet.test.ts).
 */
export class FakeHost {
  info: EngineInfo;
  nodes: SwarmNode[] | OverlayError = new OverlayError('notInSwarm');
  networks: Network[] = [];
  containers: Container[] = [];
  /** Thrown by the next connects. */
  refusal: OverlayError | undefined;
  /** Connects wait for it. */
  gate: Promise<void> | undefined;
  ping: () => Promise<number> = async () => 1;
  /** Connects take so long, ms. */
  delayMs = 0;
  /** A person is needed to connect: tries that may not ask are refused. */
  wantsPerson = false;
  connects = 0;
  /** For each connect, whether it was allowed to ask. */
  readonly interactive: boolean[] = [];
  open = 0;
  reads: string[] = [];
  private lateNodes: Promise<SwarmNode[]> | undefined;
  private events: ((event: EngineEvent) => void) | undefined;
  private readonly closes = new Set<Emitter<OverlayError>>();

  constructor(readonly name: string) {
    this.info = info(name);
  }

  emit(event: Partial<EngineEvent> & { type: string }): void {
    this.events?.({ action: 'create', actorId: 'x', attributes: {}, ...event });
  }

  /** The next question for the nodes is answered so, when it is. */
  answerLate(nodes: Promise<SwarmNode[]>): void {
    this.lateNodes = nodes;
  }

  breakLink(error = new OverlayError('linkLost', { message: 'reset' })): void {
    for (const close of [...this.closes]) close.fire(error);
  }

  async connect(interactive = true, onStage?: ConnectOptions['onStage']): Promise<Transport> {
    this.connects += 1;
    this.interactive.push(interactive);
    onStage?.({ stage: 'tcp', state: 'begun', detail: this.name });
    if (this.delayMs > 0) await delay(this.delayMs);
    onStage?.({ stage: 'authentication', state: 'begun' });
    await this.gate;
    if (this.wantsPerson && !interactive) {
      throw new OverlayError('interactionNeeded', { host: this.name, name: 'the passphrase of ~/.ssh/id' });
    }
    if (this.refusal) throw this.refusal;
    this.open += 1;
    const close = new Emitter<OverlayError>();
    this.closes.add(close);
    let isOpen = true;
    return {
      info: { description: `fake ${this.name}` },
      openEngineStream: () => Promise.reject(new Error('not used')),
      onDidClose: close.event,
      dispose: () => {
        if (isOpen) this.open -= 1;
        isOpen = false;
        this.closes.delete(close);
      },
    };
  }

  engine(): Engine {
    const read =
      <T>(what: string, value: () => T | OverlayError) =>
      async (): Promise<T> => {
        this.reads.push(what);
        const result = value();
        if (isOverlayError(result)) throw result;
        return result;
      };
    const fake: Partial<Record<keyof Engine, unknown>> = {
      ping: () => this.ping(),
      info: read('info', () => this.info),
      swarm: {
        nodes: () => {
          const late = this.lateNodes;
          this.lateNodes = undefined;
          return late ?? read('nodes', () => this.nodes)();
        },
      },
      networks: { list: read('networks', () => this.networks) },
      containers: { list: read('containers', () => this.containers) },
      events: (handlers: EventHandlers, signal: AbortSignal) =>
        new Promise<void>((resolve) => {
          this.events = handlers.onEvent;
          this.reads.push('events');
          handlers.onReady?.();
          signal.addEventListener('abort', () => resolve(), { once: true });
        }),
      dispose: () => undefined,
    };
    return fake as unknown as Engine;
  }
}

/** A fleet over fakes. Its polls are slow unless said otherwise, so that a test sees what it causes. */
export function fakeFleet(hosts: readonly FakeHost[], options: Partial<FleetOptions> = {}): Fleet {
  const byName = (name: string): FakeHost => {
    const found = hosts.find((one) => one.name === name);
    if (!found) throw new Error(`no fake ${name}`);
    return found;
  };
  const connector: Connector = {
    connect: (config: HostConfig, { interactive, onStage }) => byName(config.name).connect(interactive, onStage),
  };
  return createFleet({
    connector,
    createEngine: (_, name) => byName(name).engine(),
    logger: silentLogger,
    random: () => 1,
    ...options,
    times: { poll: 3_600_000, ping: 3_600_000, everything: 3_600_000, ...options.times },
  });
}
