import type { ParsedKey } from 'ssh2';
import { isOverlayError } from '../../base/errors';
import { throwIfAborted } from '../../base/time';
import type { SessionHostKeys } from '../hostKeys/recordedHostKeys';
import { PasswordRing } from './passwordRing';

/**
 * Keys opened with a passphrase, in memory as long as the connector lives: several hosts with one key ask once, and a
 * lost link comes back without asking.
 */
export class KeyRing {
  readonly passwords = new PasswordRing();
  readonly hostKeys: SessionHostKeys = new Map();
  /** Both by the content of the key file: another content is another key, wherever it lies. */
  private readonly opened = new Map<string, ParsedKey>();
  private readonly asking = new Map<string, Promise<ParsedKey>>();

  /**
   * @param text content of the key file
   * @param ask opens the key by asking a person; called only by the first of those who want the same key.
   */
  async open(text: string, ask: () => Promise<ParsedKey>, signal: AbortSignal): Promise<ParsedKey> {
    for (;;) {
      const known = this.opened.get(text);
      if (known) return known;
      const asked = this.asking.get(text);
      if (!asked) return this.askFirst(text, ask);
      try {
        return await asked;
      } catch (error) {
        // The one who asked was cancelled or may not ask, the others may: the next of them asks.
        if (!isOverlayError(error, 'cancelled', 'interactionNeeded', 'questionForbidden')) throw error;
        throwIfAborted(signal);
      }
    }
  }

  /** Forgets everything. */
  dispose(): void {
    this.opened.clear();
    this.passwords.clear();
    this.hostKeys.clear();
  }

  private async askFirst(text: string, ask: () => Promise<ParsedKey>): Promise<ParsedKey> {
    const question = ask();
    this.asking.set(text, question);
    try {
      const key = await question;
      this.opened.set(text, key);
      return key;
    } finally {
      this.asking.delete(text);
    }
  }
}
