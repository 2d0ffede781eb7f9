import type { Finding } from '../model/report/finding';
import type { VerifyFacts } from './facts';
import { PairIndex } from '../model/report/pairIndex';
import { advertiseAddress } from './rules/host/advertiseAddress';
import { cannotPing } from './rules/probe/cannotPing';
import { checksumOffload } from './rules/dataPath/checksumOffload';
import { clockSkew } from './rules/host/clockSkew';
import { dataPathBlocked } from './rules/dataPath/dataPathBlocked';
import { duplicateName } from './rules/names/duplicateName';
import { encryptedDataPath } from './rules/encryption/encryptedDataPath';
import { encryptedPort } from './rules/encryption/encryptedPort';
import { encryptedVersionMix } from './rules/encryption/encryptedVersionMix';
import { engineNotAnswering } from './rules/host/engineNotAnswering';
import { ghostNode } from './rules/host/ghostNode';
import { gossipBlocked } from './rules/gossip/gossipBlocked';
import { gossipNotRunning } from './rules/gossip/gossipNotRunning';
import { hostMissing } from './rules/host/hostMissing';
import { hostUnreachable } from './rules/host/hostUnreachable';
import { ipv6Dead } from './rules/dataPath/ipv6Dead';
import { kernelWithoutEsp } from './rules/encryption/kernelWithoutEsp';
import { kernelWithoutMatch } from './rules/encryption/kernelWithoutMatch';
import { kernelWithoutVxlan } from './rules/dataPath/kernelWithoutVxlan';
import { linkDown } from './rules/host/linkDown';
import { linkFlapNames } from './rules/names/linkFlapNames';
import { loss } from './rules/dataPath/loss';
import { managerPort } from './rules/host/managerPort';
import { mtu } from './rules/dataPath/mtu';
import { nameUnknown } from './rules/names/nameUnknown';
import { nameWrong } from './rules/names/nameWrong';
import { nodeNotActive } from './rules/host/nodeNotActive';
import { oneDirection } from './rules/dataPath/oneDirection';
import { pairBlocked } from './rules/dataPath/pairBlocked';
import { probeGone } from './rules/probe/probeGone';
import { sameAddress } from './rules/addresses/sameAddress';
import { sourceStopped } from './rules/probe/sourceStopped';
import { staleForwarding } from './rules/dataPath/staleForwarding';
import { subnetOverlap } from './rules/addresses/subnetOverlap';
import { tooFewAddresses } from './rules/addresses/tooFewAddresses';
import { unexplained } from './rules/unexplained';
import { withNotes } from './remedies/remedies';
import type { Rule } from './rule';
import { analyse, type Matrix, type Analysis } from './analysis';

export type { Matrix } from './analysis';

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
  const analysis = analyse(matrix, facts);
  const special = specific.flatMap((find) => find(analysis));
  const others = general.flatMap((find) => find(analysis));
  const bySpecial = surest(special);
  const byOthers = surest(others);
  const kept = others.filter((finding) => {
    const own = rank(finding);
    return finding.pairs.length === 0 || !finding.pairs.every((pair) => bySpecial(pair) <= own || byOthers(pair) < own);
  });
  const findings = [...special, ...kept];
  const isExplained = surest(findings);
  const all = [...findings, ...unexplained(analysis, (pair) => isExplained(pair) < Infinity)].map(withNotes);
  const gravity = new Map(all.map((finding) => [finding, gravityOf(analysis, finding)]));
  return all.sort(
    (a, b) => (gravity.get(a) ?? 0) - (gravity.get(b) ?? 0) || rank(a) - rank(b) || b.pairs.length - a.pairs.length,
  );
}

/** What explains dead pairs is graver than what explains others, and that than what no pair shows. */
function gravityOf({ index }: Analysis, { pairs }: Finding): number {
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
