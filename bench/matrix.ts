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
  /** `computed`: the number of commands times what each kind of them took in the largest measured matrix. */
  readonly handIs: 'measured' | 'computed';
  /** The extension's verification over SSH, from the call to the report, clean-up included. */
  readonly oursSeconds: number;
  /** Bare HTTP on the engines' sockets, all at once. */
  readonly floorSeconds: number;
  /** Commands that the extension ran in containers; one a host is the least there can be. */
  readonly execs: number;
}

/** What a command of each kind costs by hand, mean, s. */
interface HandCosts {
  readonly run: number;
  readonly ping: number;
  readonly remove: number;
}

const image = 'alpine:latest';
const networkName = 'bench_net';
const pings = 3;
/** By hand, larger ones take many minutes (24 hosts: 552 pings of 2 s and more). */
const largestByHand = 6;

/**
 * Measures the matrix of the lab's first hosts, for each number of hosts, in rising order. Leaves them without swarm
 * and containers.
 */
export async function measureMatrices(lab: Lab, counts: readonly number[]): Promise<Record<string, MatrixFigures>> {
  const figures: Record<string, MatrixFigures> = {};
  let costs: HandCosts | undefined;
  for (const count of counts) {
    const hosts = lab.hosts.slice(0, count);
    await formByHand(hosts);
    try {
      const measured = count <= largestByHand;
      if (measured) costs = await measureByHand(hosts);
      if (!costs) throw new Error('The smallest matrix is to be measured by hand.');
      figures[count] = {
        handSeconds: count * costs.run + count * (count - 1) * costs.ping + count * costs.remove,
        handIs: measured ? 'measured' : 'computed',
        ...(await measureByProgram(hosts)),
      };
    } finally {
      await lab.resetSwarms();
    }
  }
  return figures;
}

async function measureByProgram(hosts: readonly LabHost[]) {
  const networkId = await docker(hosts[0] as LabHost, 'network', 'inspect', '--format', '{{.Id}}', networkName);
  const sockets = hosts.map((host) => host.socketPath);
  // The second run counts: the first one of each pays for connections and caches that a day's work has.
  await settle();
  await measureFloor(sockets, networkId, image, pings);
  await settle();
  const floorSeconds = await measureFloor(sockets, networkId, image, pings);
  return { floorSeconds, ...(await measureOurs(hosts)) };
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
async function measureByHand(hosts: readonly LabHost[]): Promise<HandCosts> {
  const run = await meanSeconds(hosts.length, (index) =>
    docker(at(hosts, index), 'run', '-dit', '--name', `alpine${index + 1}`, '--network', networkName, image, 'sh'),
  );
  const pairs = hosts.flatMap((_, from) => hosts.flatMap((__, to) => (to === from ? [] : [{ from, to }])));
  const ping = await meanSeconds(pairs.length, (index) => {
    const { from, to } = at(pairs, index);
    return docker(at(hosts, from), 'exec', `alpine${from + 1}`, 'ping', '-c', `${pings}`, `alpine${to + 1}`);
  });
  const remove = await meanSeconds(hosts.length, (index) => docker(at(hosts, index), 'rm', '-f', `alpine${index + 1}`));
  return { run, ping, remove };
}

async function meanSeconds(times: number, work: (index: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  for (let index = 0; index < times; index += 1) await work(index);
  return (performance.now() - started) / 1000 / times;
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`There is no number ${index}.`);
  return found;
}

/** The product's own way: SSH connections as the extension opens them, then the verification twice, the second counts. */
async function measureOurs(hosts: readonly LabHost[]): Promise<{ oursSeconds: number; execs: number }> {
  const connector = benchConnector();
  const configs = sshConfigs(hosts);
  const opened: Disposable[] = [connector];
  const engines: { host: string; engine: Engine }[] = [];
  let execs = 0;
  try {
    for (const config of configs) {
      const transport = await connector.connect(config, {});
      const engine = createEngine(transport, { host: config.name, logger: silentLogger });
      opened.push(engine, transport);
      engines.push({ host: config.name, engine: countingExecs(engine, () => (execs += 1)) });
    }
    const network = (await engines[0]?.engine.networks.list())?.find((one) => one.name === networkName) as Network;
    let oursSeconds = 0;
    for (let run = 0; run < 2; run += 1) {
      await settle();
      execs = 0;
      const started = performance.now();
      const report = await runVerification(
        { clusterId: 'bench', network, hosts: engines, pings, image, owner: 'bench' },
        { onEvent: () => undefined, logger: silentLogger },
      );
      oursSeconds = (performance.now() - started) / 1000;
      const { reachable, pairs } = report.summary;
      if (reachable !== pairs)
        throw new Error(`Only ${reachable} of ${pairs} pairs were reachable; the time means nothing.`);
    }
    return { oursSeconds, execs };
  } finally {
    for (const one of opened) one.dispose();
  }
}

/** The same engine, telling of each command that is run in a container. */
function countingExecs(engine: Engine, onExec: () => void): Engine {
  const { containers } = engine;
  const exec: typeof containers.exec = (...args) => {
    onExec();
    return containers.exec(...args);
  };
  return new Proxy(engine, {
    get: (target, key): unknown => (key === 'containers' ? { ...containers, exec } : Reflect.get(target, key)),
  });
}
