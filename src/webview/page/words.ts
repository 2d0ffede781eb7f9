import {
  verdictOf,
  type MatrixSummary,
  type PairVerdict,
  type PingResult,
  type VerificationReport,
} from '../../model/matrix';
import { formatMs, kindOf, lossOf, msText, type CellKind } from './cells';
import { isSettledCode, settledCodes, verdictOfCode } from './codes';
import type { PageState } from './reducer';

/** Verdicts from good to bad to none, in the order of the legend. */
export const verdicts: readonly PairVerdict[] = ['reachable', 'lossy', 'nameOnly', 'dead', 'unknown'];

/** What a verdict is called in the legend and in labels. */
export const verdictNames: Readonly<Record<PairVerdict, string>> = {
  reachable: 'reachable',
  lossy: 'lossy',
  nameOnly: 'name fails',
  dead: 'dead',
  unknown: 'not tried',
};

/** The status line: how it looks and what it says. */
export interface Status {
  readonly tone: 'idle' | 'busy' | 'good' | 'bad' | 'warning';
  readonly words: string;
  readonly more: readonly string[];
}

/**
 * A name cut in its middle: the ends are what tells hosts apart ("db-eu-…-12a").
 *
 * @param most characters to keep, the ellipsis included.
 */
export function shorten(name: string, most: number): string {
  const characters = [...name];
  if (characters.length <= most) return name;
  const tail = Math.ceil((most - 1) / 2);
  return `${characters.slice(0, most - 1 - tail).join('')}…${characters.slice(-tail).join('')}`;
}

/** "1 pair", "2 pairs". */
export function count(number: number, singular: string, plural = `${singular}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? singular : plural}`;
}

/** Counts what is in the cells now; pairs whose results are still coming count as unknown. */
export function tally(state: PageState): MatrixSummary {
  if (state.report) return state.report.summary;
  const total = { pairs: state.hosts.length * (state.hosts.length - 1), ...noVerdicts };
  let measured = 0;
  for (const row of state.codes) {
    const counts = rowTally(row);
    for (const verdict of verdicts) {
      total[verdict] += counts[verdict];
      measured += counts[verdict];
    }
  }
  return { ...total, unknown: total.unknown + Math.max(0, total.pairs - measured) };
}

const noVerdicts: Readonly<Record<PairVerdict, number>> = { reachable: 0, lossy: 0, nameOnly: 0, dead: 0, unknown: 0 };

/** Rows are immutable and most stay the same from one frame to the next: each is counted once. */
const rowTallies = new WeakMap<Uint8Array, Readonly<Record<PairVerdict, number>>>();

function rowTally(row: Uint8Array): Readonly<Record<PairVerdict, number>> {
  const known = rowTallies.get(row);
  if (known) return known;
  const byCode = new Uint32Array(settledCodes.length + 1);
  for (const code of row) if (isSettledCode(code)) byCode[code] = (byCode[code] ?? 0) + 1;
  const counts = { ...noVerdicts };
  for (const code of settledCodes) counts[verdictOfCode(code)] = byCode[code] ?? 0;
  rowTallies.set(row, counts);
  return counts;
}

/** Share of the pairs with a result, 0 to 1. */
export function progressOf(summary: MatrixSummary): number {
  return summary.pairs === 0 ? 0 : (summary.pairs - summary.unknown) / summary.pairs;
}

/** What the status line says; the duration of a running verification is shown apart, as it ticks. */
export function statusOf(state: PageState, summary: MatrixSummary): Status {
  if (state.phase === 'cancelling') {
    return { tone: 'busy', words: 'Cancelling', more: [state.stage || 'test containers are being removed'] };
  }
  if (state.phase === 'running') {
    const done = summary.pairs - summary.unknown;
    const more = done > 0 ? [`${done.toLocaleString('en')} of ${count(summary.pairs, 'pair')}`] : [];
    return { tone: 'busy', words: state.stage || 'Starting', more };
  }
  return state.report ? finishedStatus(state.report) : { tone: 'idle', words: 'Not verified yet', more: [] };
}

function finishedStatus(report: VerificationReport): Status {
  const { summary } = report;
  const more = [`${(report.durationMs / 1000).toFixed(1)} s`, ...cleanUpWords(report)];
  // What happened stands below, in the words of the error.
  if (report.outcome === 'failed') return { tone: 'bad', words: `${report.network.name} could not be verified`, more };
  if (report.outcome === 'cancelled') {
    const tried = summary.pairs - summary.unknown;
    const words = `Cancelled after ${tried.toLocaleString('en')} of ${count(summary.pairs, 'pair')}`;
    return { tone: 'warning', words, more: [`${summary.reachable.toLocaleString('en')} reachable`, ...more] };
  }
  if (summary.pairs > 0 && summary.reachable === summary.pairs) {
    return { tone: 'good', words: `All ${count(summary.pairs, 'pair')} reachable`, more };
  }
  const words = `${summary.reachable.toLocaleString('en')} of ${count(summary.pairs, 'pair')} reachable`;
  const tone = summary.dead > 0 || summary.reachable === 0 ? 'bad' : 'warning';
  return { tone, words, more };
}

function cleanUpWords(report: VerificationReport): string[] {
  const { removed, left } = report.cleanUp;
  if (left.length > 0) return [`${count(left.length, 'test container')} left behind, removed at the next connect`];
  return removed > 0 ? ['test containers removed'] : [];
}

