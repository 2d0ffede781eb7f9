import { cancelled } from '../../base/time';
import type { UnknownHostKey } from '../../connection/transport';

/** A host that waits for the answer about its key. */
interface Waiting {
  readonly key: UnknownHostKey;
  readonly answer: (trusted: boolean) => void;
  readonly fail: (error: unknown) => void;
}

/** Hosts connect side by side and ask within moments of each other. ms */
const quietMs = 400;
/** A host that is slow to log in does not keep the others waiting for ever. ms */
const longestMs = 2_500;

/**
 * Gathers the unknown keys of hosts that ask within a short time, so that a person sees them in one question. Keys
 * that come while a question is open wait for the next one. Pure apart from its timers.
 */
export class HostKeyGatherer {
  private waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | undefined;
  private firstAt = 0;
  private isAsking = false;

  constructor(private readonly ask: (keys: readonly UnknownHostKey[]) => Promise<boolean>) {}

  /** @returns whether the person trusts the key. Rejects when the signal aborts. */
  trust(key: UnknownHostKey, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(cancelled(signal));
        return;
      }
      const onAbort = () => {
        this.waiting = this.waiting.filter((one) => one !== entry);
        reject(cancelled(signal));
      };
      const settle = () => signal?.removeEventListener('abort', onAbort);
      const entry: Waiting = {
        key,
        answer: (trusted) => (settle(), resolve(trusted)),
        fail: (error) => (settle(), reject(error)),
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      if (this.waiting.length === 0) this.firstAt = Date.now();
      this.waiting.push(entry);
      this.schedule();
    });
  }

  private schedule(): void {
    if (this.isAsking) return;
    clearTimeout(this.timer);
    const left = Math.max(0, this.firstAt + longestMs - Date.now());
    this.timer = setTimeout(() => void this.askNow(), Math.min(quietMs, left));
  }

  private async askNow(): Promise<void> {
    const batch = this.waiting.splice(0);
    if (batch.length === 0) return;
    this.isAsking = true;
    try {
      const trusted = await this.ask(distinct(batch.map((one) => one.key)));
      for (const one of batch) one.answer(trusted);
    } catch (error) {
      for (const one of batch) one.fail(error);
    } finally {
      this.isAsking = false;
      if (this.waiting.length > 0) this.schedule();
    }
  }
}

/** Two hosts behind one address ask about the same key: it is listed once. By name. */
function distinct(keys: readonly UnknownHostKey[]): UnknownHostKey[] {
  const byKey = new Map(keys.map((key) => [`${key.address} ${key.keyType} ${key.fingerprint}`, key]));
  return [...byKey.values()].sort((a, b) => a.host.localeCompare(b.host, undefined, { numeric: true }));
}

/** The modal's words. */
export function hostKeyQuestion(keys: readonly UnknownHostKey[]): { message: string; detail: string; button: string } {
  const one = keys.length === 1 ? keys[0] : undefined;
  return {
    message: one ? `Do you trust the host key of ${one.host}?` : `Do you trust the host keys of ${keys.length} hosts?`,
    detail: [
      'They are not in known_hosts yet. Compare the fingerprints with those of the servers (ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub there); trusted keys are added to known_hosts.',
      ...keys.map((key) => `${key.host} (${key.address})\n${key.keyType}  ${key.fingerprint}`),
    ]
      .join('\n\n')
      .replace('They are', one ? 'It is' : 'They are'),
    button: one ? 'Trust Host' : `Trust ${keys.length} Hosts`,
  };
}
