import type { Finding } from '../model/report/finding';
import type { MatrixSummary, PairVerdict, ProbeHost, VerificationReport } from '../model/report/matrix';
import type { EarlierPair, EarlierRun } from '../model/report/matrixChanges';
import { amount, flag, list, oneOf, optional, record, text, type Check } from '../base/check';
import { pairResult } from './guardPairs';
import type {
  FromPage,
  GroupKey,
  Grouping,
  HistoryRun,
  HostPlaceLabels,
  KeptState,
  KeptView,
  PairEnds,
  PanelExtras,
  PanelHeader,
  PanelState,
  PanelWatch,
  ToPage,
} from './protocol';

/** More hosts than any swarm the panel can draw; a bound on what one message may cost. */
const mostHosts = 1_000;
const mostPairs = mostHosts * mostHosts;

const probeHost: Check<ProbeHost> = record<ProbeHost>({
  host: text,
  nodeId: optional(text),
  engineVersion: optional(text),
  containerName: optional(text),
  address: optional(text),
  ipv6: optional(text),
  problem: optional(record({ title: text, happened: text, remedy: text })),
});

const pairEnds: Check<PairEnds> = record<PairEnds>({ from: text, to: text });

const finding: Check<Finding> = record<Finding>({
  rule: text,
  title: text,
  confidence: oneOf('certain', 'likely', 'possible'),
  evidence: list(text, 10_000),
  pairs: list(pairEnds, mostPairs),
  remedy: record<Finding['remedy']>({
    text,
    commands: list(record({ host: text, label: text, command: text }), 10_000),
  }),
});

const summary: Check<MatrixSummary> = record<MatrixSummary>({
  pairs: amount,
  reachable: amount,
  lossy: amount,
  nameOnly: amount,
  dead: amount,
  unknown: amount,
});

const report: Check<VerificationReport> = record<VerificationReport>({
  schema: oneOf('docker-overlay/verification@1'),
  id: text,
  startedAt: text,
  durationMs: amount,
  outcome: oneOf('finished', 'cancelled', 'failed'),
  error: optional(record({ reason: text, title: text, happened: text, remedy: text })),
  clusterId: text,
  network: record<VerificationReport['network']>({ id: text, name: text, encrypted: flag, subnets: list(text, 1_000) }),
  hosts: list(probeHost, mostHosts),
  pings: amount,
  depth: optional(oneOf('full')),
  execs: optional(amount),
  pairs: list(pairResult, mostPairs),
  summary,
  findings: list(finding, 10_000),
  cleanUp: record<VerificationReport['cleanUp']>({ removed: amount, left: list(text, 10_000) }),
});

const header: Check<PanelHeader> = record<PanelHeader>({
  clusterId: text,
  clusterName: text,
  networkId: text,
  networkName: text,
  encrypted: flag,
  subnets: list(text, 1_000),
  pings: amount,
  places: optional(
    list(record<HostPlaceLabels>({ host: text, folder: optional(text), zone: optional(text) }), mostHosts),
  ),
});

const phase: Check<PanelState['phase']> = oneOf('idle', 'running', 'cancelling', 'done');

const watch: Check<PanelWatch> = record<PanelWatch>({
  seconds: amount,
  phase: oneOf('verifying', 'waiting', 'resuming'),
  runs: amount,
  nextAt: optional(amount),
  problem: optional(text),
});

const extras: Check<PanelExtras> = record<PanelExtras>({
  previousAt: optional(amount),
  runs: amount,
  watch: optional(watch),
});

const verdict: Check<PairVerdict> = oneOf('reachable', 'lossy', 'nameOnly', 'dead', 'unknown');

const earlierRun: Check<EarlierRun> = record<EarlierRun>({
  startedAt: amount,
  pairs: list(record<EarlierPair>({ from: text, to: text, verdict, avgMs: optional(amount) }), mostPairs),
});

const historyRuns: Check<readonly HistoryRun[]> = list(
  record<HistoryRun>({ at: amount, verdict, avgMs: optional(amount) }),
  1_000,
);

