import { randomBytes } from 'node:crypto';
import { labels, type Network } from '../model/engine';
import type { HostName } from '../model/host';
import { limits } from './limits';

/** What names a run and its containers. */
export interface RunIdentity {
  readonly id: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Container name by host: unique in the swarm, a DNS label of `[a-z0-9-]` that needs no quoting anywhere. */
  readonly containerNames: ReadonlyMap<HostName, string>;
}

/**
 * Makes a fresh run.
 *
 * @param now epoch ms.
 */
export function newRun(network: Network, hosts: readonly HostName[], owner: string, now: number): RunIdentity {
  const id = randomBytes(6).toString('hex');
  return {
    id,
    labels: {
      [labels.run]: id,
      [labels.owner]: owner,
      [labels.expires]: String(Math.ceil((now + limits.run) / 1000)),
    },
    containerNames: containerNames(network.name, id, hosts),
  };
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
    const wanted = `${prefix}-${dnsPart(host, 20, 'host')}`;
    const name = taken.has(wanted) ? `${wanted}-${index}` : wanted;
    taken.add(name);
    names.set(host, name);
  });
  return names;
}

function dnsPart(text: string, length: number, otherwise: string): string {
  const part = text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, length)
    .replace(/^-+|-+$/g, '');
  return part || otherwise;
}
