import type { HostName } from './host';

/** What overlay networks need of a kernel. */
export const kernelFeatures = ['vxlan', 'esp', 'xtU32', 'xtBpf', 'ipVs'] as const;
export type KernelFeature = (typeof kernelFeatures)[number];

/** What a short look at a host's own network and kernel found; see `verify/facts/readHost`. */
export interface HostReading {
  readonly host: HostName;
  /** Kernel release, for instance "6.1.0-18-amd64". */
  readonly kernel: string;
  /** Whether the kernel has it, built in or as a module that can be loaded; absent where nothing tells. */
  readonly features: Readonly<Partial<Record<KernelFeature, boolean>>>;
  readonly links: readonly HostLink[];
  readonly routes: readonly HostRoute[];
  /** The host's clock minus ours, ms; as exact as the link is fast. */
  readonly clockOffsetMs?: number;
  /** Epoch ms. */
  readonly takenAt: number;
}

/** A network interface of a host. */
export interface HostLink {
  readonly name: string;
  /** Bytes. */
  readonly mtu: number;
  /** It is switched on. */
  readonly up: boolean;
  /** Something is at the other end of its cable; absent where that cannot be read, as while it is switched off. */
  readonly carrier?: boolean;
  /** With prefix length. */
  readonly addresses: readonly string[];
}

/** An entry of a host's routing table. */
export interface HostRoute {
  /** CIDR; `0.0.0.0/0` and `::/0` for the default. */
  readonly destination: string;
  readonly gateway?: string;
  readonly link: string;
}
