import type { Disposable } from '../src/base/disposable';
import { silentLogger } from '../src/base/logger';
import { delay } from '../src/base/time';
import { createEngine } from '../src/engine/createEngine';
import type { Engine } from '../src/engine/engine';
import type { Network } from '../src/model/engine';
import { runVerification } from '../src/verify/runVerification';
import type { Lab, LabHost } from '../test/lab/lab';
import { measureFloor } from './floor';
import { benchConnector, sshConfigs } from './links';

/** Seconds for the same job: test containers on each host, every ordered pair pinged by name, containers removed. */
export interface MatrixFigures {
  /** docker CLI, one command after another, as a person types them; typing not counted. */
  readonly handSeconds: number;
  /** The extension's verification over SSH, from the call to the report, clean-up included. */
  readonly oursSeconds: number;
  /** Bare HTTP on the engines' sockets, all at once. */
  readonly floorSeconds: number;
}

const image = 'alpine:latest';
const networkName = 'bench_net';
const pings = 3;

/** Measures the matrix of the lab's first `count` hosts. Leaves them without swarm and containers. */
export async function measureMatrix(lab: Lab, count: number): Promise<MatrixFigures> {
  const hosts = lab.hosts.slice(0, count);
  await formByHand(hosts);
  try {
    const handSeconds = await measureByHand(hosts);
    const networkId = await docker(hosts[0] as LabHost, 'network', 'inspect', '--format', '{{.Id}}', networkName);
    const sockets = hosts.map((host) => host.socketPath);
    // The second run counts: the first one of each pays for connections and caches that a day's work has.
    await settle();
    await measureFloor(sockets, networkId, image, pings);
    await settle();
    const floorSeconds = await measureFloor(sockets, networkId, image, pings);
    const oursSeconds = await measureOurs(hosts);
    return { handSeconds, oursSeconds, floorSeconds };
  } finally {
    await lab.resetSwarms();
  }
}

/**
 * A network that nothing on a host uses any more is taken down there in the background; a container that comes at that
 * moment may stay cut off for good. Time for that is no part of any of the figures.
 */
const settle = (): Promise<void> => delay(5_000);

async function docker(host: LabHost, ...args: string[]): Promise<string> {
  const result = await host.exec(['docker', ...args]);
  if (result.code !== 0) throw new Error(`docker ${args.join(' ')} on ${host.name}: ${result.stderr}`);
  return result.stdout.trim();
}

async function formByHand(hosts: readonly LabHost[]): Promise<void> {
  const [first, ...others] = hosts as [LabHost, ...LabHost[]];
  await docker(first, 'swarm', 'init', '--advertise-addr', first.address);
  const token = await docker(first, 'swarm', 'join-token', '-q', 'worker');
  for (const host of others) await docker(host, 'swarm', 'join', '--token', token, `${first.address}:2377`);
  await docker(first, 'network', 'create', '-d', 'overlay', '--attachable', networkName);
}

/** The story by hand: start a container on each host, ping every other by name from each, remove them. */
async function measureByHand(hosts: readonly LabHost[]): Promise<number> {
  const started = performance.now();
  for (const [index, host] of hosts.entries()) {
    await docker(host, 'run', '-dit', '--name', `alpine${index + 1}`, '--network', networkName, image, 'sh');
  }
  for (const [from, host] of hosts.entries()) {
    for (const to of hosts.keys()) {
      if (to !== from) await docker(host, 'exec', `alpine${from + 1}`, 'ping', '-c', `${pings}`, `alpine${to + 1}`);
    }
  }
  for (const [index, host] of hosts.entries()) await docker(host, 'rm', '-f', `alpine${index + 1}`);
  return (performance.now() - started) / 1000;
}

/** The product's own way: SSH connections as the extension opens them, then the verification twice, the second counts. */
async function measureOurs(hosts: readonly LabHost[]): Promise<number> {
  const connector = benchConnector();
  const configs = sshConfigs(hosts);
  const opened: Disposable[] = [connector];
  const engines: { host: string; engine: Engine }[] = [];
  try {
    for (const config of configs) {
      const transport = await connector.connect(config, {});
      const engine = createEngine(transport, { host: config.name, logger: silentLogger });
      opened.push(engine, transport);
      engines.push({ host: config.name, engine });
    }
    const network = (await engines[0]?.engine.networks.list())?.find((one) => one.name === networkName) as Network;
    let seconds = 0;
    for (let run = 0; run < 2; run += 1) {
      await settle();
      const started = performance.now();
      const report = await runVerification(
        { clusterId: 'bench', network, hosts: engines, pings, image, owner: 'bench' },
        { onEvent: () => undefined, logger: silentLogger },
      );
      seconds = (performance.now() - started) / 1000;
      const { reachable, pairs } = report.summary;
      if (reachable !== pairs)
        throw new Error(`Only ${reachable} of ${pairs} pairs were reachable; the time means nothing.`);
    }
    return seconds;
  } finally {
    for (const one of opened) one.dispose();
  }
}
