import type { Disposable } from '../base/disposable';
import type { EngineInfo } from '../model/engine/records';
import type { ContainerApi, ImageApi } from './api/containers';
import type { NetworkApi } from './api/networks';
import type { RequestOptions } from './api/requestOptions';
import type { SwarmApi } from './api/swarm';

export type * from './api/containers';
export type * from './api/networks';
export type * from './api/requestOptions';
export type * from './api/swarm';

/**
 * The Docker Engine API of one host, as far as the extension uses it. Every method rejects with an `OverlayError`
 * (reasons of `base/reasons/connection`, `swarm`, `network`); the daemon's own text is in `params.message`.
 */
export interface Engine extends Disposable {
  /** Round trip of `GET /_ping`, ms. */
  ping(options?: RequestOptions): Promise<number>;
  info(options?: RequestOptions): Promise<EngineInfo>;
  /** The engine's own clock, epoch seconds (`Date` of `GET /_ping`); undefined when it does not tell. */
  time(options?: RequestOptions): Promise<number | undefined>;
  readonly swarm: SwarmApi;
  readonly networks: NetworkApi;
  readonly containers: ContainerApi;
  readonly images: ImageApi;
  /**
   * Follows the event stream until the signal aborts (then it resolves) or the link breaks (then it rejects).
   */
  events(handlers: EventHandlers, signal: AbortSignal): Promise<void>;
}

export interface EventHandlers {
  /** Called once the engine has accepted the subscription: what happens after that is not missed. */
  readonly onReady?: () => void;
  readonly onEvent: (event: EngineEvent) => void;
}

/** One record of `GET /events` in the form that all API versions share. */
export interface EngineEvent {
  readonly type: string;
  readonly action: string;
  readonly actorId: string;
  readonly attributes: Readonly<Record<string, string>>;
}
