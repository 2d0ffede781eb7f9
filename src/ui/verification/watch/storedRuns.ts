import type { HostName } from '../../../model/host/host';

/** One run in short: a byte and a time a pair, by `row of the source * hosts + column of the target`. */
export interface Run {
  /** Epoch ms of its start. */
  readonly at: number;
  readonly positions: ReadonlyMap<HostName, number>;
  /** Indexes of verdicts, below 10. */
  readonly verdicts: Uint8Array;
  /** ms; NaN where nothing was measured. */
  readonly times: Float32Array;
}

/** The same as it is stored: a pair takes about five characters. */
export interface StoredRun {
  readonly at: number;
  readonly hosts: readonly HostName[];
  /** A digit a pair. */
  readonly verdicts: string;
  /** Hundredths of milliseconds to the base of 36, a comma between two of them; empty where nothing was measured. */
  readonly times: string;
}

/** More hosts than any panel draws; a bound on what a damaged memory may cost. */
const mostHosts = 1_000;

export function storedOf({ at, positions, verdicts, times }: Run): StoredRun {
  return {
    at,
    hosts: [...positions.keys()],
    verdicts: verdicts.join(''),
    times: Array.from(times, (ms) => (Number.isNaN(ms) ? '' : Math.round(ms * 100).toString(36))).join(','),
  };
}

/** A stored run; undefined when it is none that this version wrote. */
export function runOf(stored: unknown): Run | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const { at, hosts, verdicts, times } = stored as Record<string, unknown>;
  if (typeof at !== 'number' || typeof verdicts !== 'string' || typeof times !== 'string') return undefined;
  if (!Array.isArray(hosts) || hosts.length > mostHosts || !hosts.every((host) => typeof host === 'string'))
    return undefined;
  const cells = hosts.length * hosts.length;
  const figures = cells === 0 ? [] : times.split(',');
  if (verdicts.length !== cells || figures.length !== cells || !/^\d*$/.test(verdicts)) return undefined;
  return {
    at,
    positions: new Map(hosts.map((host, index) => [host, index])),
    verdicts: Uint8Array.from(verdicts, Number),
    times: Float32Array.from(figures, (figure) => (figure === '' ? Number.NaN : Number.parseInt(figure, 36) / 100)),
  };
}
