import { DisposableStore, type Disposable } from '../src/base/disposable';
import { silentLogger } from '../src/base/logger';
import { createConnector } from '../src/connection/connector';
import type { Connector } from '../src/connection/connector';
import { createEngine } from '../src/engine/createEngine';
import type { Engine } from '../src/engine/api';
import { readContext } from '../src/hosts/contexts';
import { parseHosts } from '../src/hosts/settings';
import type { HostConfig } from '../src/model/host/host';
import { createFleet, type Fleet } from '../src/swarm/fleet';
import type { Lab, LabHost } from '../test/lab/lab';

/** What measurements need of a lab; it may be a part of its hosts. */
export type BenchLab = Pick<Lab, 'hosts' | 'workstation' | 'resetSwarms'>;

/** The first hosts of a lab; all of them are made as at the beginning by `resetSwarms`. */
export function firstOf(lab: Lab, count: number): BenchLab {
  return {
    hosts: lab.hosts.slice(0, count),
    workstation: lab.workstation,
    resetSwarms: () => lab.resetSwarms(),
  };
}

/** The product's own way to the hosts, with nobody there to answer questions: a key that opens all of them. */
export function benchConnector(): Connector & Disposable {
  return createConnector({
    logger: silentLogger,
    env: process.env,
    contexts: { read: (name) => readContext(name) },
    prompts: {
      trustHostKey: async () => false,
      passphrase: async () => undefined,
      password: async () => undefined,
      consentInsecure: async () => false,
    },
  });
}

/** The hosts as a person has them in the settings: `ssh://NAME` out of the SSH configuration. */
export function sshConfigs(hosts: readonly LabHost[]): readonly HostConfig[] {
  return parseHosts(hosts.map((host) => ({ name: host.name, endpoint: `ssh://${host.name}` }))).hosts;
}

/** The engines of these hosts over SSH, closed when `use` is done. */
export async function withEngines<T>(
  hosts: readonly LabHost[],
  use: (engines: readonly { readonly host: string; readonly engine: Engine }[]) => Promise<T>,
): Promise<T> {
  return withStore(async (store) => {
    const connector = store.add(benchConnector());
    const engines: { host: string; engine: Engine }[] = [];
    for (const config of sshConfigs(hosts)) {
      const transport = store.add(await connector.connect(config, {}));
      const engine = store.add(createEngine(transport, { host: config.name, logger: silentLogger }));
      engines.push({ host: config.name, engine });
    }
    return use(engines);
  });
}

/** A fleet as the extension makes it, its links to all hosts up. */
export async function connectedFleet(store: DisposableStore, hosts: readonly LabHost[]): Promise<Fleet> {
  const fleet = store.add(
    createFleet({
      connector: store.add(benchConnector()),
      logger: silentLogger,
      createEngine: (transport, host) => createEngine(transport, { host, logger: silentLogger }),
    }),
  );
  fleet.setHosts(sshConfigs(hosts), []);
  await Promise.all(hosts.map((host) => fleet.connect(host.name)));
  return fleet;
}

/** Runs work with what it adds to the store, which is disposed afterwards. */
export async function withStore<T>(work: (store: DisposableStore) => Promise<T>): Promise<T> {
  const store = new DisposableStore();
  try {
    return await work(store);
  } finally {
    store.dispose();
  }
}

/** The middle of some figures; the mean of the two in the middle of an even number. */
export function median(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Runs work some times, one after another. @returns ms of each */
export async function times(count: number, work: () => Promise<unknown>): Promise<number[]> {
  const figures: number[] = [];
  for (let run = 0; run < count; run += 1) {
    const started = performance.now();
    await work();
    figures.push(performance.now() - started);
  }
  return figures;
}
