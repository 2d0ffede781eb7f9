import type { HostName } from '../host/host';
import type { PairEnds } from './pairIndex';

/** One explanation of what the matrix shows. */
export interface Finding {
  /** Id of the rule, e.g. "data-path-blocked". */
  readonly rule: string;
  /** "node2: the data path is blocked" */
  readonly title: string;
  readonly confidence: 'certain' | 'likely' | 'possible';
  /** What speaks for it, a sentence each. */
  readonly evidence: readonly string[];
  /** The cells it explains. */
  readonly pairs: readonly PairEnds[];
  readonly remedy: {
    readonly text: string;
    /** Commands to copy, each with the host to type it on. Never run unasked. */
    readonly commands: readonly { readonly host: HostName; readonly label: string; readonly command: string }[];
  };
}
