import { randomBytes } from 'node:crypto';
import { labels, type Network } from '../model/engine/records';
import type { HostName } from '../model/host/host';
import { probeLimits } from './limits';

/** What names a run and its containers. */
export interface RunIdentity {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Container name by host: unique in the swarm, a DNS label of `[a-z0-9-]` that needs no quoting anywhere. */
  readonly containerNames: ReadonlyMap<HostName, string>;
}

/** Names a run, or a task of its own. */
export const newRunId = (): string => randomBytes(6).toString('hex');

/** Labels of what is made for a run. @param lifetime after which nobody needs it, s. */
export const runLabels = (runId: string, owner: string, lifetime: number): Record<string, string> => ({
  [labels.run]: runId,
  [labels.owner]: owner,
  [labels.lifetime]: String(lifetime),
});

/** Makes a fresh run. */
export function newRun(network: Network, hosts: readonly HostName[], owner: string): RunIdentity {
  const id = newRunId();
  return {
    id,
    labels: runLabels(id, owner, Math.ceil(probeLimits.run / 1000)),
    containerNames: containerNames(network.name, id, hosts),
  };
}

/** Run label of a run's helper containers: they are removed apart from its test containers, and known as its own. */
export const helperRunOf = (runId: string, task: 'reading' | 'ports'): string => `${runId}.${task}`;

/** The run that a run label is of, be it that of a helper. */
export const mainRunOf = (label: string): string => label.split('.', 1)[0] ?? label;

/** Name of a helper container of a task with this run label. */
export const helperName = (runLabel: string): string => `${helperPrefix(runLabel)}${randomBytes(2).toString('hex')}`;

const helperPrefix = (runLabel: string): string => `overlay-helper-${runLabel}-`;

/**
 * Whether a container with this run label has a name that we give to such. Labels alone tell nothing: an image that
 * somebody commits from one of our containers hands them on to every container that is made of it.
 */
export function isNameOfRun(name: string, runLabel: string): boolean {
  if (!/^[0-9a-f]{12}(\.[a-z]+)?$/.test(runLabel)) return false;
  return name.startsWith(helperPrefix(runLabel)) || name.includes(`-probe-${runLabel.slice(0, 8)}-`);
}

/**
 * `<network>-probe-<run>-<host>`: names of standalone containers resolve across hosts by gossip, so they must be unique
 * in the swarm, and at most 63 characters to be a DNS label.
 */
export function containerNames(network: string, runId: string, hosts: readonly HostName[]): Map<HostName, string> {
  const prefix = `${dnsPart(network, 20, 'net')}-probe-${runId.slice(0, 8)}`;
  const taken = new Set<string>();
  const names = new Map<HostName, string>();
  hosts.forEach((host, index) => {
    const wanted = `${prefix}-${dnsPart(host, 18, 'host')}`;
    // Two hyphens are in no name of a host as it is written here.
    const name = taken.has(wanted) ? `${wanted}--${index}` : wanted;
    taken.add(name);
    names.set(host, name);
  });
  return names;
}

/** Name of the container of a second try: no other host's. */
export const secondName = (name: string): string => `${name}--r`;

function dnsPart(text: string, length: number, otherwise: string): string {
  const part = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, length)
    .replace(/^-+|-+$/g, '');
  return part || otherwise;
}
