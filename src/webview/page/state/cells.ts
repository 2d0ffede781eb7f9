import type { PairResult, PairVerdict, PingResult } from '../../../model/report/matrix';
import { isSettledCode, noResult, verdictOfCode } from './codes';
import type { PageState } from './reducer';

/** How a cell looks: a verdict, or where it is on the way to one. */
export type CellKind = PairVerdict | 'self' | 'empty' | 'pending';

/** What a cell shows. `word` carries the meaning without colour, `unit` is set smaller. */
export interface CellView {
  readonly kind: CellKind;
  readonly word: string;
  readonly unit?: string;
}

const self: CellView = { kind: 'self', word: '·' };
const empty: CellView = { kind: 'empty', word: '' };
const pending: CellView = { kind: 'pending', word: '' };

/** The kind of a cell, without its words. */
export function kindOf(state: PageState, from: number, to: number): CellKind {
  const kind = resultKind(state.results.codeAt(from, to), isUnderWay(state, from));
  if (kind !== undefined) return kind;
  if (from === to) return 'self';
  return state.hosts[to]?.problem ? 'unknown' : blankKind(state, from);
}

/** The verdict of a result that may be shown: one that is not complete waits until its source has ended. */
export function resultKind(code: number, isSourceUnderWay: boolean): PairVerdict | undefined {
  return isSettledCode(code) || (code !== noResult && !isSourceUnderWay) ? verdictOfCode(code) : undefined;
}

/** What the cells of a source show that have no result yet. */
export function blankKind(state: PageState, from: number): CellKind {
  if (state.phase === 'done' || state.hosts[from]?.problem) return 'unknown';
  return isUnderWay(state, from) ? 'pending' : 'empty';
}

/** What the cell from one host to another shows. */
export function cellOf(state: PageState, from: number, to: number): CellView {
  const kind = kindOf(state, from, to);
  if (kind === 'self') return self;
  if (kind === 'empty') return empty;
  if (kind === 'pending') return pending;
  const pair = state.results.at(from, to);
  return { kind, ...wordsOf(kind, pair) };
}

function wordsOf(kind: PairVerdict, pair: PairResult | undefined): { word: string; unit?: string } {
  switch (kind) {
    case 'reachable':
      return formatMs(pair?.address.avgMs) ?? { word: 'ok' };
    case 'lossy':
      return pair ? lossyWords(pair) : { word: 'lossy' };
    case 'nameOnly':
      return { word: 'name' };
    case 'dead':
      return { word: 'dead' };
    case 'unknown':
      return { word: '–' };
  }
}

/** What is at fault when not everything comes through: the loss, or the first layer that fails without any. */
function lossyWords(pair: PairResult): { word: string; unit?: string } {
  const loss = worstLoss(pair);
  if (loss > 0) return { word: String(loss), unit: '%' };
  if (pair.ipv6 && pair.ipv6.outcome !== 'answered') return { word: 'IPv6' };
  if (pair.fullSize?.outcome === 'blocked') return { word: 'size' };
  return { word: pair.tcp && pair.tcp.outcome !== 'passed' ? 'TCP' : 'lossy' };
}

/** Whether the source's pings are under way. */
export function isUnderWay(state: PageState, from: number): boolean {
  const host = state.hosts[from]?.host;
  return state.phase !== 'done' && host !== undefined && state.running.has(host);
}

/** Percent of echo requests without an answer, by address or by name, whichever is worse. */
export function worstLoss(pair: PairResult): number {
  return Math.max(lossOf(pair.address) ?? 0, lossOf(pair.byName) ?? 0);
}

/** Percent of echo requests without an answer; undefined when none was sent. Never rounded to 0 or 100 by itself. */
export function lossOf(ping: PingResult): number | undefined {
  if (ping.sent === 0) return undefined;
  const share = 1 - ping.received / ping.sent;
  if (share <= 0) return 0;
  if (share >= 1) return 100;
  return Math.min(99, Math.max(1, Math.round(share * 100)));
}

/** A round trip for reading: "0.04 ms", "0.2 ms", "12 ms", "1.2 s". */
export function formatMs(ms: number | undefined): { word: string; unit: string } | undefined {
  if (ms === undefined) return undefined;
  if (ms < 0.095) return { word: ms.toFixed(2), unit: 'ms' };
  if (ms < 9.95) return { word: ms.toFixed(1), unit: 'ms' };
  if (ms < 999.5) return { word: ms.toFixed(0), unit: 'ms' };
  return { word: (ms / 1000).toFixed(1), unit: 's' };
}

/** "0.2 ms", or a dash when nothing was measured. */
export function msText(ms: number | undefined): string {
  const figure = formatMs(ms);
  return figure ? `${figure.word} ${figure.unit}` : '–';
}
