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
}

/** What is known about a failure; texts fill themselves from it and stay readable when a part is missing. */
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
  readonly status?: number;
  /** Other things named in the text, e.g. containers that hang on a network. */
  readonly items?: readonly string[];
}

/** Makes the words for one reason. */
export type ReasonText = (params: ReasonParams) => ErrorDescription;

/** Subject of a sentence: the host if known. */
export const subject = (params: ReasonParams, otherwise = 'The host'): string => params.host ?? otherwise;

/** `": text"` or nothing; the other side's words at the end of a sentence. */
export const because = (message: string | undefined): string => (message ? `: ${message.replace(/[.\s]+$/, '')}` : '');

/** `["promote a", "demote b"]` as a sentence: "Promote a first, then demote b." */
export function inOrder(doings: readonly string[]): string {
  const [first = '', ...rest] = doings;
  const begin = `${first.charAt(0).toUpperCase()}${first.slice(1)}`;
  return rest.length === 0 ? `${begin}.` : `${begin} first, then ${rest.join(', then ')}.`;
}
