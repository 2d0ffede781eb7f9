import { randomBytes } from 'node:crypto';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { Semaphore } from '../../base/concurrency';
import { OverlayError } from '../../base/errors';
import { throwIfAborted, unlessAborted } from '../../base/time';
import type { StageListener } from '../../model/host/connectStage';
import type { ConnectionPrompts } from '../prompts';
import {
  formatKnownHostsLine,
  hasAuthority,
  judgeHostKey,
  knownHostsName,
  knownKeyTypes,
  parseKnownHosts,
  type KnownHostsLine,
} from './knownHosts';
import { rsaBits, fingerprint, keyTypeOf } from '../keys/publicKey';
import { readRevokedKeys, type RevokedKeys } from './revokedKeys';
import { keyTypeOfAlgorithm } from '../sshConfig/algorithms';
import type { SshSettings } from '../sshConfig/settings';
import { systemCode } from '../errors';

const maxFileBytes = 32 * 1024 * 1024;

// What is offered where no ssh says it. SHA-1 signatures (ssh-rsa) are left out, as OpenSSH has done since 8.8.
const usualAlgorithms: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** The outcome for a key offered: go on, ask a person, or stop. */
export type HostKeyDecision =
  | { readonly kind: 'trusted' }
  | { readonly kind: 'ask'; readonly key: Buffer }
  | { readonly kind: 'refused'; readonly error: OverlayError };

/** Appending is one at a time in this process; other processes are safe by O_APPEND and one write. */
const writing = new Semaphore(1);

/**
 * Confirmed keys that no file keeps, in memory as long as the connector lives: a link that is lost comes back without
 * asking. By the names of the files that did not take them and of the server.
 */
export type SessionHostKeys = Map<string, Buffer>;

/** What is recorded about one server, read from its known_hosts files at one moment. */
export class RecordedHostKeys {
  private constructor(
    private readonly host: string,
    private readonly settings: SshSettings,
    private readonly lines: readonly KnownHostsLine[],
    private readonly revoked: RevokedKeys | undefined,
    private readonly session: SessionHostKeys,
  ) {}

  /**
   * @param session for a client that can take its keys: the ssh program has files only.
   * @throws OverlayError `sshConfigInvalid` for a file that exists and cannot be read: ignoring it would weaken.
   */
  static async read(
    host: string,
    settings: SshSettings,
    session: SessionHostKeys = new Map(),
  ): Promise<RecordedHostKeys> {
    const files = [...settings.userKnownHostsFiles, ...settings.globalKnownHostsFiles];
    const [lines, revoked] = await Promise.all([
      Promise.all(files.map((file) => readLines(host, file))),
      settings.revokedHostKeysFile === undefined ? undefined : readRevokedKeys(host, settings.revokedHostKeysFile),
    ]);
    return new RecordedHostKeys(host, settings, lines.flat(), revoked, session);
  }

  /** The name as written to known_hosts. */
  get name(): string {
    return this.names[0];
  }

  /** Algorithms to ask for, those of recorded keys first, so that the server shows a key we can compare. */
  algorithms(): ServerHostKeyAlgorithm[] {
    return [...new Set([...this.knownAlgorithms(), ...this.allowedAlgorithms()])];
  }

  /** Algorithms of the recorded keys, as far as the configuration allows them. */
  knownAlgorithms(): ServerHostKeyAlgorithm[] {
    const types = knownKeyTypes(this.lines, this.names);
    return types.flatMap((type) => this.allowedAlgorithms().filter((name) => keyTypeOfAlgorithm(name) === type));
  }

  /**
   * @param pinned the one key that a person has just confirmed.
   * @param byProgram the ssh program, which knows host certificates and revocation lists, has had its turn.
   */
  decide(key: Buffer, pinned: Buffer | undefined, byProgram = false): HostKeyDecision {
    const params = { host: this.host, address: this.name, fingerprint: fingerprint(key) };
    const { file: list, keys = [], unreadable } = this.revoked ?? {};
    if (keys.some((one) => one.equals(key)))
      return refused(new OverlayError('hostKeyRevoked', { ...params, path: list }));
    if (unreadable !== undefined && !byProgram)
      return this.needsProgram(`RevokedHostKeys ${list ?? ''} (${unreadable})`);
    const bits = rsaBits(key);
    const { requiredRsaBits = 0 } = this.settings;
    if (bits !== undefined && bits < requiredRsaBits) {
      const message = `${bits} bits, and RequiredRSASize asks for ${requiredRsaBits}`;
      return refused(new OverlayError('hostKeyTooShort', { ...params, message }));
    }
    const verdict = judgeHostKey(this.lines, this.names, key);
    switch (verdict.kind) {
      case 'match':
        return { kind: 'trusted' };
      case 'revoked':
        return refused(new OverlayError('hostKeyRevoked', { ...params, path: verdict.file }));
      case 'mismatch':
      // The server was asked for the recorded types first: that it shows another one means it has lost its keys.
      case 'otherKeyType': {
        const { file, expectedFingerprint } = verdict;
        // An authority is named as well, and a new key with its certificate would be right.
        if (!byProgram && hasAuthority(this.lines, this.names)) return this.needsProgram('host certificates');
        // It could not be asked for them.
        if (verdict.kind === 'otherKeyType' && this.knownAlgorithms().length === 0) {
          return byProgram
            ? this.decideUnknown(key, pinned)
            : this.needsProgram(`its host key (${verdict.expectedType})`);
        }
        return refused(new OverlayError('hostKeyChanged', { ...params, path: file, expectedFingerprint }));
      }
      case 'caOnly':
        if (!byProgram) return this.needsProgram('host certificates');
        return refused(new OverlayError('hostCertificateInvalid', { ...params, path: verdict.file }));
      case 'unknown':
        return this.decideUnknown(key, pinned);
    }
  }

