import type { Secret } from '../../base/text/redact';
import type { Availability, NodeRole, SwarmNode, SwarmTask } from '../../model/engine/records';
import type { RequestOptions } from './requestOptions';

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
