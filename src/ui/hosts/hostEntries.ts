import { parseEndpoint } from '../../hosts/endpoint';
import { parseHosts } from '../../hosts/settings';
import type { HostConfig, HostName } from '../../model/host/host';

/** What is changed of an entry of the setting; an empty text removes the property. */
export interface EntryChange {
  readonly name?: string;
  readonly endpoint?: string;
  readonly folder?: string;
  readonly transport?: string;
}

/** The name of an entry as it is written; undefined for what is no entry. */
export function entryName(entry: unknown): HostName | undefined {
  if (typeof entry !== 'object' || entry === null || !('name' in entry)) return undefined;
  return typeof entry.name === 'string' ? entry.name.trim() : undefined;
}

/**
 * The entry with a change: its other properties, also unknown ones, stay. Certificates and the way over SSH go when the
 * new endpoint has no use for them, because an entry with both would be refused.
 */
export function changedEntry(entry: object, change: EntryChange): Record<string, unknown> {
  const changed: Record<string, unknown> = { ...entry };
  for (const [key, value] of Object.entries(change) as [string, string | undefined][]) {
    if (value === undefined) continue;
    if (value === '') Reflect.deleteProperty(changed, key);
    else changed[key] = value;
  }
  if (typeof change.endpoint === 'string') {
    const { kind } = parseEndpoint(change.endpoint);
    if (kind !== 'tcp') Reflect.deleteProperty(changed, 'tls');
    if (!usesSsh(kind)) Reflect.deleteProperty(changed, 'transport');
  }
  return changed;
}

/** Whether a way over SSH can matter: what a context stands for is known only when it is read. */
export const usesSsh = (kind: HostConfig['endpoint']['kind']): boolean => kind === 'ssh' || kind === 'context';

/** All entries with one change for those named. */
export function changeEntries(entries: readonly unknown[], names: readonly HostName[], change: EntryChange): unknown[] {
  const wanted = new Set(names);
  return entries.map((entry) => {
    const name = entryName(entry);
    if (name === undefined || !wanted.has(name)) return entry;
    return changedEntry(entry as object, change);
  });
}

/** The host an entry stands for. @throws OverlayError `hostConfigInvalid`. */
export function configOf(entry: object): HostConfig {
  const { hosts, problems } = parseHosts([entry]);
  const [host] = hosts;
  if (!host) throw problems[0]?.error ?? new Error('An entry is either usable or a problem');
  return host;
}
