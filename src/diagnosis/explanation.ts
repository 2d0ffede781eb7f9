import type { Finding } from '../model/report/finding';
import type { PairEnds } from '../model/report/pairIndex';
import { withNotes } from './remedies/notes';

/**
 * How a cause is known. `measured`: it was seen itself, and nothing else would look like that. `pattern`: what was seen is
 * what it makes, and what something else might make. `guess`: it is there, or may be; whether it does any harm is open.
 */
export type Strength = 'measured' | 'pattern' | 'guess';

/** What a rule says of the matrix. Whether it is shown, where, and how sure that is called, others decide. */
export interface Explanation {
  /** E.g. "data-path-blocked"; the `rule` of the finding. */
  readonly cause: string;
  readonly title: string;
  readonly strength: Strength;
  readonly evidence: readonly string[];
  /** Those that it explains; none where the matrix does not show it. */
  readonly pairs: readonly PairEnds[];
  readonly remedy: Finding['remedy'];
}

/** One, several, or none. */
export type Explanations = Explanation | readonly Explanation[];

const confidences: Readonly<Record<Strength, Finding['confidence']>> = {
  measured: 'certain',
  pattern: 'likely',
  guess: 'possible',
};

/** The finding that a person gets to see. */
export function findingOf({ cause, title, strength, evidence, pairs, remedy }: Explanation): Finding {
  return {
    rule: cause,
    title,
    confidence: confidences[strength],
    evidence,
    pairs: pairs.map(({ from, to }) => ({ from, to })),
    remedy: withNotes(remedy),
  };
}

/** Of what was seen itself, or else is the usual reason for what was seen. */
export const measuredIf = (isSeen: boolean): Strength => (isSeen ? 'measured' : 'pattern');