  /** Why a key could not be remembered, or undefined: /dev/null is what people write for a file that keeps nothing. */
  async whyNotKept(): Promise<string | undefined> {
    const file = this.settings.userKnownHostsFiles[0];
    if (file === undefined) return 'UserKnownHostsFile is none';
    try {
      return (await fs.stat(file)).isFile() ? undefined : `UserKnownHostsFile is ${file}`;
    } catch {
      // It is made when the key is written; what is against it is told then.
      return undefined;
    }
  }

  /**
   * Remembers a confirmed key in the first of the user's files, or for this session where that is not possible: ssh goes
   * on as well.
   *
   * @returns why it is for this session only.
   */
  async remember(key: Buffer): Promise<string | undefined> {
    const [file] = this.settings.userKnownHostsFiles;
    const line = formatKnownHostsLine(this.name, key, this.settings.hashKnownHosts ? randomBytes(20) : undefined);
    const append = () => (file === undefined ? undefined : writing.run(() => appendLine(file, line)));
    const failure = (await this.whyNotKept()) ?? (await append());
    if (failure !== undefined) this.session.set(this.sessionName, key);
    return failure;
  }

  private decideUnknown(key: Buffer, pinned: Buffer | undefined): HostKeyDecision {
    if (this.settings.knownHostsOnly) {
      const params = { host: this.host, address: this.name, fingerprint: fingerprint(key) };
      return refused(new OverlayError('hostKeyNotRecorded', params));
    }
    const confirmed = pinned ?? this.session.get(this.sessionName);
    if (confirmed === undefined) return { kind: 'ask', key };
    if (confirmed.equals(key)) return { kind: 'trusted' };
    // Somebody is in between, or it is a pool of servers, or the server was installed anew.
    const params = { host: this.host, address: this.name, fingerprint: fingerprint(key) };
    const expectedFingerprint = fingerprint(confirmed);
    return refused(new OverlayError('hostKeyChanged', { ...params, expectedFingerprint }));
  }

  private needsProgram(name: string): HostKeyDecision {
    return refused(new OverlayError('sshFeatureUnsupported', { host: this.host, name }));
  }

  private allowedAlgorithms(): readonly ServerHostKeyAlgorithm[] {
    return this.settings.algorithms?.serverHostKey ?? usualAlgorithms;
  }

  private get sessionName(): string {
    return [...this.settings.userKnownHostsFiles, this.name].join('\n');
  }

  private get names(): [string, ...string[]] {
    const { hostKeyAlias, hostName, port } = this.settings;
    if (hostKeyAlias !== undefined) return [hostKeyAlias.toLowerCase()];
    const name = knownHostsName(hostName, port);
    return port === 22 ? [name] : [name, hostName.toLowerCase()];
  }
}

export interface TrustRequest {
  /** Name of the configured host. */
  readonly host: string;
  readonly prompts: Pick<ConnectionPrompts, 'trustHostKey'>;
  readonly signal: AbortSignal;
  readonly onStage: StageListener;
}

/**
 * Shows an unknown key to a person. Returns when it is trusted.
 *
 * @throws OverlayError `hostKeyUnknown` when it is declined, `cancelled`, and what the prompts throw.
 */
export async function askForTrust(recorded: RecordedHostKeys, key: Buffer, request: TrustRequest): Promise<void> {
  const { host, prompts, signal, onStage } = request;
  onStage({ stage: 'hostKey', state: 'begun', detail: 'waiting for the host key to be confirmed' });
  const question = { host, address: recorded.name, keyType: keyTypeOf(key), fingerprint: fingerprint(key) };
  const trusted = await unlessAborted(prompts.trustHostKey(question, signal), signal);
  throwIfAborted(signal);
  if (!trusted) throw new OverlayError('hostKeyUnknown', question);
}

const refused = (error: OverlayError): HostKeyDecision => ({ kind: 'refused', error });

async function readLines(host: string, file: string): Promise<KnownHostsLine[]> {
  try {
    const stats = await fs.stat(file);
    // /dev/null is what people write for "none".
    if (!stats.isFile()) return [];
    if (stats.size > maxFileBytes)
      throw new OverlayError('sshConfigInvalid', { host, message: `${file} is too large` });
    return parseKnownHosts(await fs.readFile(file, 'utf8'), file);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    if (code === undefined) throw error;
    throw new OverlayError('sshConfigInvalid', { host, message: `${file} cannot be read (${code})` }, { cause: error });
  }
}

/** @returns why the file did not take it. */
async function appendLine(file: string, line: string): Promise<string | undefined> {
  try {
    await fs.mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
    const handle = await fs.open(file, 'a+', 0o600);
    try {
      const { size } = await handle.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await handle.read(last, 0, 1, size - 1);
      const separator = size > 0 && last[0] !== 0x0a ? '\n' : '';
      await handle.appendFile(separator + line);
      return undefined;
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return `${file} cannot be written (${code})`;
  }
}
