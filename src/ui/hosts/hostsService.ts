import * as vscode from 'vscode';
import { Semaphore } from '../../base/concurrency';
import { OverlayError } from '../../base/errors';
import { Emitter } from '../../base/event';
import { formatEndpoint, parseEndpoint, suggestName } from '../../hosts/endpoint';
import { validateHostName } from '../../hosts/settings';
import type { HostName } from '../../model/host/host';
import type { Fleet } from '../../swarm/fleet';
import { settings } from '../../contributions';
import { changeEntries, configOf, entryName, type EntryChange } from './hostEntries';
import { readConnectOnStartup, readHostEntries, readHosts, writeHostEntries, type HostEntry } from '../vscode/settings';

/** A host to be added, as far as it is known. */
export interface NewHost {
  readonly name?: string;
  readonly endpoint: string;
  readonly folder?: string;
  /** The way over SSH, as in the setting. */
  readonly transport?: string;
}

/** Keeps the fleet in step with the setting, and changes the setting. */
export class HostsService implements vscode.Disposable {
  private readonly subscription: vscode.Disposable;
  private readonly started = new Emitter<void>();
  private hasStarted = false;
  /** Changes of the setting, one after the other: each reads the list, changes it and writes all of it. */
  private readonly turns = new Semaphore(1);
  private isOwnChange = false;

  /** Somebody looks for the first time. */
  readonly onDidStart = this.started.event;

  constructor(
    private readonly fleet: Fleet,
    private readonly onError: (error: unknown) => void,
  ) {
    this.subscription = vscode.workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration(settings.hosts)) this.follow();
    });
    this.apply();
  }

  /** Connects all hosts once, when somebody first looks; the setting may say no. */
  start(): void {
    if (this.hasStarted) return;
    this.hasStarted = true;
    this.started.fire();
    if (!readConnectOnStartup()) return;
    for (const host of this.fleet.topology.hosts) if (host.state.kind === 'idle') this.connectQuietly(host.config.name);
  }

  /**
   * Adds hosts to the setting; those whose endpoint is configured already are left as they are.
   *
   * @returns the names of all of them, in the order given.
   * @throws OverlayError `hostConfigInvalid` before anything is written.
   */
  add(wanted: readonly NewHost[]): Promise<HostName[]> {
    return this.turns.run(() => this.addNow(wanted));
  }

  private async addNow(wanted: readonly NewHost[]): Promise<HostName[]> {
    const { hosts } = readHosts();
    const byEndpoint = new Map(hosts.map((host) => [formatEndpoint(host.endpoint), host.name]));
    const taken = new Set(hosts.map((host) => host.name));
    const names: HostName[] = [];
    const fresh: HostEntry[] = [];
    for (const one of wanted) {
      const endpoint = parseEndpoint(one.endpoint);
      const text = formatEndpoint(endpoint);
      const known = byEndpoint.get(text);
      const name = known ?? freeName(one.name, () => suggestName(endpoint, taken), taken);
      names.push(name);
      if (known !== undefined) continue;
      taken.add(name);
      byEndpoint.set(text, name);
      const { folder, transport } = one;
      const entry = { name, endpoint: text, ...(folder ? { folder } : {}), ...(transport ? { transport } : {}) };
      // Refused here rather than written and shown as an entry that cannot be used.
      configOf(entry);
      fresh.push(entry);
    }
    if (fresh.length > 0) await this.write([...readHostEntries(), ...fresh]);
    return names;
  }

  /** Removes entries by name, and such that cannot be used by their position. */
  async remove(names: readonly HostName[], positions: readonly number[] = []): Promise<void> {
    const gone = new Set(names);
    await this.turns.run(() =>
      this.write(
        readHostEntries().filter((entry, index) => !positions.includes(index) && !gone.has(entryName(entry) ?? '')),
      ),
    );
  }

  /** Changes entries; everything else in them stays. */
  async change(names: readonly HostName[], change: EntryChange): Promise<void> {
    await this.turns.run(() => this.write(changeEntries(readHostEntries(), names, change)));
  }

  /** Connects a host; that it fails is in its state, and the tree shows it. */
  connectQuietly(host: HostName): void {
    this.fleet.connect(host).catch((error: unknown) => this.onError(error));
  }

  dispose(): void {
    this.subscription.dispose();
    this.started.dispose();
  }

  private async write(entries: readonly unknown[]): Promise<void> {
    this.isOwnChange = true;
    try {
      await writeHostEntries(entries);
    } finally {
      this.isOwnChange = false;
    }
    // The event may come later than the caller needs the hosts.
    this.apply();
  }

  /** The setting has changed. Hosts that somebody wrote into it are connected as at the start. */
  private follow(): void {
    const known = new Set(this.fleet.topology.hosts.map(({ config }) => config.name));
    this.apply();
    // Who adds, renames or moves hosts by our own commands says himself which are to be connected.
    if (this.isOwnChange || !this.hasStarted || !readConnectOnStartup()) return;
    for (const { config } of this.fleet.topology.hosts) if (!known.has(config.name)) this.connectQuietly(config.name);
  }

  private apply(): void {
    const { hosts, problems } = readHosts();
    this.fleet.setHosts(hosts, problems);
  }
}

function freeName(wished: string | undefined, suggest: () => string, taken: ReadonlySet<string>): string {
  if (wished === undefined) return suggest();
  const wrong = validateHostName(wished, taken);
  if (wrong === undefined) return wished.trim();
  if (taken.has(wished)) return suggest();
  throw new OverlayError('hostConfigInvalid', { name: wished, message: wrong });
}
