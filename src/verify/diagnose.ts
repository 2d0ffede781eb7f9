import type { Finding } from '../model/finding';
import type { VerifyFacts } from './facts';
import { dataPathBlocked } from './rules/dataPathBlocked';
import { encryptedDataPath } from './rules/encryptedDataPath';
import { gossipBlocked } from './rules/gossipBlocked';
import { gossipNotRunning } from './rules/gossipNotRunning';
import { hostMissing } from './rules/hostMissing';
import { kernelWithoutEsp } from './rules/kernelWithoutEsp';
import { loss } from './rules/loss';
import { nameUnknown } from './rules/nameUnknown';
import { nameWrong } from './rules/nameWrong';
import { sourceStopped } from './rules/sourceStopped';
import { unexplained } from './rules/unexplained';
import { viewOf, type Matrix, type Rule } from './rules/view';

export type { Matrix } from './rules/view';

/** In the order findings are shown: what stops everything first. */
const rules: readonly Rule[] = [
  hostMissing,
  gossipNotRunning,
  gossipBlocked,
  dataPathBlocked,
  kernelWithoutEsp,
  encryptedDataPath,
  sourceStopped,
  nameWrong,
  nameUnknown,
  loss,
];

/** Explains what a matrix shows. Pure; empty for a healthy matrix. */
export function diagnose(matrix: Matrix, facts: VerifyFacts): Finding[] {
  const view = viewOf(matrix, facts);
  const findings = rules.flatMap((rule) => rule(view));
  const explained = new Set(findings.flatMap((finding) => finding.pairs.map(({ from, to }) => key(from, to))));
  return [...findings, ...unexplained(view, (from, to) => explained.has(key(from, to)))];
}

const key = (from: string, to: string): string => JSON.stringify([from, to]);