const panelState: Check<PanelState> = record<PanelState>({
  header,
  phase,
  stage: text,
  startedAt: optional(amount),
  hosts: list(probeHost, mostHosts),
  pairs: list(pairResult, mostPairs),
  running: list(text, mostHosts),
  report: optional(report),
  extras: optional(extras),
});

type ToPageOf<T extends ToPage['type']> = Extract<ToPage, { type: T }>;

const toPage: { readonly [T in ToPage['type']]: Check<ToPageOf<T>> } = {
  state: record<ToPageOf<'state'>>({ type: oneOf('state'), state: panelState }),
  stage: record<ToPageOf<'stage'>>({ type: oneOf('stage'), phase, stage: text, running: list(text, mostHosts) }),
  host: record<ToPageOf<'host'>>({ type: oneOf('host'), host: probeHost }),
  sourceStarted: record<ToPageOf<'sourceStarted'>>({ type: oneOf('sourceStarted'), from: text }),
  pairs: record<ToPageOf<'pairs'>>({ type: oneOf('pairs'), pairs: list(pairResult, mostPairs) }),
  report: record<ToPageOf<'report'>>({ type: oneOf('report'), report }),
  extras: record<ToPageOf<'extras'>>({ type: oneOf('extras'), extras }),
  previous: record<ToPageOf<'previous'>>({ type: oneOf('previous'), run: optional(earlierRun) }),
  history: record<ToPageOf<'history'>>({ type: oneOf('history'), from: text, to: text, runs: historyRuns }),
};

type FromPageOf<T extends FromPage['type']> = Extract<FromPage, { type: T }>;

const fromPage: { readonly [T in FromPage['type']]: Check<FromPageOf<T>> } = {
  ready: record<FromPageOf<'ready'>>({ type: oneOf('ready') }),
  run: record<FromPageOf<'run'>>({ type: oneOf('run') }),
  cancel: record<FromPageOf<'cancel'>>({ type: oneOf('cancel') }),
  checkAgain: record<FromPageOf<'checkAgain'>>({ type: oneOf('checkAgain'), pairs: list(pairEnds, mostPairs) }),
  watch: record<FromPageOf<'watch'>>({ type: oneOf('watch') }),
  stopWatch: record<FromPageOf<'stopWatch'>>({ type: oneOf('stopWatch') }),
  compare: record<FromPageOf<'compare'>>({ type: oneOf('compare') }),
  history: record<FromPageOf<'history'>>({ type: oneOf('history'), from: text, to: text }),
  export: record<FromPageOf<'export'>>({ type: oneOf('export'), format: oneOf('json', 'markdown', 'junit') }),
  copy: record<FromPageOf<'copy'>>({ type: oneOf('copy'), text }),
};

const grouping: Check<Grouping> = oneOf('none', 'folder', 'zone');

const keptView: Check<KeptView> = record<KeptView>({
  grouping: optional(grouping),
  onlyProblems: optional(flag),
  collapsed: optional(list(record<GroupKey>({ grouping, name: text }), mostHosts)),
  search: optional(text),
  pinned: optional(pairEnds),
  comparing: optional(flag),
});

const keptState: Check<KeptState> = record<KeptState>({ header, view: optional(keptView) });

/** A message of the extension as the page may use it; undefined when it is none. */
export function decodeToPage(value: unknown): ToPage | undefined {
  return decodeBy<ToPage>(toPage, value);
}

/** A message of the page as the extension may use it; undefined when it is none. */
export function decodeFromPage(value: unknown): FromPage | undefined {
  return decodeBy<FromPage>(fromPage, value);
}

/** What the page kept over a reload; undefined when it is not a state this version wrote. */
export function decodeKeptState(value: unknown): KeptState | undefined {
  return keptState(value) ? value : undefined;
}

function decodeBy<T extends { readonly type: string }>(
  checks: Readonly<Record<string, Check<T>>>,
  value: unknown,
): T | undefined {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, 'type')) return undefined;
  const { type } = value as { type: unknown };
  if (typeof type !== 'string' || !Object.hasOwn(checks, type)) return undefined;
  const candidate: unknown = value;
  return checks[type]?.(candidate) ? candidate : undefined;
}
