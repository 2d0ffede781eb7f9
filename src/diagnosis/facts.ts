import type { Availability, Network, SwarmNode } from '../model/engine/records';
import type { HostName } from '../model/host/host';
import type { HostReading } from '../model/host/hostReading';
import type { PortCheck } from '../model/network/underlay';

/** What is known about one host besides what its pings say. */
export interface HostFacts {
  readonly host: HostName;
  /** Address the other hosts reach it by (its advertised node address), without port. */
  readonly address?: string;
  readonly engineVersion?: string;
  /** Kernel release, for instance "6.1.0-18-amd64". */
  readonly kernel?: string;
  /** Whether its kernel can do IPsec ESP; absent when nobody knows. */
  readonly kernelHasEsp?: boolean;
  /** What the managers say of its node; absent when no manager was asked. */
  readonly nodeState?: SwarmNode['state'];
  /** Whether the swarm may place containers there; absent when no manager was asked. */
  readonly availability?: Availability;
  /** Why, in the managers' words, e.g. "heartbeat failure". */
  readonly nodeMessage?: string;
  /** Whether something there used the network before the verification; absent when nobody looked. */
  readonly usedNetworkBefore?: boolean;
}

/** A container in the network, as the engine of its host shows it. */
export interface EndpointFacts {
  readonly host: HostName;
  readonly name: string;
  readonly addresses: readonly string[];
}

/** A node that an earlier membership left behind. */
export interface GhostFacts {
  readonly nodeId: string;
  readonly hostname: string;
  /** The configured host that it was. */
  readonly host?: HostName;
  /** It was a manager, and counts as one: it must be demoted before it can be removed. */
  readonly isManager?: boolean;
  /** An attempt to join left it; no machine was ever this node. */
  readonly isAttempt?: boolean;
}

/** What the diagnosis knows besides the matrix. */
export interface VerifyFacts {
  /** UDP port of the overlay's data; 4789 unless set at init. */
  readonly dataPathPort: number;
  readonly encrypted: boolean;
  readonly networkId?: string;
  /** What else the network is, for one that is to replace it. */
  readonly network?: Pick<Network, 'attachable' | 'internal' | 'ipv6'>;
  readonly hosts: readonly HostFacts[];
  /** `Peers` of the network as the gossip of each host shows them (addresses of hosts). */
  readonly peers?: readonly { readonly host: HostName; readonly addresses: readonly string[] }[];
  /** CIDRs of the network. */
  readonly subnets?: readonly string[];
  /** Containers in the network, those of the verification left out. */
  readonly endpoints?: readonly EndpointFacts[];
  readonly ghosts?: readonly GhostFacts[];
  /** Connected hosts that are active managers, the leader first. */
  readonly managers?: readonly HostName[];
  /** The hosts' own networks, read because something is red. */
  readonly readings?: readonly HostReading[];
  /** Traffic between the hosts themselves, tried. */
  readonly ports?: readonly PortCheck[];
  /** Pairs of which the name led to the right address in the verification before. */
  readonly namesKnownBefore?: readonly { readonly from: HostName; readonly to: HostName }[];
  /** Hosts whose test container ended during the verification. */
  readonly probesGone?: readonly HostName[];
  /** Hosts whose engine took part and gave no answer any more when it was asked afterwards, and what happened then. */
  readonly silentEngines?: readonly { readonly host: HostName; readonly happened: string }[];
}

export { defaultDataPathPort } from '../model/network/vxlan';

/** Addresses of the other hosts, or of some of them; undefined where one is not known. */
export function addressesOfPeers(
  { hosts }: Pick<VerifyFacts, 'hosts'>,
  host: HostName,
  only?: readonly HostName[],
): (string | undefined)[] {
  const isPeer = (one: HostName) => one !== host && (only?.includes(one) ?? true);
  return hosts.filter((one) => isPeer(one.host)).map((one) => one.address);
}
