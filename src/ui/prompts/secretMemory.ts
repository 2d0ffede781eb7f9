import { Secret } from '../../base/redact';

/** Structurally `vscode.SecretStorage`. */
export interface SecretStore {
  get(key: string): Thenable<string | undefined>;
  store(key: string, value: string): Thenable<void>;
  delete(key: string): Thenable<void>;
}

/** An answer and whether the person wants it kept over restarts. */
export interface SecretAnswer {
  readonly value: string;
  readonly remember: boolean;
}

const prefix = 'dockerOverlay.secret.';

/**
 * Passphrases and passwords: kept in memory while the window lives, so that a reconnect does not ask again, and in
 * SecretStorage only when the person says so. Several hosts with the same question share one.
 */
export class SecretMemory {
  private readonly session = new Map<string, Secret>();
  private readonly asking = new Map<string, Promise<string | undefined>>();

  constructor(private readonly store: SecretStore) {}

  /**
   * @param previousWrong the answer known so far was refused: it is forgotten and the person is asked.
   * @returns undefined when the person dismissed the question.
   */
  async get(
    key: string,
    previousWrong: boolean,
    ask: () => Promise<SecretAnswer | undefined>,
  ): Promise<string | undefined> {
    const underWay = this.asking.get(key);
    if (underWay) return underWay;
    const answer = this.find(key, previousWrong, ask).finally(() => this.asking.delete(key));
    this.asking.set(key, answer);
    return answer;
  }

  private async find(key: string, previousWrong: boolean, ask: () => Promise<SecretAnswer | undefined>) {
    if (previousWrong) {
      this.session.delete(key);
      await this.store.delete(prefix + key);
    } else {
      const known = this.session.get(key)?.reveal() ?? (await this.store.get(prefix + key));
      if (known !== undefined) return known;
    }
    const answer = await ask();
    if (answer === undefined) return undefined;
    this.session.set(key, new Secret(answer.value));
    if (answer.remember) await this.store.store(prefix + key, answer.value);
    return answer.value;
  }
}
