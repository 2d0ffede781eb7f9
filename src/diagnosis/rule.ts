import type { Analysis } from './analysis';
import type { Explanation, Explanations } from './explanation';
import type { RemedySafety } from './remedies/safety';

/** A rule: what it sees in the matrix, and whether following its remedy can do harm. None may fire on a healthy matrix. */
export type Rule = ((analysis: Analysis) => readonly Explanation[]) & { readonly safety: RemedySafety };

export function rule(safety: RemedySafety, explain: (analysis: Analysis) => Explanations): Rule {
  return Object.assign((analysis: Analysis) => [explain(analysis)].flat(), { safety });
}
