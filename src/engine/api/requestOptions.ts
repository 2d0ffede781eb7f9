/** Options every request takes. */
export interface RequestOptions {
  readonly signal?: AbortSignal;
  /** Deadline in ms; each request has one even when not given (default 15 s; joins and pulls have longer ones). */
  readonly timeoutMs?: number;
}
