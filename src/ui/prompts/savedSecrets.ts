import type { Memory } from '../memory';
import { secretPrefix, type SecretStore } from './secretMemory';

/** Names of what is kept, not the secrets; VS Code gives no list of them before 1.106. */
const namesKey = 'dockerOverlay.secretNames';

/**
 * VS Code's secret storage with a list of what we keep in it, so that a person can take it back. The list is of this
 * machine.
 */
export class SavedSecrets implements SecretStore {
  constructor(
    private readonly secrets: SecretStore,
    private readonly machineState: Memory,
  ) {}

  get(key: string): Thenable<string | undefined> {
    return this.secrets.get(key);
  }

  /** First into the list: what is kept and not listed could not be forgotten. */
  async store(key: string, value: string): Promise<void> {
    await this.note([...this.keys().filter((one) => one !== key), key]);
    await this.secrets.store(key, value);
  }

  async delete(key: string): Promise<void> {
    await this.secrets.delete(key);
    const keys = this.keys();
    if (keys.includes(key)) await this.note(keys.filter((one) => one !== key));
  }

  /** Keys of all that is kept. */
  keys(): string[] {
    const value = this.machineState.get(namesKey);
    return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  }

  private note(keys: readonly string[]): Thenable<void> {
    return this.machineState.update(namesKey, keys);
  }
}

/** What a kept secret is to a person; undefined for what is no secret by itself. */
export function secretWords(key: string): { readonly label: string; readonly icon: string } | undefined {
  const [, kind, of] = /^(passphrase:|password:|unlockKey\.)(.*)$/s.exec(key.slice(secretPrefix.length)) ?? [];
  if (!key.startsWith(secretPrefix) || kind === undefined || of === undefined) return undefined;
  if (kind === 'passphrase:') return { label: `Passphrase of ${of}`, icon: 'key' };
  if (kind === 'password:') return { label: `Password of ${of}`, icon: 'account' };
  return { label: `Unlock key of the swarm ${of}`, icon: 'lock' };
}
