/** What a person is told about an error: never a stack, never raw daemon JSON. */
export interface ErrorDescription {
  /** One short line, e.g. for a tree item: "Permission denied on /var/run/docker.sock". */
  readonly title: string;
  /** What happened, to what, and why: one or two sentences. */
  readonly happened: string;
  /** What to do about it, one or two sentences; may name a command to type. */
  readonly remedy: string;
  /** A command to copy, when one command is the remedy. */
  readonly command?: string;
  /**
   * What can be done about it here: buttons of its message, lines of an operation's report, items below a step in the
   * view. The page of a verification shows none, since no reason that it shows has any.
   */
  readonly actions?: readonly ErrorAction[];
}

/** A command of the extension that helps against an error. */
export interface ErrorAction {
  /** "Check Ports" */
  readonly label: string;
  /** Id out of `contributions.ts`, which lies above this room; a test holds them against it. */
  readonly command: string;
  readonly args: object;
}

/** What may be known about a failure. */
export interface ReasonParams {
  /** Name of the configured host concerned. */
  readonly host?: string;
  /** Address or `host:port` that was tried. */
  readonly address?: string;
  readonly user?: string;
  /** A file, socket or setting concerned. */
  readonly path?: string;
  /** Name of the network, container, context ... concerned. */
  readonly name?: string;
  /** Text of the other side, shown as text; never JSON. */
  readonly message?: string;
  /** Fingerprint offered, or expected. */
  readonly fingerprint?: string;
  readonly expectedFingerprint?: string;
  /** What to do, where only the caller knows it. */
  readonly remedy?: string;
  readonly seconds?: number;
  /** HTTP status of the engine's answer. */
  readonly status?: number;
  /** Other things named in the text, e.g. containers that hang on a network. */
  readonly items?: readonly string[];
}

/**
 * What the words of a reason are made of: `Required` must be given, `Optional` is said where it is known. The host is
 * among the latter for every reason, since a lower layer may not know on whose behalf it failed.
 */
export type Needs<Required extends keyof ReasonParams = never, Optional extends keyof ReasonParams = never> = {
  readonly [Key in Required]-?: NonNullable<ReasonParams[Key]>;
} & Takes<Optional>;

/** As {@link Needs}, for words that stay readable whatever is missing. */
export type Takes<Optional extends keyof ReasonParams> = Pick<ReasonParams, Optional | 'host'>;

/** Subject of a sentence: the host if known. */
export const subject = ({ host }: Pick<ReasonParams, 'host'>, otherwise = 'The host'): string => host ?? otherwise;

/** `" name"` or nothing: what the word before it is about. */
export const known = (name: string | undefined): string => (name ? ` ${name}` : '');

/** `": text"` or nothing; the other side's words at the end of a sentence. */
export const because = (message: string | undefined): string => (message ? `: ${message.replace(/[.\s]+$/, '')}` : '');

/** `["promote a", "demote b"]` as a sentence: "Promote a first, then demote b." */
export function inOrder(doings: readonly string[]): string {
  const [first = '', ...rest] = doings;
  const begin = `${first.charAt(0).toUpperCase()}${first.slice(1)}`;
  return rest.length === 0 ? `${begin}.` : `${begin} first, then ${rest.join(', then ')}.`;
}
