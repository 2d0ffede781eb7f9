import type { Finding } from '../model/finding';
import type { VerifyFacts } from './facts';
import { advertiseAddress } from './rules/advertiseAddress';
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
import { viewOf, type Matrix, type Rule } from './rules/view';

export type { Matrix } from './rules/view';

/** Each knows one cause well: what they explain needs no other explanation. */
const specific: readonly Rule[] = [
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
  encryptedPort,
  encryptedVersionMix,
  mtu,
  staleForwarding,
  linkFlapNames,
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
  ipv6Dead,
  loss,
  duplicateName,
  ghostNode,
  clockSkew,
];

const confidences: readonly Finding['confidence'][] = ['certain', 'likely', 'possible'];

/**
 * Explains what a matrix shows; the surest first, and of those that are equally sure the one that explains more cells.
 * Pure; empty for a healthy matrix of a healthy swarm.
 */
export function diagnose(matrix: Matrix, facts: VerifyFacts): Finding[] {
  const view = viewOf(matrix, facts);
  const special = specific.flatMap((rule) => rule(view));
  const isExplained = explainedBy(special);
  const others = general
    .flatMap((rule) => rule(view))
    .filter(({ pairs }) => pairs.length === 0 || !pairs.every(isExplained));
  const findings = [...special, ...others];
  const isCovered = explainedBy(findings);
  const all = [...findings, ...unexplained(view, (from, to) => isCovered({ from, to }))];
  return all.sort((a, b) => rank(a) - rank(b) || b.pairs.length - a.pairs.length);
}

const rank = ({ confidence }: Finding): number => confidences.indexOf(confidence);

function explainedBy(findings: readonly Finding[]): (pair: Finding['pairs'][number]) => boolean {
  const explained = new Set(findings.flatMap(({ pairs }) => pairs.map(key)));
  return (pair) => explained.has(key(pair));
}

const key = ({ from, to }: Finding['pairs'][number]): string => JSON.stringify([from, to]);
