import type { HostName } from '../../../model/host/host';
import type { PairResult, ProbeHost, VerificationReport } from '../../../model/report/matrix';
import type { EarlierRun } from '../../../model/report/matrixChanges';
import type { HistoryRun, PanelExtras, PanelHeader, PanelState, ToPage } from '../../protocol';
import { Results } from './results';

/**
 * What the page shows, in the form it draws from: pairs by row and column instead of a list. Only the newest state is
 * of use: its results are changed in place, see {@link Results}.
 */
export interface PageState {
  readonly header: PanelHeader;
  readonly phase: PanelState['phase'];
  readonly stage: string;
  /** Epoch ms. */
  readonly startedAt?: number;
  readonly hosts: readonly ProbeHost[];
  /** Where each host is in `hosts`; the same object as long as the hosts are the same. */
  readonly positions: ReadonlyMap<HostName, number>;
  readonly results: Results;
  /** Sources whose pings are under way. */
  readonly running: ReadonlySet<HostName>;
  readonly report?: VerificationReport;
  readonly extras?: PanelExtras;
  /** The run to compare with, once it was asked for; it is of no use when another report has come. */
  readonly previous?: EarlierRun;
  /** Earlier runs of the pair that was asked for last. */
  readonly history?: { readonly from: HostName; readonly to: HostName; readonly runs: readonly HistoryRun[] };
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
    case 'extras':
      return { ...state, extras: message.extras };
    case 'history':
      return { ...state, history: { from: message.from, to: message.to, runs: message.runs } };
    case 'previous':
      return { ...state, previous: message.run };
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
      results: new Results([]),
      running: new Set(whole.running),
      extras: whole.extras,
    },
    whole.hosts,
  );
  const filled = withPairs(base, whole.pairs);
  return whole.report ? { ...withReport(filled, whole.report), phase: whole.phase } : filled;
}

/** Hosts and results of the report take the place of what was known: a report stands for itself. */
function withReport(state: PageState, report: VerificationReport): PageState {
  const placed = withHosts({ ...state, running: new Set<HostName>() }, report.hosts);
  const fresh = { ...placed, results: resultsOf(report.hosts) };
  const startedAt = Date.parse(report.startedAt);
  return {
    ...withPairs(fresh, report.pairs),
    phase: 'done',
    stage: '',
    startedAt: Number.isNaN(startedAt) ? state.startedAt : startedAt,
    report,
    previous: undefined,
  };
}

/** Sets the hosts; results stay where the order of hosts is the same, else they are dropped. */
function withHosts(state: PageState, hosts: readonly ProbeHost[]): PageState {
  const sameOrder =
    hosts.length === state.hosts.length && hosts.every((host, index) => host.host === state.hosts[index]?.host);
  if (sameOrder) return { ...state, hosts };
  const positions = new Map(hosts.map((host, index) => [host.host, index]));
  return { ...state, hosts, positions, results: resultsOf(hosts) };
}

const resultsOf = (hosts: readonly ProbeHost[]): Results => new Results(hosts.map(({ host }) => host));

function withHost(state: PageState, host: ProbeHost): PageState {
  const position = state.positions.get(host.host);
  if (position !== undefined) return { ...state, hosts: state.hosts.with(position, host) };
  // A host that was not announced: rare, so everything is simply laid out anew.
  return withPairs(withHosts(state, [...state.hosts, host]), state.results.all());
}

/** Puts results in their cells. Pairs of unknown hosts and of a host to itself are no cells. */
function withPairs(state: PageState, pairs: readonly PairResult[]): PageState {
  const { positions, results } = state;
  let isChanged = false;
  // Results come grouped by source.
  let [source, from]: [HostName | undefined, number | undefined] = [undefined, undefined];
  for (const pair of pairs) {
    if (pair.from !== source) [source, from] = [pair.from, positions.get(pair.from)];
    const to = positions.get(pair.to);
    if (from === undefined || to === undefined || from === to) continue;
    results.set(from, to, pair);
    isChanged = true;
  }
  return isChanged ? { ...state } : state;
}
