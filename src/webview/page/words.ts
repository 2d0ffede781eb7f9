import { count } from '../../base/text/words';
import type { MatrixSummary, PairVerdict, VerificationReport } from '../../model/report/matrix';
import {
  changeKinds,
  slowerByMs,
  type ChangeKind,
  type EarlierPair,
  type PairChange,
} from '../../model/report/matrixChanges';
import { msText, type CellKind } from './state/cells';
import type { HistoryRun, PanelWatch } from '../protocol';
import type { PageState } from './state/reducer';

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

/** Counts what is in the cells now; pairs whose results are still coming count as unknown. */
export function tally(state: PageState): MatrixSummary {
  if (state.report) return state.report.summary;
  const [reachable, lossy, nameOnly, dead, unknown] = verdicts.map((verdict) => state.results.count(verdict));
  const pairs = state.hosts.length * (state.hosts.length - 1);
  const known = { reachable: reachable ?? 0, lossy: lossy ?? 0, nameOnly: nameOnly ?? 0, dead: dead ?? 0 };
  const open = pairs - known.reachable - known.lossy - known.nameOnly - known.dead;
  return { pairs, ...known, unknown: Math.max(unknown ?? 0, open) };
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

/** The word for a cell's kind. */
export function kindName(kind: CellKind): string {
  if (kind === 'self') return 'itself';
  if (kind === 'empty') return 'no result yet';
  return kind === 'pending' ? 'being tried' : verdictNames[kind];
}

/** What a change is called in the legend. */
export const changeNames: Readonly<Record<ChangeKind, string>> = {
  died: 'died',
  worse: 'worse',
  slower: 'slower',
  better: 'better',
  cameBack: 'came back',
};

/** What the words of the legend mean exactly. */
export const changeMeanings: Readonly<Record<ChangeKind, string>> = {
  died: 'answered in the run before, dead now',
  worse: 'reachable in the run before, now with loss or a name that fails',
  slower: `more than twice as slow as in the run before, and by at least ${slowerByMs} ms`,
  better: 'with loss or a name that failed in the run before, reachable now',
  cameBack: 'dead in the run before, answers now',
};

/** "died, was 0.2 ms", "came back, was dead" */
export function changeWords({ kind, before, after }: PairChange): string {
  const now = kind === 'slower' || kind === 'worse' ? `, now ${earlierWords(after)}` : '';
  return `${changeNames[kind]}, was ${earlierWords(before)}${now}`;
}

function earlierWords({ verdict, avgMs }: EarlierPair): string {
  return verdict === 'reachable' && avgMs !== undefined ? msText(avgMs) : verdictNames[verdict];
}

/** "14:03:20" in the person's own time. */
export function clockText(epochMs: number): string {
  return new Date(epochMs).toLocaleTimeString('en-GB');
}

/** What a screen reader is told of a comparison. */
export function changesWords(changes: readonly PairChange[]): string {
  if (changes.length === 0) return 'Compared with the run before: nothing changed';
  const counts = changeKinds.flatMap((kind) => {
    const number = changes.filter((change) => change.kind === kind).length;
    return number > 0 ? [`${number.toLocaleString('en')} ${changeNames[kind]}`] : [];
  });
  return `Compared with the run before: ${counts.join(', ')}`;
}

/** "Watching every 30 s · 5 runs · next in 12 s" */
export function watchWords({ seconds, phase, runs, nextAt }: PanelWatch, now: number): string {
  if (phase === 'resuming') return `Watching every ${seconds} s · goes on once the hosts are connected`;
  const left = nextAt === undefined ? 0 : Math.max(0, Math.ceil((nextAt - now) / 1000));
  const next = phase === 'verifying' ? 'verifying now' : `next in ${left} s`;
  return [`Watching every ${seconds} s`, count(runs, 'run'), next].join(' · ');
}

/** "12 runs since 14:00:05: 10 reachable, 2 dead; 0.2 ms to 0.9 ms" */
export function historyWords(runs: readonly HistoryRun[]): string {
  const verdicts = [...new Set(runs.map((run) => run.verdict))];
  const counts = verdicts.map(
    (verdict) => `${runs.filter((run) => run.verdict === verdict).length} ${verdictNames[verdict]}`,
  );
  const times = runs.flatMap((run) => run.avgMs ?? []);
  const range = times.length > 0 ? `; ${msText(Math.min(...times))} to ${msText(Math.max(...times))}` : '';
  const since = runs[0] ? ` since ${clockText(runs[0].at)}` : '';
  return `${count(runs.length, 'run')}${since}: ${counts.join(', ')}${range}`;
}
