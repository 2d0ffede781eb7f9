import type { OverlayError } from '../../base/errors';
import type { HostSnapshot } from '../engine/records';

/** Name of a configured host: unique in the settings, and its id everywhere. */
export type HostName = string;

/**
 * How to reach the engine of a host over SSH: `auto`, or one way and no other: the socket forwarded by sshd
 * (`streamlocal`), the command `docker system dial-stdio` (`dialStdio`), or the ssh program of the system (`systemSsh`).
 */
export const sshTransports = ['auto', 'streamlocal', 'dialStdio', 'systemSsh'] as const;
export type SshTransportChoice = (typeof sshTransports)[number];

/** Where a Docker engine listens and how to get there. */
export type Endpoint =
  /** `ssh://[user@]host[:port][/path/to/docker.sock]`; `host` may be an alias of the SSH configuration. */
  | {
      readonly kind: 'ssh';
      readonly host: string;
      readonly user?: string;
      readonly port?: number;
      readonly socketPath?: string;
    }
  /** `unix:///path` */
  | { readonly kind: 'socket'; readonly path: string }
  /** `npipe:////./pipe/name` (Windows) */
  | { readonly kind: 'pipe'; readonly path: string }
  /** `tcp://host:port`, with TLS when `tls` is given. */
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls?: TlsFiles }
  /** `context://name`: resolved in the Docker context store each time it is connected. */
  | { readonly kind: 'context'; readonly name: string };

/** Client certificates of a TLS endpoint: paths of PEM files, read when it is connected. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Do not verify the server's certificate: shown as insecure. */
  readonly skipVerify: boolean;
}

/** One usable entry of the setting `dockerOverlay.hosts`. */
export interface HostConfig {
  readonly name: HostName;
  readonly endpoint: Endpoint;
  /** The endpoint as written in the setting, for showing. */
  readonly endpointText: string;
  /** Folder or zone label to group by. */
  readonly folder?: string;
  /** The way over SSH to take for this host; the setting `dockerOverlay.ssh.transport` when not given. */
  readonly transport?: SshTransportChoice;
}

/** One entry of the setting that cannot be used; it is shown, and the others work. */
export interface HostProblem {
  /** Position in the setting's list. */
  readonly index: number;
  readonly name: string;
  readonly error: OverlayError;
}

/** How a host is linked at the moment, for tooltips. */
export interface LinkInfo {
  /** For instance "ssh2 + streamlocal to deploy@10.0.0.5:22". */
  readonly description: string;
  /** Why this way was chosen, when it is not the usual one. */
  readonly because?: string;
  /** Why the link is not protected ("plain TCP, not encrypted", "certificate not verified"). */
  readonly insecure?: string;
  /** Round trip of one small engine request over the link, ms. */
  readonly latencyMs?: number;
  readonly user?: string;
}

/** What a host is doing; a union, so that no two of them can be true at once. */
export type HostState =
  | { readonly kind: 'idle' }
  | {
      readonly kind: 'connecting';
      readonly stage?: string;
      /** What was known before the link was lost, while it is tried again. */
      readonly lastSnapshot?: HostSnapshot;
      /** Why the try before has failed. */
      readonly lastError?: OverlayError;
    }
  | { readonly kind: 'ready'; readonly snapshot: HostSnapshot; readonly link: LinkInfo }
  | {
      readonly kind: 'failed';
      readonly error: OverlayError;
      /** Epoch ms of the next try; none when only a person can help (wrong key, refused host key). */
      readonly retryAt?: number;
      /** What was known before the link was lost. */
      readonly lastSnapshot?: HostSnapshot;
    };
