import type { Duplex } from 'node:stream';
import { BaseAgent, OpenSSHAgent, utils, type ParsedKey, type SigningRequestOptions } from 'ssh2';
import { withDeadline } from '../../base/time';

const listTimeoutMs = 5_000;
// A person may have to touch a token or confirm in a window of the agent.
const signTimeoutMs = 60_000;

/** The user's running SSH agent. */
export class SshAgent {
  constructor(private readonly socketPath: string) {}

  /** Public keys the agent holds, as far as ssh2 can use them. */
  async keys(signal?: AbortSignal): Promise<ParsedKey[]> {
    const keys = await this.ask<unknown[]>(listTimeoutMs, signal, (agent, done) =>
      agent.getIdentities((error, found) => done(error, found)),
    );
    return keys
      .map((key) => utils.parseKey(key as ParsedKey))
      .filter((key): key is ParsedKey => !(key instanceof Error));
  }

  async sign(key: ParsedKey, data: Buffer, hash: string | undefined, signal?: AbortSignal): Promise<Buffer> {
    return this.ask<Buffer>(signTimeoutMs, signal, (agent, done) =>
      // The options matter for RSA: without the hash an agent answers with SHA-1.
      agent.sign(key, data, { hash } as SigningRequestOptions, (error, signature) => done(error, signature)),
    );
  }

  private async ask<T>(
    ms: number,
    signal: AbortSignal | undefined,
    question: (agent: OpenSSHAgent, done: (error?: Error | null, answer?: T) => void) => void,
  ): Promise<T> {
    const agent = new ClosableAgent(this.socketPath);
    try {
      return await withDeadline(
        ms,
        () => new Error(`the agent did not answer within ${ms / 1000} s`),
        signal,
        () =>
          new Promise<T>((resolve, reject) => {
            question(agent, (error, answer) => {
              if (error || answer === undefined) reject(error ?? new Error('the agent gave no answer'));
              else resolve(answer);
            });
          }),
      );
    } finally {
      agent.close();
    }
  }
}

/** ssh2's agent client closes its socket only when an answer comes; a hung agent must not keep it. */
class ClosableAgent extends OpenSSHAgent {
  private readonly streams: Duplex[] = [];
  private closed = false;

  override getStream(callback: (error?: Error | null, stream?: Duplex) => void): void {
    super.getStream((error, stream) => {
      if (stream) {
        if (this.closed) stream.destroy();
        this.streams.push(stream);
      }
      callback(error, stream);
    });
  }

  close(): void {
    this.closed = true;
    for (const stream of this.streams) stream.destroy();
  }
}

/** One key that may open the door. */
export interface Identity {
  /** "agent: me@laptop" or the path of the file; for the list of what was tried. */
  readonly label: string;
  readonly key: ParsedKey;
  /** Called only once the server has said that it would accept the key. */
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>;
}

/**
 * Presents one identity to ssh2 as an agent of one key: the only form in which ssh2 asks the server first and signs
 * later, asynchronously, so that a passphrase is asked for only when the key is wanted.
 */
export class OneKeyAgent extends BaseAgent<ParsedKey> {
  constructor(
    private readonly identity: Identity,
    private readonly onSignError: (error: unknown) => void,
  ) {
    super();
  }

  override getIdentities(callback: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
    callback(undefined, [this.identity.key]);
  }

  override sign(
    _key: ParsedKey,
    data: Buffer,
    optionsOrCallback: SigningRequestOptions | SignCallback,
    maybeCallback?: SignCallback,
  ): void {
    const options = typeof optionsOrCallback === 'function' ? undefined : optionsOrCallback;
    const callback = typeof optionsOrCallback === 'function' ? optionsOrCallback : maybeCallback;
    this.identity.sign(data, options?.hash).then(
      (signature) => callback?.(undefined, signature),
      (error: unknown) => {
        this.onSignError(error);
        callback?.(error instanceof Error ? error : new Error('signing failed'));
      },
    );
  }
}

type SignCallback = (error?: Error | null, signature?: Buffer) => void;
