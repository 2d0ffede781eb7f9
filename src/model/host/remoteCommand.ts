/** How a command on a host ended, and what it said on its standard error. */
export interface CommandEnd {
  readonly exitCode: number | undefined;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Hears its standard output as it comes. */
  readonly onStdout: (chunk: Buffer) => void;
  /**
   * Nothing is written to its standard input, which ends when this settles; at once when not given. It also ends when the
   * signal aborts or the link breaks: by that a command that runs for a while knows when it is time to end.
   */
  readonly endOfInput?: Promise<unknown>;
  readonly signal?: AbortSignal;
}

/**
 * Runs a command on a host itself, as the user of its link. The login shell there reads it: text of our own only, never of
 * anybody else. One that fails is no error of ours: see its end.
 *
 * @throws OverlayError `sshSessionRefused`, `sshProtocol`, `linkLost`, `requestTimeout`, `cancelled`.
 */
export type RunCommand = (command: string, options: CommandOptions) => Promise<CommandEnd>;
