import type { Finding } from '../model/report/finding';
import type { VerifyFacts } from './facts';
import { PairIndex } from './pairIndex';
import { advertiseAddress } from './rules/advertiseAddress';
import { cannotPing } from './rules/cannotPing';
import { checksumOffload } from './rules/checksumOffload';
import { clockSkew } from './rules/clockSkew';
import { dataPathBlocked } from './rules/dataPathBlocked';
import { duplicateName } from './rules/duplicateName';
import { encryptedDataPath } from './rules/encryptedDataPath';
import { encryptedPort } from './rules/encryptedPort';
import { encryptedVersionMix } from './rules/encryptedVersionMix';
import { engineNotAnswering } from './rules/engineNotAnswering';
import { ghostNode } from './rules/ghostNode';
import { gossipBlocked } from './rules/gossipBlocked';
import { gossipNotRunning } from './rules/gossipNotRunning';
import { hostMissing } from './rules/hostMissing';
import { hostUnreachable } from './rules/hostUnreachable';
import { ipv6Dead } from './rules/ipv6Dead';
import { kernelWithoutEsp } from './rules/kernelWithoutEsp';
import { kernelWithoutMatch } from './rules/kernelWithoutMatch';
import { kernelWithoutVxlan } from './rules/kernelWithoutVxlan';
import { linkDown } from './rules/linkDown';
import { linkFlapNames } from './rules/linkFlapNames';
import { loss } from './rules/loss';
import { managerPort } from './rules/managerPort';
import { mtu } from './rules/mtu';
import { nameUnknown } from './rules/nameUnknown';
import { nameWrong } from './rules/nameWrong';
import { nodeNotActive } from './rules/nodeNotActive';
import { oneDirection } from './rules/oneDirection';
import { pairBlocked } from './rules/pairBlocked';
import { probeGone } from './rules/probeGone';
import { sameAddress } from './rules/sameAddress';
import { sourceStopped } from './rules/sourceStopped';
import { staleForwarding } from './rules/staleForwarding';
import { subnetOverlap } from './rules/subnetOverlap';
import { tooFewAddresses } from './rules/tooFewAddresses';
import { unexplained } from './rules/unexplained';
import { withNotes } from './remedies/remedies';
import type { Rule } from './rule';
import { viewOf, type Matrix, type MatrixView } from './view';

export type { Matrix } from './view';

/** Each knows one cause well: what they explain needs no other explanation. */
const specific: readonly Rule[] = [
  cannotPing,
  engineNotAnswering,
  nodeNotActive,
  tooFewAddresses,
  subnetOverlap,
  probeGone,
  gossipNotRunning,
  linkDown,
  hostUnreachable,
  managerPort,
  advertiseAddress,
  kernelWithoutVxlan,
  sameAddress,
  kernelWithoutEsp,
  kernelWithoutMatch,
  encryptedPort,
  encryptedVersionMix,
  mtu,
  staleForwarding,
  linkFlapNames,
  ipv6Dead,
];

/** What is left when no special cause is known; the first of those that are equally sure is shown first. */
const general: readonly Rule[] = [
  hostMissing,
  gossipBlocked,
  dataPathBlocked,
  encryptedDataPath,
  checksumOffload,
  pairBlocked,
  oneDirection,
  sourceStopped,
  nameWrong,
  nameUnknown,
  loss,
  duplicateName,
  ghostNode,
  clockSkew,
];

const confidences: readonly Finding['confidence'][] = ['certain', 'likely', 'possible'];

/** All rules, for who wants to look through them. */
export const allRules: readonly Rule[] = [...specific, ...general];

/**
 * Explains what a matrix shows. What explains dead cells comes first, then what explains others, of that the surest, and of those that are equally sure
 * the one that explains more cells. Pure; empty for a healthy matrix of a healthy swarm.
 *
 * Something general is left out when all its cells have another explanation that is at least as sure, or, where that is
 * general as well, surer: what was measured is never given up for a guess.
 */
export function diagnose(matrix: Matrix, facts: VerifyFacts): Finding[] {
  const view = viewOf(matrix, facts);
  const special = specific.flatMap((find) => find(view));
  const others = general.flatMap((find) => find(view));
  const bySpecial = surest(special);
  const byOthers = surest(others);
  const kept = others.filter((finding) => {
    const own = rank(finding);
    return finding.pairs.length === 0 || !finding.pairs.every((pair) => bySpecial(pair) <= own || byOthers(pair) < own);
  });
  const findings = [...special, ...kept];
  const isExplained = surest(findings);
  const all = [...findings, ...unexplained(view, (pair) => isExplained(pair) < Infinity)].map(withNotes);
  const gravity = new Map(all.map((finding) => [finding, gravityOf(view, finding)]));
  return all.sort(
    (a, b) => (gravity.get(a) ?? 0) - (gravity.get(b) ?? 0) || rank(a) - rank(b) || b.pairs.length - a.pairs.length,
  );
}

/** What explains dead pairs is graver than what explains others, and that than what no pair shows. */
function gravityOf({ index }: MatrixView, { pairs }: Finding): number {
  if (pairs.length === 0) return 2;
  return pairs.some(({ from, to }) => index.all.get(from, to)?.verdict === 'dead') ? 0 : 1;
}

const rank = ({ confidence }: Finding): number => confidences.indexOf(confidence);

/** The rank of the surest finding that explains a pair, Infinity for none. */
function surest(findings: readonly Finding[]): (pair: Finding['pairs'][number]) => number {
  const ranks = new PairIndex<Finding['pairs'][number] & { readonly rank: number }>();
  for (const finding of [...findings].sort((a, b) => rank(b) - rank(a)))
    for (const { from, to } of finding.pairs) ranks.set({ from, to, rank: rank(finding) });
  return ({ from, to }) => ranks.get(from, to)?.rank ?? Infinity;
}
