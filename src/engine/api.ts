import type { Duplex } from 'node:stream';
import type { Disposable } from '../base/disposable';
import type { Secret } from '../base/text/redact';
import type {
  Availability,
  Container,
  EngineInfo,
  Image,
  Network,
  NetworkDetails,
  NetworkSurvey,
  NodeRole,
  Subnet,
  SwarmNode,
  SwarmService,
  SwarmTask,
} from '../model/engine/records';

/** Options every request takes. */
export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Deadline in ms; each request has one even when not given (default 15 s; joins and pulls have longer ones). */
  readonly timeoutMs?: number;
}

/**
 * The Docker Engine API of one host, as far as the extension uses it. Every method rejects with an `OverlayError`
 * (reasons of `reasons/connection`, `swarm`, `network`); the daemon's own text is in `params.message`.
 */
export interface Engine extends Disposable {
  /** Negotiated on first use: the smaller of what both sides speak, at least 1.41. */
  apiVersion(options?: RequestOptions): Promise<string>;
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
   * `onReady` is called once the engine has accepted the subscription: what happens after that is not missed.
   */
  events(handlers: { onReady?: () => void; onEvent: (event: EngineEvent) => void }, signal: AbortSignal): Promise<void>;
}

/** One record of `GET /events` in the form that all API versions share. */
export interface EngineEvent {
  readonly type: string;
  readonly action: string;
  readonly actorId: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface SwarmInitRequest {
  /** Default `0.0.0.0:2377`. */
  readonly listenAddress?: string;
  readonly advertiseAddress?: string;
  readonly dataPathAddress?: string;
  /** 1024..49151; only settable at init. */
  readonly dataPathPort?: number;
  /** CIDRs; only settable at init. */
  readonly addressPools?: readonly string[];
  readonly subnetSize?: number;
  readonly forceNewCluster?: boolean;
  readonly autolock?: boolean;
}

export interface SwarmJoinRequest {
  /** One `address:2377`: Docker uses the first only. */
  readonly remoteAddress: string;
  readonly token: Secret;
  readonly listenAddress?: string;
  readonly advertiseAddress?: string;
  readonly dataPathAddress?: string;
}

/** From `GET /swarm` (managers only). */
export interface SwarmSpec {
  readonly clusterId: string;
  readonly version: number;
  readonly joinTokens: { readonly worker: Secret; readonly manager: Secret };
  readonly autolock: boolean;
  readonly dataPathPort: number;
  readonly addressPools: readonly string[];
  readonly subnetSize: number;
}

export interface NodeUpdate {
  readonly role?: NodeRole;
  readonly availability?: Availability;
  /** Replaces all labels when given. */
  readonly labels?: Readonly<Record<string, string>>;
  /** Labels to set and to remove; all others stay as they are when it is written, also those set in the meantime. */
  readonly labelChange?: LabelChange;
}

/** Some of the labels of a node. */
export interface LabelChange {
  readonly set: Readonly<Record<string, string>>;
  /** Keys; one that is not there is fine. */
  readonly remove: readonly string[];
}

/** A change of the swarm itself; what is not named stays. */
export interface SwarmUpdate {
  readonly autolock?: boolean;
  /** New ones are made; the old are refused from then on. */
  readonly rotateWorkerToken?: boolean;
  readonly rotateManagerToken?: boolean;
  readonly rotateUnlockKey?: boolean;
  /** Starts the change to a new root certificate; it goes on in the background, see {@link SwarmApi.trust}. */
  readonly rotateCa?: boolean;
}

/** Root certificates of a swarm and of its nodes (managers only). */
export interface SwarmTrust {
  /** The swarm's root certificate, PEM; during a rotation still the old one. */
  readonly root: string;
  readonly isRotating: boolean;
  readonly nodes: readonly NodeTrust[];
}

export interface NodeTrust {
  readonly id: string;
  readonly hostname: string;
  readonly state: SwarmNode['state'];
  /** The root it trusts is the swarm's, and its own certificate was issued by it. */
  readonly isCurrent: boolean;
}

export interface SwarmApi {
  /** @returns the id of the new node. @throws advertiseAddressAmbiguous (items = the addresses), alreadyInSwarm. */
  init(request: SwarmInitRequest, options?: RequestOptions): Promise<string>;
  /** @throws joinTimeout while the engine goes on joining in the background; joinTokenRefused, joinUnreachable, alreadyInSwarm. */
  join(request: SwarmJoinRequest, options?: RequestOptions): Promise<void>;
  /** @throws lastManager when refused without force. */
  leave(request: { force: boolean }, options?: RequestOptions): Promise<void>;
  inspect(options?: RequestOptions): Promise<SwarmSpec>;
  /** Which root certificates the swarm and its nodes have. */
  trust(options?: RequestOptions): Promise<SwarmTrust>;
  /** Changes the swarm in the same way as `updateNode` changes a node. */
  update(change: SwarmUpdate, options?: RequestOptions): Promise<void>;
  /** The key that unlocks managers after a restart; undefined when autolock is off. */
  unlockKey(options?: RequestOptions): Promise<Secret | undefined>;
  /** @throws unlockKeyRefused */
  unlock(key: Secret, options?: RequestOptions): Promise<void>;
  nodes(options?: RequestOptions): Promise<SwarmNode[]>;
  node(id: string, options?: RequestOptions): Promise<SwarmNode>;
  /** Tasks of services that were given to a node, ended ones too (managers only). */
  tasks(nodeId: string, options?: RequestOptions): Promise<SwarmTask[]>;
  /**
   * Changes a node: reads it, keeps everything of its spec not named in `update`, writes it back with its version, and
   * does so again on fresh data when somebody was faster ("update out of sequence").
   */
  updateNode(id: string, update: NodeUpdate, options?: RequestOptions): Promise<void>;
  removeNode(id: string, request: { force: boolean }, options?: RequestOptions): Promise<void>;
}

export interface NetworkCreateRequest {
  readonly name: string;
  readonly driver: 'overlay';
  readonly attachable: boolean;
  readonly internal: boolean;
  readonly ipv6: boolean;
  /** True sends the option `encrypted`; false leaves it out (any value would encrypt). */
  readonly encrypted: boolean;
  /** The routing mesh of the swarm: there is at most one, and no container can be attached to it by hand. */
  readonly ingress?: boolean;
  readonly subnets: readonly Subnet[];
  readonly labels?: Readonly<Record<string, string>>;
  /** Driver options besides `encrypted`. */
  readonly options?: Readonly<Record<string, string>>;
}

export interface NetworkApi {
  list(options?: RequestOptions): Promise<Network[]>;
  inspect(id: string, options?: RequestOptions): Promise<NetworkDetails>;
  /** Everything the engine knows of it, containers on other hosts too. */
  survey(id: string, options?: RequestOptions): Promise<NetworkSurvey>;
  /** Services and the networks they use (managers only). */
  services(options?: RequestOptions): Promise<SwarmService[]>;
  /** @returns its id. @throws networkNameTaken, subnetOverlap, notManager. */
  create(request: NetworkCreateRequest, options?: RequestOptions): Promise<string>;
  /** @throws networkInUse, networkNotFound, networkNotRemovable. */
  remove(id: string, options?: RequestOptions): Promise<void>;
  /**
   * Attaches a container, running or not. The engine waits 20 s for an address of a swarm's network.
   *
   * @throws conflict when it is attached already; addressTaken, addressNotInSubnet, attachTimedOut (also where an
   *   address is taken by another host's container), containerNotConnectable, networkNotFound, notFound.
   */
  connect(id: string, containerId: string, endpoint?: EndpointRequest, options?: RequestOptions): Promise<void>;
  disconnect(id: string, containerId: string, request: { force: boolean }, options?: RequestOptions): Promise<void>;
  /** Drops an endpoint of this engine that has no container any more; one that is gone is fine. */
  dropEndpoint(id: string, name: string, options?: RequestOptions): Promise<void>;
}

/** What a container is to have in a network. */
export interface EndpointRequest {
  /** Further names it is found by there. */
  readonly aliases?: readonly string[];
  /** Fixed addresses, without prefix length. */
  readonly ipv4?: string;
  readonly ipv6?: string;
}

export interface ContainerCreateRequest {
  readonly name: string;
  readonly image: string;
  /** Name of the container inside; its own name when not given. */
  readonly hostname?: string;
  /** Network id, or "host". */
  readonly network: string;
  readonly command: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly tty?: boolean;
  /** Bytes. */
  readonly memoryLimit?: number;
  readonly pidsLimit?: number;
  /** CPUs' worth of time, 0.01 at least. */
  readonly cpus?: number;
  readonly capAdd?: readonly string[];
  /** Folders of the host, read-only; the request is refused where one is not there. */
  readonly mounts?: readonly { readonly source: string; readonly target: string }[];
  /** An init that reaps and passes on signals, so that the container stops at once. */
  readonly init?: boolean;
  readonly autoRemove?: boolean;
}

/** From `GET /containers/{id}/json`. */
export interface ContainerDetails extends Container {
  readonly pid: number;
  readonly exitCode: number;
  /** Why it did not start. */
  readonly error?: string;
}

export interface ExecRequest {
  readonly command: readonly string[];
  readonly onStdout: (chunk: Buffer) => void;
  readonly onStderr?: (chunk: Buffer) => void;
}

/** A command with a terminal in a container. */
export interface TerminalSession {
  /** What the terminal shows comes out, what is typed goes in. Destroying it hangs up; it ends with the command. */
  readonly stream: Duplex;
  /** What {@link ContainerApi.hangUp} finds it by, also over a later link. */
  readonly mark: string;
  resize(columns: number, rows: number, options?: RequestOptions): Promise<void>;
  /** To be asked once the stream has ended. */
  exitCode(options?: RequestOptions): Promise<number>;
}

export interface ContainerApi {
  /** All containers, stopped ones too; `label` keeps those that have it (`key` or `key=value`). */
  list(filter?: { label?: string }, options?: RequestOptions): Promise<Container[]>;
  inspect(id: string, options?: RequestOptions): Promise<ContainerDetails>;
  /** @returns its id. @throws imageMissing, conflict (name taken), networkNotFound, verifyNotAttachable. */
  create(request: ContainerCreateRequest, options?: RequestOptions): Promise<string>;
  start(id: string, options?: RequestOptions): Promise<void>;
  /** Removes it, running or not, with its anonymous volumes; one that is gone already is fine. */
  remove(id: string, options?: RequestOptions): Promise<void>;
  /** Runs a command in it to its end; resolves with the exit code. Aborting closes the stream, not the process. */
  exec(id: string, request: ExecRequest, options?: RequestOptions): Promise<number>;
  /**
   * Starts a command with a terminal; the signal and the deadline are for the start only.
   * @throws noRoomForTerminal when it would leave too few streams of the link for requests.
   */
  openTerminal(
    id: string,
    request: { command: readonly string[]; columns: number; rows: number },
    options?: RequestOptions,
  ): Promise<TerminalSession>;
  /**
   * Ends what runs in a terminal as closing a real one does (SIGHUP): Docker lets it run on when its stream is closed.
   * A container that is gone or stopped is fine.
   */
  hangUp(id: string, mark: string, options?: RequestOptions): Promise<void>;
}

export interface ImageApi {
  /** @returns undefined when it is not there. */
  find(reference: string, options?: RequestOptions): Promise<Image | undefined>;
  /** @param onProgress 0..1 over all layers known so far, and words. @throws imageNotPulled. */
  pull(
    reference: string,
    onProgress?: (share: number | undefined, words: string) => void,
    options?: RequestOptions,
  ): Promise<void>;
  /** The image as a tar stream (`docker save`). */
  save(reference: string, options?: RequestOptions): Promise<NodeJS.ReadableStream>;
  load(tar: NodeJS.ReadableStream, options?: RequestOptions): Promise<void>;
}