/** What a screen reader is told when the state changes; the same words again are not repeated. */
export function announcementOf(state: PageState): string {
  const status = statusOf(state, tally(state));
  if (state.phase === 'running') return `Verifying ${state.header.networkName}`;
  if (state.phase !== 'done') return status.words;
  const error = state.report?.error;
  if (error) return `${status.words}: ${error.title}. ${error.happened} ${error.remedy}`;
  const findings = state.report?.findings ?? [];
  const causes = findings.map((finding) => finding.title).join('. ');
  const found = findings.length === 0 ? '' : `. ${count(findings.length, 'finding')}: ${causes}`;
  return `${[status.words, ...status.more].join(', ')}${found}`;
}

/** One line of a pair's detail. */
export interface DetailField {
  readonly label: string;
  readonly value: string;
  readonly tone?: 'good' | 'bad';
}

/** The separate results of a pair, in words; the same fields for every pair, so that nothing jumps. */
export function detailOf(state: PageState, from: number, to: number): readonly DetailField[] {
  const pair = state.rows[from]?.[to];
  const { name, address, byName } = pair ?? nothingYet;
  return [
    { label: 'Name', ...nameWords(name) },
    { label: 'Address answers', ...answers(address) },
    { label: 'Name answers', ...answers(byName) },
    { label: 'Loss', ...lossWords(address) },
    { label: 'Min / avg / max', value: roundTrip(address) },
  ];
}

const untried: PingResult = { outcome: 'notTried', sent: 0, received: 0 };
const nothingYet = {
  name: { outcome: 'notTried' as const, address: undefined, right: undefined },
  address: untried,
  byName: untried,
};

function nameWords(name: { outcome: string; address?: string; right?: boolean }): Omit<DetailField, 'label'> {
  if (name.outcome === 'notTried') return { value: 'not tried' };
  if (name.outcome === 'unknown') return { value: 'does not resolve', tone: 'bad' };
  const at = name.address ?? 'an address';
  if (name.right === false) return { value: `${at} (wrong)`, tone: 'bad' };
  return { value: name.right ? `${at} (right)` : at, tone: name.right ? 'good' : undefined };
}

function answers(ping: PingResult): Omit<DetailField, 'label'> {
  if (ping.outcome === 'notTried') return { value: 'not tried' };
  if (ping.outcome === 'error') return { value: 'could not be sent', tone: 'bad' };
  const value = ping.received === 0 ? 'no' : `${ping.received} of ${ping.sent}`;
  return { value: ping.outcome === 'silent' ? 'no' : value, tone: ping.outcome === 'answered' ? 'good' : 'bad' };
}

function lossWords(ping: PingResult): Omit<DetailField, 'label'> {
  const loss = lossOf(ping);
  if (loss === undefined) return { value: '–' };
  return { value: `${loss} %`, tone: loss === 0 ? undefined : 'bad' };
}

function roundTrip(ping: PingResult): string {
  if (ping.avgMs === undefined) return '–';
  const figures = [ping.minMs, ping.avgMs, ping.maxMs].map(formatMs);
  const isOneUnit = figures.every((figure) => figure?.unit === figures[0]?.unit);
  if (!isOneUnit) return [ping.minMs, ping.avgMs, ping.maxMs].map(msText).join(' / ');
  return `${figures.map((figure) => figure?.word).join(' / ')} ${figures[0]?.unit}`;
}

/** What else is to be said of a pair: why nothing could be tried, or what ping said. */
export function problemOf(state: PageState, from: number, to: number): string | undefined {
  const pair = state.rows[from]?.[to];
  const said = pair?.problem ?? pair?.address.message ?? pair?.byName.message;
  if (said) return said;
  const [source, target] = [state.hosts[from], state.hosts[to]];
  if (source?.problem) return `${source.host}: ${source.problem.title}`;
  return target?.problem ? `${target.host}: ${target.problem.title}` : undefined;
}

/** A cell for a screen reader: "node1 to node2: dead. Name 10.0.1.4 (right). Address answers: no. ..." */
export function cellLabel(state: PageState, from: number, to: number): string {
  const [source, target] = [state.hosts[from]?.host ?? '', state.hosts[to]?.host ?? ''];
  if (from === to) return `${source}: itself`;
  const kind = kindOf(state, from, to);
  const pair = state.rows[from]?.[to];
  if (kind === 'empty') return `${source} to ${target}: no result yet`;
  if (kind === 'pending') return `${source} to ${target}: being tried`;
  const lead = `${source} to ${target}: ${kindName(kind)}`;
  if (!pair) return [lead, problemOf(state, from, to)].filter(Boolean).join('. ');
  if (verdictOf(pair) === 'reachable') return `${lead}, ${msText(pair.address.avgMs)}`;
  const fields = detailOf(state, from, to).filter((field) => field.value !== '–');
  return [lead, ...fields.map((field) => `${field.label}: ${field.value}`), problemOf(state, from, to)]
    .filter(Boolean)
    .join('. ');
}

/** The word for a cell's kind. */
export function kindName(kind: CellKind): string {
  if (kind === 'self') return 'itself';
  if (kind === 'empty') return 'no result yet';
  return kind === 'pending' ? 'being tried' : verdictNames[kind];
}
