import { describeError } from '../../base/errors';
import type { Helper } from '../../probe/helperContainer';
import { portLimits } from '../limits';
import { parsePortLine, type Flow, type PortLine } from './parse';
import { observeScript, laneCount, inspectScript, attemptScript, type Attempt } from './script';

/** How many targets a sender tries before the flows are read: the kernel forgets an unanswered datagram after 30 s. */
export const targetsAtOnce = laneCount;

/** What a host says of itself before anything is sent. */
export interface HostState {
  /** Tools that the image lacks. */
  readonly missing: readonly string[];
  /** Addresses of interfaces that are not Docker's own, in the kernel's order. */
  readonly addresses: readonly string[];
  /** Its connection tracking is at work and can be read. */
  readonly tracks: boolean;
  /** Resets its TCP has sent so far. */
  readonly resets?: number;
}

/** What a host saw of what was sent to it and by it. */
export interface Observation {
  /** New flows; absent when they cannot be read. */
  readonly flows?: readonly Flow[];
  /** Resets its TCP has sent since it was first looked at. */
  readonly resets?: number;
  /** Those of the ports that something listens on, as "tcp 7946"; absent where the sockets cannot be read. */
  readonly listening?: ReadonlySet<string>;
}

/** One result of a sender. */
export type AttemptOutput = Extract<PortLine, { kind: 'result' }>;

/** @throws OverlayError what the engine said, `requestTimeout`, `cancelled`. */
export async function inspectHost(helper: Helper, ports: readonly number[]): Promise<HostState> {
  const lines = await linesOf(helper, inspectScript(ports), portLimits.inspect);
  return {
    missing: lines.flatMap((line) => (line.kind === 'missing' ? [line.tool] : [])),
    addresses: lines.flatMap((line) => (line.kind === 'address' && !isDockers(line.link) ? [line.address] : [])),
    tracks: lines.some((line) => line.kind === 'tracking'),
    ...resetsIn(lines),
  };
}

/** Bridges and cables of Docker: every host has the same addresses there. */
const isDockers = (link: string): boolean => /^(docker|br-|veth|vxlan|vx-|cni|flannel|virbr)/.test(link);

/** @throws OverlayError as {@link inspectHost}. */
export async function runAttempts(
  helper: Helper,
  pairs: readonly (readonly Attempt[])[],
): Promise<Map<number, AttemptOutput>> {
  const lines = await linesOf(helper, attemptScript(pairs), portLimits.attempts);
  return new Map(lines.flatMap((line) => (line.kind === 'result' ? [[line.key, line] as const] : [])));
}

/** What the host has seen since {@link inspectHost}. Never rejects for what the host does. */
export async function observe(
  helper: Helper,
  before: HostState,
  ports: readonly number[],
  onProblem: (words: string) => void,
): Promise<Observation> {
  try {
    const lines = await linesOf(helper, observeScript(ports), portLimits.observe);
    const { resets } = resetsIn(lines);
    const isTableWhole = lines.some((line) => line.kind === 'listenersEnd');
    const isWhole = before.tracks && lines.some((line) => line.kind === 'end');
    return {
      ...(isWhole && { flows: lines.flatMap((line) => (line.kind === 'flow' ? [line.flow] : [])) }),
      ...(resets !== undefined && before.resets !== undefined && { resets: resets - before.resets }),
      ...(isTableWhole && { listening: listenersIn(lines) }),
    };
  } catch (error) {
    onProblem(describeError(error).happened);
    return {};
  }
}

const listenersIn = (lines: readonly PortLine[]): ReadonlySet<string> =>
  new Set(lines.flatMap((line) => (line.kind === 'listener' ? [`${line.protocol} ${line.port}`] : [])));

function resetsIn(lines: readonly PortLine[]): { resets?: number } {
  const line = lines.find((one) => one.kind === 'resets');
  return line?.kind === 'resets' ? { resets: line.count } : {};
}

async function linesOf(helper: Helper, script: string, ms: number): Promise<PortLine[]> {
  const lines: PortLine[] = [];
  const receive = (text: string) => {
    const line = parsePortLine(text);
    if (line) lines.push(line);
  };
  await helper.run(script, receive, ms);
  return lines;
}
