import type { Finding } from '../model/report/finding';
import { PairIndex, type PairEnds } from '../model/report/pairIndex';
import { analyse, type Analysis, type Matrix } from './analysis';
import { findingOf, type Explanation, type Strength } from './explanation';
import type { VerifyFacts } from './facts';
import { generalRules, specificRules } from './rules/index';
import { unexplained } from './rules/unexplained';

/**
 * Explains what a matrix shows. What explains dead cells comes first, then what explains others, of that the surest, and of
 * those that are equally sure the one that explains more cells. Pure; empty for a healthy matrix of a healthy swarm.
 *
 * Something general is left out when all its cells have another explanation that is at least as sure, or, where that is
 * general as well, surer: what was measured is never given up for a guess.
 */
export function diagnose(matrix: Matrix, facts: VerifyFacts): Finding[] {
  const analysis = analyse(matrix, facts);
  const special = specificRules.flatMap((explain) => explain(analysis));
  const general = generalRules.flatMap((explain) => explain(analysis));
  const bySpecial = surest(special);
  const byGeneral = surest(general);
  const kept = general.filter((one) => {
    const own = rank(one);
    return one.pairs.length === 0 || !one.pairs.every((pair) => bySpecial(pair) <= own || byGeneral(pair) < own);
  });
  const explained = [...special, ...kept];
  const byAny = surest(explained);
  return [...explained, unexplained(analysis, (pair) => byAny(pair) < Infinity)]
    .flat()
    .map((explanation) => ({ explanation, gravity: gravityOf(analysis, explanation) }))
    .sort(
      ({ explanation: a, gravity: ofA }, { explanation: b, gravity: ofB }) =>
        ofA - ofB || rank(a) - rank(b) || b.pairs.length - a.pairs.length,
    )
    .map(({ explanation }) => findingOf(explanation));
}

/** What explains dead pairs is graver than what explains others, and that than what no pair shows. */
function gravityOf({ index }: Analysis, { pairs }: Explanation): number {
  if (pairs.length === 0) return 2;
  return pairs.some(({ from, to }) => index.all.get(from, to)?.verdict === 'dead') ? 0 : 1;
}

const strengths: readonly Strength[] = ['measured', 'pattern', 'guess'];

const rank = ({ strength }: Explanation): number => strengths.indexOf(strength);

/** The rank of the surest explanation of a pair, Infinity for none. */
function surest(explanations: readonly Explanation[]): (pair: PairEnds) => number {
  const ranks = new PairIndex<PairEnds & { readonly rank: number }>();
  for (const explanation of [...explanations].sort((a, b) => rank(b) - rank(a)))
    for (const { from, to } of explanation.pairs) ranks.set({ from, to, rank: rank(explanation) });
  return ({ from, to }) => ranks.get(from, to)?.rank ?? Infinity;
}
