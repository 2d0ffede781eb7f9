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

/** Begin of the keys of all that is kept. */
export const secretPrefix = 'dockerOverlay.secret.';

/**
 * Passphrases and passwords in SecretStorage, which holds only what the person said to keep. What is known for the life
 * of the window is kept by the connector, which also sees to it that nobody is asked twice at the same time.
 */
export class SecretMemory {
  constructor(private readonly store: SecretStore) {}

  /** What was kept, without asking. */
  async kept(key: string): Promise<string | undefined> {
    return this.store.get(secretPrefix + key);
  }

  /**
   * @param previousWrong the answer known so far was refused: it is forgotten and the person is asked.
   * @returns undefined when the person dismissed the question.
   */
  async get(
    key: string,
    previousWrong: boolean,
    ask: () => Promise<SecretAnswer | undefined>,
  ): Promise<string | undefined> {
    if (previousWrong) await this.store.delete(secretPrefix + key);
    const known = previousWrong ? undefined : await this.kept(key);
    if (known !== undefined) return known;
    const answer = await ask();
    if (answer?.remember) await this.store.store(secretPrefix + key, answer.value);
    return answer?.value;
  }
}
