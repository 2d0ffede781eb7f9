import type { HostName } from '../model/host';

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
}

/** What the diagnosis knows besides the matrix. */
export interface VerifyFacts {
  /** UDP port of the overlay's data; 4789 unless set at init. */
  readonly dataPathPort: number;
  readonly encrypted: boolean;
  readonly hosts: readonly HostFacts[];
  /** `Peers` of the network as the gossip of each host shows them (addresses of hosts). */
  readonly peers?: readonly { readonly host: HostName; readonly addresses: readonly string[] }[];
}

/** The port Docker uses for the overlay's data unless told otherwise. */
export const defaultDataPathPort = 4789;
