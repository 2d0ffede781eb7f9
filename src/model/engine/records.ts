/** Records of the Docker engine as the rest of the extension sees them; raw JSON stops at `engine/decode`. */

import type { BareReason, OverlayError } from '../../base/errors';

export type SwarmState = 'inactive' | 'pending' | 'active' | 'error' | 'locked';
export type NodeRole = 'manager' | 'worker';
export type Availability = 'active' | 'pause' | 'drain';

/** From `GET /info`. */
export interface EngineInfo {
  readonly engineId: string;
  readonly hostname: string;
  /** For instance "28.5.2". */
  readonly serverVersion: string;
  /** Negotiated API version, for instance "1.41". */
  readonly apiVersion: string;
  readonly operatingSystem: string;
  readonly osType: 'linux' | 'windows';
  readonly kernelVersion: string;
  readonly architecture: string;
  readonly swarm: SwarmStatus;
}

/** A host's own view of its membership (`Info.Swarm`). */
export interface SwarmStatus {
  readonly state: SwarmState;
  /** Empty when not in a swarm. */
  readonly nodeId: string;
  /** The address this node advertises. */
  readonly nodeAddress: string;
  /** Whether this engine answers swarm requests (an active manager). */
  readonly isManager: boolean;
  readonly error?: string;
  /** What {@link SwarmStatus.error} of a failed join means. */
  readonly errorReason?: BareReason;
  /** Only managers know it. */
  readonly clusterId?: string;
  /** Only managers know it; 4789 unless set at init. */
  readonly dataPathPort?: number;
  readonly autolock?: boolean;
  readonly defaultAddressPools?: readonly string[];
  /** Managers as the node knows them. */
  readonly remoteManagers: readonly { readonly nodeId: string; readonly address: string }[];
}

/** From `GET /nodes` (managers only). */
export interface SwarmNode {
  readonly id: string;
  /** `Version.Index`: to be sent back with an update. */
  readonly version: number;
  /** By the managers' clock, RFC 3339; a node's last change is when it went down, unless somebody has changed it since. */
  readonly createdAt?: string;
  readonly updatedAt?: string;
  readonly hostname: string;
  /** `Spec.Role`: the wish; {@link SwarmNode.manager} exists once it is true. */
  readonly role: NodeRole;
  readonly availability: Availability;
  readonly labels: Readonly<Record<string, string>>;
  /** `Spec.Name`, seldom set; must be sent back with an update. */
  readonly specName?: string;
  readonly state: 'unknown' | 'down' | 'ready' | 'disconnected';
  readonly stateMessage?: string;
  /** The source address a manager saw; may be 0.0.0.0, 127.0.0.1 or behind NAT. */
  readonly address: string;
  readonly engineVersion: string;
  readonly os: string;
  readonly manager?: {
    readonly leader: boolean;
    readonly reachability: 'unknown' | 'unreachable' | 'reachable';
    /** `address:2377` */
    readonly address: string;
  };
}

/** One container of a service, from `GET /tasks` (managers only); containers started by hand are no tasks. */
export interface SwarmTask {
  readonly id: string;
  readonly nodeId: string;
  readonly serviceId: string;
  /** `Status.State`: what it is, not what it shall be; words of a later engine count as not over. */
  readonly state: string;
  /** It has stopped for good, or never ran. */
  readonly isOver: boolean;
}

export interface Subnet {
  /** CIDR, for instance "10.0.1.0/24". */
  readonly subnet: string;
  readonly gateway?: string;
  readonly ipRange?: string;
}

/** From `GET /networks`. */
export interface Network {
  readonly id: string;
  readonly name: string;
  readonly driver: string;
  readonly scope: 'local' | 'swarm' | 'global';
  readonly attachable: boolean;
  readonly internal: boolean;
  readonly ingress: boolean;
  readonly ipv6: boolean;
  /** Presence of the driver option `encrypted`; its value does not matter to Docker ("encrypted=false" encrypts). */
  readonly encrypted: boolean;
  readonly subnets: readonly Subnet[];
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly createdAt: string;
}

