import type { Finding } from '../model/finding';
import type {
  FullSizeResult,
  MatrixSummary,
  NameResult,
  PairResult,
  PingResult,
  ProbeHost,
  TcpResult,
  VerificationReport,
} from '../model/matrix';
import { amount, flag, list, oneOf, optional, record, text, type Check } from './check';
import type { FromPage, KeptState, PanelHeader, PanelState, ToPage } from './protocol';

/** More hosts than any swarm the panel can draw; a bound on what one message may cost. */
const mostHosts = 1_000;
const mostPairs = mostHosts * mostHosts;

const ping: Check<PingResult> = record<PingResult>({
  outcome: oneOf('answered', 'partial', 'silent', 'notTried', 'error'),
  sent: amount,
  received: amount,
  minMs: optional(amount),
  avgMs: optional(amount),
  maxMs: optional(amount),
  jitterMs: optional(amount),
  message: optional(text),
});

const nameResult: Check<NameResult> = record<NameResult>({
  outcome: oneOf('resolved', 'unknown', 'notTried'),
  address: optional(text),
  right: optional(flag),
});

const fullSize: Check<FullSizeResult> = record<FullSizeResult>({
  outcome: oneOf('passed', 'blocked', 'error'),
  mtu: amount,
  largest: optional(amount),
  message: optional(text),
});

const tcp: Check<TcpResult> = record<TcpResult>({
  outcome: oneOf('passed', 'refused', 'silent', 'stalled', 'error'),
  connectMs: optional(amount),
  received: amount,
  sent: amount,
  transferMs: optional(amount),
  message: optional(text),
});

const pair: Check<PairResult> = record<PairResult>({
  from: text,
  to: text,
  name: nameResult,
  address: ping,
  byName: ping,
  fullSize: optional(fullSize),
  tcp: optional(tcp),
  problem: optional(text),
});

const probeHost: Check<ProbeHost> = record<ProbeHost>({
  host: text,
  nodeId: optional(text),
  engineVersion: optional(text),
  containerName: optional(text),
  address: optional(text),
  problem: optional(record({ title: text, happened: text, remedy: text })),
});

const finding: Check<Finding> = record<Finding>({
  rule: text,
  title: text,
  confidence: oneOf('certain', 'likely', 'possible'),
  evidence: list(text, 10_000),
  pairs: list(record({ from: text, to: text }), mostPairs),
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
  pairs: list(pair, mostPairs),
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
});

const phase: Check<PanelState['phase']> = oneOf('idle', 'running', 'cancelling', 'done');

const panelState: Check<PanelState> = record<PanelState>({
  header,
  phase,
  stage: text,
  startedAt: optional(amount),
  hosts: list(probeHost, mostHosts),
  pairs: list(pair, mostPairs),
  running: list(text, mostHosts),
  report: optional(report),
});

type ToPageOf<T extends ToPage['type']> = Extract<ToPage, { type: T }>;

const toPage: { readonly [T in ToPage['type']]: Check<ToPageOf<T>> } = {
  state: record<ToPageOf<'state'>>({ type: oneOf('state'), state: panelState }),
  stage: record<ToPageOf<'stage'>>({ type: oneOf('stage'), phase, stage: text, running: list(text, mostHosts) }),
  host: record<ToPageOf<'host'>>({ type: oneOf('host'), host: probeHost }),
  sourceStarted: record<ToPageOf<'sourceStarted'>>({ type: oneOf('sourceStarted'), from: text }),
  pairs: record<ToPageOf<'pairs'>>({ type: oneOf('pairs'), pairs: list(pair, mostPairs) }),
  report: record<ToPageOf<'report'>>({ type: oneOf('report'), report }),
};

type FromPageOf<T extends FromPage['type']> = Extract<FromPage, { type: T }>;

const fromPage: { readonly [T in FromPage['type']]: Check<FromPageOf<T>> } = {
  ready: record<FromPageOf<'ready'>>({ type: oneOf('ready') }),
  run: record<FromPageOf<'run'>>({ type: oneOf('run') }),
  cancel: record<FromPageOf<'cancel'>>({ type: oneOf('cancel') }),
  export: record<FromPageOf<'export'>>({ type: oneOf('export'), format: oneOf('json', 'markdown') }),
  copy: record<FromPageOf<'copy'>>({ type: oneOf('copy'), text }),
};

const keptState: Check<KeptState> = record<KeptState>({ header });

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
