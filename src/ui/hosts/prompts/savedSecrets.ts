import type { Memento } from '../../vscode/memento';
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
    private readonly machineState: Memento,
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

const kinds = [
  { begin: 'passphrase:', words: 'Passphrase of', icon: 'key' },
  { begin: 'password:', words: 'Password of', icon: 'account' },
  { begin: 'unlockKey.', words: 'Unlock key of the swarm', icon: 'lock' },
] as const;

/** What a kept secret is to a person; undefined for what is none: which swarm a host was seen in. */
export function secretWords(key: string): { readonly label: string; readonly icon: string } | undefined {
  const name = key.slice(secretPrefix.length);
  if (!key.startsWith(secretPrefix) || name.startsWith('unlockKeyOf.')) return undefined;
  const kind = kinds.find(({ begin }) => name.startsWith(begin));
  return kind
    ? { label: `${kind.words} ${name.slice(kind.begin.length)}`, icon: kind.icon }
    : { label: name, icon: 'key' };
}
