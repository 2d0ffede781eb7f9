import { createHash } from 'node:crypto';
import { DisposableStore, type Disposable } from '../../base/disposable';
import { toOverlayError } from '../../base/errors';
import { Emitter } from '../../base/event';
import type { Logger } from '../../base/logger';
import type { Environment } from '../../base/home';
import { readSmallFile } from '../../base/smallFile';
import { maxPemBytes, readContext } from '../../hosts/contexts';
import { watchContexts } from '../../hosts/watchContexts';
import type { HostName } from '../../model/host/host';
import type { HostView } from '../../model/swarm/topology';
import type { Fleet } from '../../swarm/fleet';

/** What a context says, by its name: a fingerprint of its endpoint and certificates, or the reason it says nothing. */
type Readings = ReadonlyMap<string, string>;

/** Follows the Docker context store, and connects the hosts anew whose context has changed. */
export class ContextStore implements Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new Emitter<void>());
  private readings: Readings = new Map();
  private reading: Promise<void>;
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly fleet: Fleet,
    private readonly logger: Logger,
    private readonly connect: (host: HostName) => void,
  ) {
    this.reading = this.read();
    this.store.add(fleet.onDidChange(() => this.readNew()));
    this.store.add(
      watchContexts(() => {
        this.changed.fire();
        this.reading = this.reading.then(() => this.follow());
      }),
    );
  }

  dispose(): void {
    this.store.dispose();
  }

  /** A host that was added since: what its context says now is where changes are counted from. */
  private readNew(): void {
    if (namesOf(this.fleet.topology.hosts).every((name) => this.readings.has(name))) return;
    this.reading = this.reading.then(() => this.read());
  }

  private async read(): Promise<void> {
    const known = this.readings;
    const names = namesOf(this.fleet.topology.hosts).filter((name) => !known.has(name));
    this.readings = new Map([...known, ...(await readAll(names))]);
  }

  private async follow(): Promise<void> {
    const { hosts } = this.fleet.topology;
    const before = this.readings;
    this.readings = await readAll(namesOf(hosts));
    for (const host of hostsToReconnect(hosts, before, this.readings)) {
      this.logger.info(`${host}: its Docker context has changed`);
      this.fleet.disconnect(host);
      this.connect(host);
    }
  }
}

const namesOf = (hosts: readonly HostView[]): string[] => [
  ...new Set(hosts.flatMap(({ config }) => (config.endpoint.kind === 'context' ? [config.endpoint.name] : []))),
];

async function readAll(names: readonly string[]): Promise<Map<string, string>> {
  return new Map(await Promise.all(names.map(async (name) => [name, await fingerprint(name)] as const)));
}

/** Of what a context says, certificates and keys included, which are not kept. */
export async function fingerprint(name: string, env: Environment = process.env): Promise<string> {
  try {
    const endpoint = await readContext(name, env);
    const hash = createHash('sha256').update(JSON.stringify(endpoint));
    const { ca, cert, key } = (endpoint.kind === 'tcp' ? endpoint.tls : undefined) ?? {};
    for (const file of [ca, cert, key]) {
      if (file !== undefined) hash.update(JSON.stringify(await readSmallFile(file, maxPemBytes)));
    }
    return hash.digest('hex');
  } catch (error) {
    return `${failedMark}${toOverlayError(error).message}`;
  }
}

const failedMark = 'failed ';

/**
 * The hosts whose context says something else than before and can be read. One that the person has disconnected stays
 * so, and a link that is up outlives its context. Pure.
 */
export function hostsToReconnect(hosts: readonly HostView[], before: Readings, after: Readings): HostName[] {
  return hosts
    .filter(({ config, state }) => {
      if (config.endpoint.kind !== 'context' || state.kind === 'idle') return false;
      const now = after.get(config.endpoint.name);
      if (now === undefined || now.startsWith(failedMark)) return false;
      return now !== before.get(config.endpoint.name);
    })
    .map(({ config }) => config.name);
}
