import type { Trial } from './trial';

/** What `npm run test:faults` prints and writes. */
export interface FaultScore {
  readonly faults: number;
  /** Faults whose cause came first. */
  readonly right: number;
  /** Findings, and red pairs, of networks where nothing was wrong, in runs. */
  readonly falseAlarms: number;
  readonly healthyRuns: number;
  /** Faults that a command can cure, and those whose remedy turned all cells green. */
  readonly curable: number;
  readonly cured: number;
}

/** A trial that came to no end; that counts against us. */
export interface FailedTrial {
  readonly fault: string;
  readonly hosts: number;
  readonly expectedRule?: string;
  readonly error: string;
}

export type Outcome = Trial | FailedTrial;

/** Counts. Pure. */
export function scoreOf(outcomes: readonly Outcome[]): FaultScore {
  const faults = outcomes.filter((one) => one.expectedRule !== undefined);
  const healthy = outcomes.filter((one) => one.expectedRule === undefined);
  const curable = faults.filter((one) => 'cure' in one && one.cure !== 'none');
  return {
    faults: faults.length,
    right: faults.filter(isRight).length,
    falseAlarms: healthy.filter((one) => !isRight(one)).length,
    healthyRuns: healthy.length,
    curable: curable.length,
    cured: curable.filter((one) => 'cure' in one && one.cure === 'cured').length,
  };
}

/** Share of causes that must come first. */
const leastRight = 0.95;

/** What is not as it must be; empty when all is well. */
export function missesOf({ faults, right, falseAlarms, curable, cured }: FaultScore): string[] {
  return [
    ...(right < leastRight * faults ? [`${right} of ${faults} causes came first; ${leastRight * 100} % must`] : []),
    ...(falseAlarms > 0 ? [`${falseAlarms} false alarms; there must be none`] : []),
    ...(cured < curable ? [`${curable - cured} of ${curable} remedies did not cure`] : []),
  ];
}

/** A line a trial, for people. */
export function tableOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map((one) => [
    one.fault,
    `${one.hosts}`,
    one.expectedRule ?? '-',
    'error' in one ? 'failed' : (one.first?.rule ?? '-'),
    isRight(one) ? 'right' : 'WRONG',
    'error' in one ? '' : one.cure === 'none' ? '' : one.cure === 'cured' ? 'cured' : 'NOT CURED',
    'error' in one ? '' : `${one.seconds.toFixed(1)} s`,
  ]);
  const all = [['fault', 'hosts', 'expected', 'found first', '', 'remedy', 'time'], ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const lines = all.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [lines[0], '-'.repeat(Math.max(...lines.map(({ length }) => length))), ...lines.slice(1)].join('\n');
}

/** What there is to say of a trial that did not go as expected; empty for the others. */
export function troubleOf(outcome: Outcome): string[] {
  if ('error' in outcome) return [`${outcome.fault}: ${outcome.error}`];
  const { fault, right, cure, first, rules, red, redAfterCure } = outcome;
  const found = first ? `"${first.title}" (${rules.join(', ')})` : 'nothing';
  return [
    ...(right ? [] : [`${fault}: found ${found}; ${red.join(', ') || 'no red pair'}`]),
    ...(cure === 'notCured' ? [`${fault}: after the remedy still ${redAfterCure.join(', ') || 'not tried'}`] : []),
  ];
}

const isRight = (outcome: Outcome): boolean => 'right' in outcome && outcome.right;
