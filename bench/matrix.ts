import { silentLogger } from '../src/base/logger';
import { delay } from '../src/base/time';
import type { Engine } from '../src/engine/api';
import type { Network } from '../src/model/engine/records';
import { runVerification } from '../src/verify/matrix/runVerification';
import type { Lab, LabHost } from '../test/lab/lab';
import { measureFloor } from './floor';
import { withEngines } from './links';

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
  /** Runs that did not count and were done again, because a pair did not answer. */
  readonly repeated: { readonly ours: number; readonly floor: number };
}

/** What a command of each kind costs by hand, mean, s. */
interface HandCosts {
  readonly run: number;
  readonly ping: number;
  readonly remove: number;
}

const image = 'alpine:latest';
/** The network that is formed for each size. */
export const networkName = 'bench_net';
const pings = 3;
/** Runs of each kind that count. */
const countedTurns = 3;
const mostRepeats = 8;
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
    try {
      const measured = count <= largestByHand;
      if (measured) costs = await byHand(lab, hosts);
      else await formByHand(hosts);
      if (!costs) throw new Error('The smallest matrix is to be measured by hand.');
      figures[count] = {
        handSeconds: count * costs.run + count * (count - 1) * costs.ping + count * costs.remove,
        handIs: measured ? 'measured' : 'computed',
        ...(await measureByProgram(hosts)),
      };
      console.log(`matrix of ${count} hosts: ${JSON.stringify(figures[count])}`);
    } finally {
      await lab.resetSwarms();
    }
  }
  return figures;
}

/** In a swarm just formed; Docker 20.10 now and then does not attach a container there in its 20 s: then in another one. */
async function byHand(lab: Lab, hosts: readonly LabHost[]): Promise<HandCosts> {
  for (let attempt = 1; ; attempt += 1) {
    await formByHand(hosts);
    try {
      return await measureByHand(hosts);
    } catch (error) {
      if (attempt === 3 || !String(error).includes('attaching to network failed')) throw error;
      await lab.resetSwarms();
    }
  }
}

/** Ours and the floor in turns, because the machine is not the same from minute to minute; medians. */
async function measureByProgram(hosts: readonly LabHost[]) {
  const networkId = await docker(hosts[0] as LabHost, 'network', 'inspect', '--format', '{{.Id}}', networkName);
  const sockets = hosts.map((host) => host.socketPath);
  return withOurs(hosts, async (ours) => {
    const floor = () => measureFloor(sockets, networkId, image, pings);
    // The first run of each is not counted: it pays for connections and caches that a day's work has.
    await untilValid('The floor', floor);
    await untilValid('The verification', ours);
    const turns: { floor: Valid<number>; ours: Valid<OurRun> }[] = [];
    for (let turn = 0; turn < countedTurns; turn += 1) {
      turns.push({ floor: await untilValid('The floor', floor), ours: await untilValid('The verification', ours) });
    }
    const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
    return {
      floorSeconds: median(turns.map((turn) => turn.floor.value)),
      oursSeconds: median(turns.map((turn) => turn.ours.value.seconds)),
      execs: median(turns.map((turn) => turn.ours.value.execs)),
      repeated: {
        floor: sum(turns.map((turn) => turn.floor.repeated)),
        ours: sum(turns.map((turn) => turn.ours.repeated)),
      },
    };
  });
}

interface Valid<T> {
  readonly value: T;
  readonly repeated: number;
}

/** Runs until a run reached every pair; a network just out of use loses a pair now and then, whoever asks. */
async function untilValid<T>(what: string, run: () => Promise<T | undefined>): Promise<Valid<T>> {
  for (let repeated = 0; repeated < mostRepeats; repeated += 1) {
    await settle();
    const value = await run();
    if (value !== undefined) return { value, repeated };
  }
  throw new Error(`${what} did not reach every pair in ${mostRepeats} runs one after the other.`);
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return at(sorted, Math.floor(sorted.length / 2));
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

/** A swarm of these hosts, and in it the network, by the docker CLI. */
export async function formByHand(hosts: readonly LabHost[]): Promise<void> {
  const [first, ...others] = hosts as [LabHost, ...LabHost[]];
  await docker(first, 'swarm', 'init', '--advertise-addr', first.address);
  const token = await docker(first, 'swarm', 'join-token', '-q', 'worker');
  for (const host of others) await docker(host, 'swarm', 'join', '--token', token, `${first.address}:2377`);
  // A host that has joined is not at once one that can attach containers.
  const states = () => docker(first, 'node', 'ls', '--format', '{{.Status}}');
  while ((await states()).split('\n').some((state) => state !== 'Ready')) await delay(200);
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

/** Mean time of a command. One that fails is typed again after a moment, and only the one that works counts. */
async function meanSeconds(times: number, work: (index: number) => Promise<unknown>): Promise<number> {
  let total = 0;
  for (let index = 0; index < times; index += 1) total += await secondsOf(() => work(index));
  return total / times;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const started = performance.now();
    try {
      await work();
      return (performance.now() - started) / 1000;
    } catch (error) {
      // Names travel by gossip: right after a container's start they may not be known everywhere.
      if (attempt === 5 || !String(error).includes('bad address')) throw error;
      await delay(1_000);
    }
  }
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`There is no number ${index}.`);
  return found;
}

interface OurRun {
  readonly seconds: number;
  readonly execs: number;
}

/** The product's own way, over SSH connections as the extension opens them; each call of `ours` is one verification. */
function withOurs<T>(
  hosts: readonly LabHost[],
  use: (ours: () => Promise<OurRun | undefined>) => Promise<T>,
): Promise<T> {
  return withEngines(hosts, async (opened) => {
    let execs = 0;
    const engines = opened.map(({ host, engine }) => ({ host, engine: countingExecs(engine, () => (execs += 1)) }));
    const network = (await engines[0]?.engine.networks.list())?.find((one) => one.name === networkName) as Network;
    return use(async () => {
      execs = 0;
      const started = performance.now();
      const report = await runVerification(
        { clusterId: 'bench', network, hosts: engines, pings, image, owner: 'bench' },
        { onEvent: () => undefined, logger: silentLogger },
      );
      const seconds = (performance.now() - started) / 1000;
      const { reachable, pairs } = report.summary;
      return reachable === pairs ? { seconds, execs } : undefined;
    });
  });
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
