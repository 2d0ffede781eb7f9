import type { PairResult, PairVerdict, PingResult } from '../../model/matrix';
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

/** The kind of a cell, without its words: all that a cell of a few pixels needs. */
export function kindOf(state: PageState, from: number, to: number): CellKind {
  return kindsFrom(state, from)(to);
}

/** The kinds of one source's cells; what concerns the source is looked up once. */
export function kindsFrom(state: PageState, from: number): (to: number) => CellKind {
  const { codes, hosts } = state;
  const row = codes[from];
  const isWaiting = isUnderWay(state, from);
  const blank = state.phase === 'done' || hosts[from]?.problem ? 'unknown' : isWaiting ? 'pending' : 'empty';
  return (to) => {
    const code = row?.[to] ?? noResult;
    if (isSettledCode(code) || (code !== noResult && !isWaiting)) return verdictOfCode(code);
    if (from === to) return 'self';
    return hosts[to]?.problem ? 'unknown' : blank;
  };
}

/** What the cell from one host to another shows. */
export function cellOf(state: PageState, from: number, to: number): CellView {
  const kind = kindOf(state, from, to);
  if (kind === 'self') return self;
  if (kind === 'empty') return empty;
  if (kind === 'pending') return pending;
  const pair = state.rows[from]?.[to];
  return { kind, ...wordsOf(kind, pair) };
}

function wordsOf(kind: PairVerdict, pair: PairResult | undefined): { word: string; unit?: string } {
  switch (kind) {
    case 'reachable':
      return formatMs(pair?.address.avgMs) ?? { word: 'ok' };
    case 'lossy':
      return { word: String(pair ? worstLoss(pair) : 0), unit: '%' };
    case 'nameOnly':
      return { word: 'name' };
    case 'dead':
      return { word: 'dead' };
    case 'unknown':
      return { word: '–' };
  }
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