/** What `GET /networks/{id}` adds; local to the answering engine. */
export interface NetworkDetails extends Network {
  /** Containers of that engine attached to it. */
  readonly endpoints: readonly NetworkEndpoint[];
  /** Hosts of the network as that engine's gossip knows them; absent until it is materialised there. */
  readonly peers: readonly { readonly name: string; readonly address: string }[];
}

/** A container's place in a network. */
export interface NetworkEndpoint {
  readonly containerId: string;
  readonly containerName: string;
  /** Without prefix length; empty while not assigned. */
  readonly ipv4: string;
  readonly ipv6: string;
  /** Container carries one of the extension's labels. */
  readonly isTestContainer: boolean;
  /** Name of the service whose task the container is; Docker would make such a one again. */
  readonly service?: string;
}

/** What `GET /networks/{id}?verbose=true` adds on an engine where something uses the network. */
export interface NetworkSurvey extends NetworkDetails {
  /** The network's own endpoint on that engine, the load balancer of services: an address no container can have. */
  readonly own: readonly NamedAddress[];
  /** Endpoints of that engine without a container. */
  readonly stale: readonly NamedAddress[];
  /** Containers on all hosts of the network, as that engine's gossip knows them. */
  readonly everywhere: readonly (NamedAddress & {
    /** Address of the host it runs on. */
    readonly hostAddress: string;
    readonly service?: string;
  })[];
  /** Virtual addresses of services; `name` is the service's. */
  readonly virtual: readonly NamedAddress[];
  /** Counted by the engine itself (`Status.IPAM`, API 1.52 and later). */
  readonly use?: readonly { readonly subnet: string; readonly used: number; readonly free: number }[];
  /** The engine's own JSON, to be shown in a read-only document and for nothing else. */
  readonly raw: unknown;
}

export interface NamedAddress {
  readonly name: string;
  /** Without prefix length. */
  readonly address: string;
}

/** From `GET /services` (managers only): what of a service concerns networks. */
export interface SwarmService {
  readonly id: string;
  readonly name: string;
  readonly networkIds: readonly string[];
}

/** From `GET /images/{name}/json`. */
export interface Image {
  readonly id: string;
  /** `linux`, `windows`; empty where the engine does not tell. */
  readonly os: string;
  /** As Go calls them: "amd64", "arm64"; empty where the engine does not tell. */
  readonly architecture: string;
}

/** From `GET /containers/json?all=1`. */
export interface Container {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly image: string;
  readonly state: 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';
  /** For instance "Up 3 minutes". */
  readonly status: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Epoch seconds. */
  readonly createdAt: number;
  /** `HostConfig.NetworkMode`, for instance "host", "none", "container:ID"; absent where an engine does not tell. */
  readonly networkMode?: string;
  readonly networks: readonly {
    readonly name: string;
    readonly networkId: string;
    readonly ipv4: string;
    readonly ipv6: string;
  }[];
}

/** What is known about one host at one time. */
export interface HostSnapshot {
  readonly info: EngineInfo;
  /** Only from an active manager; as they were last known when `nodesError` says why they could not be read now. */
  readonly nodes?: readonly SwarmNode[];
  /** Why a manager could not list the nodes, e.g. the majority is lost. */
  readonly nodesError?: OverlayError;
  readonly networks: readonly Network[];
  readonly containers: readonly Container[];
  /** Ids of the nodes that this engine was, in this or another swarm, since it was first connected. */
  readonly formerNodes?: readonly string[];
  /** Epoch ms. */
  readonly takenAt: number;
}

/** Labels the extension puts on what it makes. */
export const labels = {
  /** Value: id of the verification run. Such containers are removed without asking. */
  run: 'com.docker-overlay.run',
  /** Value: random id of the window that made it, with its start time. */
  owner: 'com.docker-overlay.owner',
  /**
   * Value: seconds after its creation, by the clock of its engine, after which the reaper may take it, whoever made it. Clocks of
   * the machines of editors tell nothing: they sleep, and are set.
   */
  lifetime: 'com.docker-overlay.lifetime',
  /** Test containers a person started on purpose; never removed without being told. Value: any, e.g. id of the start. */
  testContainer: 'com.docker-overlay.test-container',
} as const;
