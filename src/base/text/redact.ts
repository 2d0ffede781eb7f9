/** Patterns of what must never reach a log, an error text or a screen. */
const secretPatterns: readonly [RegExp, string][] = [
  // Join tokens and unlock keys of swarmkit: SWMTKN-1-<50 chars>-<25 chars>, SWMKEY-1-<43 chars base64>.
  [/SWMTKN-\d+-[a-z0-9]+-[a-z0-9]+/gi, 'SWMTKN-…'],
  [/SWMKEY-\d+-[A-Za-z0-9+/=_-]+/g, 'SWMKEY-…'],
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, '(private key)'],
  // user:password@ in a URL; the password goes on to the last "@". The scheme is left out: tried again at each dot of
  // "a.a.a...", it would take time by the square of the length.
  [/(:\/\/[^\s/:@]*):[^\s/]+@/g, '$1:…@'],
];

/**
 * Replaces join tokens, unlock keys, private keys and URL passwords in a text by marks. Its time is in proportion to the
 * length of the text; foreign text, whose length is another's choice, comes by `oneLine`.
 */
export function redact(text: string): string {
  return secretPatterns.reduce((result, [pattern, mark]) => result.replace(pattern, mark), text);
}

/**
 * A string that does not print: `String(secret)`, template literals, JSON and `util.inspect` show a mark. Only
 * {@link Secret.reveal} gives the value, so that a search for that word finds every use.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '(secret)';
  }

  toJSON(): string {
    return '(secret)';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '(secret)';
  }
}
