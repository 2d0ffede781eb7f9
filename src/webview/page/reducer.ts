import type { HostName } from '../../model/host';
import type { PairResult, ProbeHost, VerificationReport } from '../../model/matrix';
import { codeOf } from './codes';
import type { PanelHeader, PanelState, ToPage } from '../protocol';

/** One source's results by target index; undefined where nothing came yet. */
export type Row = readonly (PairResult | undefined)[];

/** What the page shows, in the form it draws from: pairs by row and column instead of a list. */
export interface PageState {
  readonly header: PanelHeader;
  readonly phase: PanelState['phase'];
  readonly stage: string;
  /** Epoch ms. */
  readonly startedAt?: number;
  readonly hosts: readonly ProbeHost[];
  /** Row and column of each host. */
  readonly positions: ReadonlyMap<HostName, number>;
  /** One {@link Row} a host, in the order of `hosts`. A row without news keeps its identity, so it is not drawn anew. */
  readonly rows: readonly Row[];
  /** Each row's results in short, see `codes.ts`; changes together with the row. */
  readonly codes: readonly Uint8Array[];
  /** Sources whose pings are under way. */
  readonly running: ReadonlySet<HostName>;
  readonly report?: VerificationReport;
}

/**
 * Folds messages into the page's state. Everything before the first `state` is dropped: the extension sends it whole
 * when the page says it is ready.
 *
 * @param state undefined until the first whole state.
 */
export function reduce(state: PageState | undefined, messages: readonly ToPage[]): PageState | undefined {
  let next = state;
  for (let index = 0; index < messages.length; index += 1) {
    const message = messages[index];
    if (!message) continue;
    if (message.type === 'state') next = fromWhole(message.state);
    else if (next) next = patch(next, message);
  }
  return next;
}

function patch(state: PageState, message: Exclude<ToPage, { type: 'state' }>): PageState {
  switch (message.type) {
    case 'stage':
      return { ...state, phase: message.phase, stage: message.stage, running: new Set(message.running) };
    case 'host':
      return withHost(state, message.host);
    case 'sourceStarted':
      return { ...state, running: new Set(state.running).add(message.from) };
    case 'pairs':
      return withPairs(state, message.pairs);
    case 'report':
      return withReport(state, message.report);
  }
}

function fromWhole(whole: PanelState): PageState {
  const base = withHosts(
    {
      header: whole.header,
      phase: whole.phase,
      stage: whole.stage,
      startedAt: whole.startedAt,
      hosts: [],
      positions: new Map(),
      rows: [],
      codes: [],
      running: new Set(whole.running),
    },
    whole.hosts,
  );
  const filled = withPairs(base, whole.pairs);
  return whole.report ? { ...withReport(filled, whole.report), phase: whole.phase } : filled;
}

/** Hosts of the report take the place of what was known: a report stands for itself. */
function withReport(state: PageState, report: VerificationReport): PageState {
  const fresh = withHosts({ ...state, running: new Set<HostName>() }, report.hosts);
  const startedAt = Date.parse(report.startedAt);
  return {
    ...withPairs(fresh, report.pairs),
    phase: 'done',
    stage: '',
    startedAt: Number.isNaN(startedAt) ? state.startedAt : startedAt,
    report,
  };
}

/** Sets the hosts; results stay where the order of hosts is the same, else they are dropped. */
function withHosts(state: PageState, hosts: readonly ProbeHost[]): PageState {
  const sameOrder =
    hosts.length === state.hosts.length && hosts.every((host, index) => host.host === state.hosts[index]?.host);
  if (sameOrder) return { ...state, hosts };
  const positions = new Map(hosts.map((host, index) => [host.host, index]));
  return {
    ...state,
    hosts,
    positions,
    rows: hosts.map(() => emptyRow(hosts.length)),
    codes: hosts.map(() => new Uint8Array(hosts.length)),
  };
}

function withHost(state: PageState, host: ProbeHost): PageState {
  const position = state.positions.get(host.host);
  if (position !== undefined) return { ...state, hosts: state.hosts.with(position, host) };
  // A host that was not announced: rare, so everything is simply laid out anew.
  const wider = withHosts(state, [...state.hosts, host]);
  return withPairs(
    wider,
    state.rows.flat().filter((pair) => pair !== undefined),
  );
}

/** Copies each touched row once, however many of its pairs came. Pairs of unknown hosts and of a host to itself are no cells. */
function withPairs(state: PageState, pairs: readonly PairResult[]): PageState {
  const rows = [...state.rows];
  const codes = [...state.codes];
  const touched = new Map<number, { row: (PairResult | undefined)[]; code: Uint8Array }>();
  for (const pair of pairs) {
    const from = state.positions.get(pair.from);
    const to = state.positions.get(pair.to);
    if (from === undefined || to === undefined || from === to) continue;
    let copies = touched.get(from);
    if (!copies) {
      copies = { row: [...(rows[from] ?? [])], code: Uint8Array.from(codes[from] ?? []) };
      touched.set(from, copies);
      rows[from] = copies.row;
      codes[from] = copies.code;
    }
    copies.row[to] = pair;
    copies.code[to] = codeOf(pair);
  }
  return touched.size === 0 ? state : { ...state, rows, codes };
}

const emptyRow = (length: number): Row => new Array<undefined>(length).fill(undefined);
