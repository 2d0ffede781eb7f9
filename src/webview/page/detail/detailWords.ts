import {
  verdictOf,
  type FullSizeResult,
  type PairResult,
  type PingResult,
  type TcpResult,
} from '../../../model/report/matrix';
import type { PairChange } from '../../../model/report/matrixChanges';
import { formatMs, kindOf, lossOf, msText } from '../state/cells';
import type { PageState } from '../state/reducer';
import { changeWords, kindName } from '../words';

/** One line of a pair's detail. */
export interface DetailField {
  readonly label: string;
  readonly value: string;
  readonly tone?: 'good' | 'bad';
}

/** The separate results of a pair, in words; the same fields for every pair, so that nothing jumps. */
export function detailOf(state: PageState, from: number, to: number): readonly DetailField[] {
  const pair = state.results.at(from, to);
  const { name, address, byName } = pair ?? nothingYet;
  return [
    { label: 'Name', ...nameWords(name) },
    { label: 'Address answers', ...answers(address) },
    { label: 'Name answers', ...answers(byName) },
    { label: 'Loss', ...lossWords(address) },
    { label: 'Min / avg / max', value: roundTrip(address) },
    { label: 'Jitter', value: msText(address.jitterMs) },
    { label: 'Full-size packets', ...fullSizeWords(pair?.fullSize) },
    { label: 'TCP', ...tcpWords(pair?.tcp) },
    ...(pair?.ipv6 ? [{ label: 'IPv6 answers', ...answers(pair.ipv6) }] : []),
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

/** The largest packets of the network; sizes are of IP packets, in bytes. */
function fullSizeWords(result: FullSizeResult | undefined): Omit<DetailField, 'label'> {
  if (!result) return { value: 'not tried' };
  const { outcome, mtu, largest } = result;
  if (outcome === 'passed') return { value: `${mtu} bytes pass`, tone: 'good' };
  if (outcome === 'error') return { value: 'could not be tried', tone: 'bad' };
  if (largest === undefined) return { value: `${mtu} bytes do not pass`, tone: 'bad' };
  return { value: `only ${largest} of ${mtu} bytes pass`, tone: 'bad' };
}

function tcpWords(result: TcpResult | undefined): Omit<DetailField, 'label'> {
  if (!result) return { value: 'not tried' };
  const [received, sent] = [bytesText(result.received), bytesText(result.sent)];
  switch (result.outcome) {
    case 'passed': {
      const connected = `connects in ${msText(result.connectMs)}`;
      const moved = `${sent} in ${msText(result.transferMs)}`;
      return { value: result.sent > 0 ? `${connected}, ${moved}` : connected, tone: 'good' };
    }
    case 'refused':
      return { value: 'refused', tone: 'bad' };
    case 'silent':
      return { value: 'no answer', tone: 'bad' };
    case 'stalled':
      return { value: `stalls after ${received} of ${sent}`, tone: 'bad' };
    case 'error':
      return { value: 'could not be tried', tone: 'bad' };
  }
}

/** "512 B", "64 KB" (of 1,024 bytes). */
function bytesText(bytes: number): string {
  return bytes < 1024 ? `${bytes} B` : `${Math.round(bytes / 1024)} KB`;
}

/** What else is to be said of a pair: why nothing could be tried, or what ping said. */
export function problemOf(state: PageState, from: number, to: number): string | undefined {
  const pair = state.results.at(from, to);
  const said = pair?.problem ?? messageOf(pair);
  if (said) return said;
  const [source, target] = [state.hosts[from], state.hosts[to]];
  if (source?.problem) return `${source.host}: ${source.problem.title}`;
  return target?.problem ? `${target.host}: ${target.problem.title}` : undefined;
}

function messageOf(pair: PairResult | undefined): string | undefined {
  return [pair?.address, pair?.byName, pair?.fullSize, pair?.tcp].find((one) => one?.message !== undefined)?.message;
}

/** A cell for a screen reader: "node1 to node2: dead. Name 10.0.1.4 (right). Address answers: no. ..." */
export function cellLabel(state: PageState, from: number, to: number, change?: PairChange): string {
  const label = resultLabel(state, from, to);
  return change ? `${label}. Since the run before: ${changeWords(change)}` : label;
}

function resultLabel(state: PageState, from: number, to: number): string {
  const [source, target] = [state.hosts[from]?.host ?? '', state.hosts[to]?.host ?? ''];
  if (from === to) return `${source}: itself`;
  const kind = kindOf(state, from, to);
  const pair = state.results.at(from, to);
  if (kind === 'empty') return `${source} to ${target}: no result yet`;
  if (kind === 'pending') return `${source} to ${target}: being tried`;
  const lead = `${source} to ${target}: ${kindName(kind)}`;
  if (!pair) return [lead, problemOf(state, from, to)].filter(Boolean).join('. ');
  if (verdictOf(pair) === 'reachable') return `${lead}, ${msText(pair.address.avgMs)}`;
  const fields = detailOf(state, from, to).filter(({ value }) => value !== '–' && value !== 'not tried');
  return [lead, ...fields.map((field) => `${field.label}: ${field.value}`), problemOf(state, from, to)]
    .filter(Boolean)
    .join('. ');
}
