import type { Network, NetworkDetails, NetworkSurvey, Subnet, SwarmService } from '../../model/engine/records';
import type { RequestOptions } from './requestOptions';

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
