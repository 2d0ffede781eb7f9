import type { Environment } from '../../base/home';
import { formatAddress } from '../../hosts/address';
import type { SshAlgorithms } from './algorithms';

/** What the SSH configuration means for one host, as far as a connection needs it. */
export interface SshSettings {
  /** As asked for: an alias, or a host name. */
  readonly alias: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  /** Keys of the agent that no file names are not offered. */
  readonly identitiesOnly: boolean;
  /** Socket or pipe of the agent to use. */
  readonly agent?: string;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly hostKeyAlias?: string;
  readonly hashKnownHosts: boolean;
  /** StrictHostKeyChecking yes: a server that is not recorded is refused, and nobody is asked. */
  readonly knownHostsOnly?: boolean;
  readonly revokedHostKeysFile?: string;
  /** Bits an RSA key has at least, of servers and of users. */
  readonly requiredRsaBits?: number;
  readonly algorithms?: SshAlgorithms;
  /** Algorithms that the keys of users may sign with; all when undefined. */
  readonly publicKeyAlgorithms?: readonly string[];
  /** `user@host:port,...`, the first hop first. */
  readonly proxyJump?: string;
  readonly proxyCommand?: string;
  /** Where ssh shares its logins (ControlPath); it does not when undefined. */
  readonly controlPath?: string;
  readonly certificateFiles: readonly string[];
  readonly pkcs11?: string;
  readonly family?: 4 | 6;
  readonly bindAddress?: string;
  /** ms */
  readonly connectTimeout?: number;
  /** The ssh program that has read the configuration; undefined when there is none. */
  readonly program?: string;
  /** The program knows ForkAfterAuthentication. */
  readonly mayFork: boolean;
  /** Methods of login in their order ("publickey", "password", ...); ssh's own order when undefined. */
  readonly preferredAuthentications?: readonly string[];
  /** How often a password may be asked for; 3 when undefined. */
  readonly passwordPrompts?: number;
  /** BatchMode: nothing is asked. */
  readonly batchMode?: boolean;
  /** Options that are not at their default and that only the ssh program can do, as `KnownHostsCommand "/bin/x"`. */
  readonly unsupportedOptions?: readonly string[];
  readonly gssapiAllowed: boolean;
  readonly hostbasedAllowed?: boolean;
  readonly publicKeyAllowed: boolean;
  readonly passwordAllowed: boolean;
  readonly keyboardInteractiveAllowed: boolean;
}

/** Where to, as it was asked for; the rest is the configuration's. */
export interface SshTarget {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  /** Jump hosts that take the place of the configured ones. */
  readonly jump?: string;
}

/** Where the SSH configuration comes from. */
export interface SshConfigSource {
  readonly env: Environment;
  /** `-F`; the user's and the system's files when not given. */
  readonly configFile?: string;
  /** "ssh" when not given. */
  readonly program?: string;
  /** Takes the place of the user's known_hosts files. */
  readonly knownHostsFile?: string;
}

/** Where a server is: `host:port`. */
export const serverAddress = ({ hostName, port }: Pick<SshSettings, 'hostName' | 'port'>): string =>
  formatAddress(hostName, port);
