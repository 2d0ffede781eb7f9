import type { PairResult } from '../src/model/report/matrix';
import type { Matrix } from '../src/diagnosis/analysis';
import { diagnose } from '../src/diagnosis/diagnose';
import type { VerifyFacts } from '../src/diagnosis/facts';
import { dead, factsOf, matrixOf } from '../test/unit/diagnosis/samples';

/** Median of one diagnosis of an all-green matrix, ms of CPU, by number of hosts: what else the machine does is not counted. */
export type DiagnoseFigures = Readonly<Record<string, number>>;

const sizes = [100, 300];
/** Most that a diagnosis of an all-green matrix may take, ms, by number of hosts: the editor stands still so long. */
export const mostDiagnoseMs: Readonly<Record<string, number>> = { 100: 150, 300: 1500 };
const runs = 7;

type Change = (from: string, to: string) => Partial<PairResult> | undefined;

const numberOf = (host: string): number => Number(host.replace(/\D/g, ''));

/** Red matrices of so many hosts: what is dead differs, and how much of it there is. */
export function redCases(count: number): Readonly<Record<string, Change>> {
  const isInZone = (host: string) => numberOf(host) <= count / 2;
  return {
    'one host dead': (from, to) => (from === 'node2' || to === 'node2' ? dead : undefined),
    'all dead': () => dead,
    'a zone dead': (from, to) => (isInZone(from) || isInZone(to) ? dead : undefined),
    'two zones apart': (from, to) => (isInZone(from) === isInZone(to) ? undefined : dead),
    'one way between zones': (from, to) => (isInZone(from) && !isInZone(to) ? dead : undefined),
    'three of ten pairs dead': (from, to) =>
      (numberOf(from) * 7919 + numberOf(to) * 104_729) % 10 < 3 ? dead : undefined,
    'no name known': () => ({ name: { outcome: 'unknown' } }),
    'large packets lost': () => ({ fullSize: { outcome: 'blocked', mtu: 1450, largest: 1354 } }),
  };
}

/** Prints the red cases as well. */
export function measureDiagnose(): DiagnoseFigures {
  const figures: Record<string, number> = {};
  for (const count of sizes) {
    const facts = factsOf(count);
    figures[count] = medianMs(matrixOf(count), facts);
    for (const [what, change] of Object.entries(redCases(count)))
      console.log(`diagnosis of ${count} hosts, ${what}: ${medianMs(matrixOf(count, change), facts)} ms`);
  }
  return figures;
}

function medianMs(matrix: Matrix, facts: VerifyFacts): number {
  const times = Array.from({ length: runs }, () => {
    const started = process.cpuUsage();
    diagnose(matrix, facts);
    return process.cpuUsage(started).user / 1000;
  });
  return Math.round(times.sort((a, b) => a - b)[Math.floor(runs / 2)] ?? 0);
}
