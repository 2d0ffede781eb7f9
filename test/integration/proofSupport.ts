import { silentLogger } from '../../src/base/logger';
import { labels, type Network } from '../../src/model/engine/records';
import type { ProofReport } from '../../src/model/report/proof';
import type { TwinReport } from '../../src/model/report/twin';
import type { ProofEvent, ProofRequest } from '../../src/verify/proof/proof';
import { proveEncryption } from '../../src/verify/proof/proveEncryption';
import { runTwin } from '../../src/verify/twin/runTwin';
import type { TwinEvent, TwinRequest } from '../../src/verify/twin/twin';
import { helperImage, helperImageArchive, loadHelperImage, removeHelperImage } from '../lab/image';
import type { TestHost, TestSwarm } from './verifySupport';

/** Proves a network over all hosts of a swarm. */
export function prove(
  swarm: TestSwarm,
  network: Network,
  more: Partial<ProofRequest> & { signal?: AbortSignal; onEvent?: (event: ProofEvent) => void } = {},
): Promise<ProofReport> {
  const { signal, onEvent = () => undefined, ...rest } = more;
  return proveEncryption(
    { ...requestOf(swarm, network), ...rest },
    { ...(signal && { signal }), onEvent, logger: silentLogger },
  );
}

/** What a proof of a network over all hosts of a swarm needs. */
function requestOf(swarm: TestSwarm, network: Network): ProofRequest {
  return {
    clusterId: 'test',
    network,
    hosts: swarm.hosts,
    pings: 3,
    image: 'alpine:latest',
    helperImage,
    owner: 'test-window',
    facts: {
      dataPathPort: 4789,
      encrypted: network.encrypted,
      hosts: swarm.hosts.map((one) => ({ host: one.host, address: one.lab.address })),
    },
  };
}

/** A twin test over all hosts of a swarm; its first host is a manager. */
export function twin(
  swarm: TestSwarm,
  more: Partial<TwinRequest> & { signal?: AbortSignal; onEvent?: (event: TwinEvent) => void } = {},
): Promise<TwinReport> {
  const { signal, onEvent = () => undefined, ...rest } = more;
  const [manager] = swarm.hosts as [TestHost, ...TestHost[]];
  const request: TwinRequest = {
    clusterId: 'test',
    manager,
    hosts: swarm.hosts,
    pings: 3,
    image: 'alpine:latest',
    owner: 'test-window',
    subnets: ['198.18.1.0/24', '198.18.2.0/24'],
    facts: {
      dataPathPort: 4789,
      encrypted: false,
      hosts: swarm.hosts.map((one) => ({ host: one.host, address: one.lab.address })),
    },
    ...rest,
  };
  return runTwin(request, { ...(signal && { signal }), onEvent, logger: silentLogger });
}

/** Names of networks of twin tests. */
export async function twinsLeft(swarm: TestSwarm): Promise<string[]> {
  const networks = await Promise.all(swarm.hosts.map((one) => one.engine.networks.list()));
  return networks.flat().flatMap((one) => (labels.run in one.labels ? [one.name] : []));
}

/** Gives all hosts the helpers' image. */
export async function giveHelperImage(swarm: TestSwarm): Promise<void> {
  const archive = await helperImageArchive();
  await Promise.all(swarm.hosts.map((one) => loadHelperImage(one.lab.socketPath, archive)));
}

export async function takeHelperImage(swarm: TestSwarm): Promise<void> {
  await Promise.all(swarm.hosts.map((one) => removeHelperImage(one.lab.socketPath)));
}

/** `host1>host2: encrypted` a line, sorted. */
export function proofVerdicts(report: ProofReport): string[] {
  return report.pairs.map((pair) => `${pair.from}>${pair.to}: ${pair.verdict}`).sort();
}

/** The six ordered pairs of three hosts, each with this word. */
export function sixPairs(word: string): string[] {
  const hosts = ['host1', 'host2', 'host3'];
  return hosts.flatMap((from) => hosts.filter((to) => to !== from).map((to) => `${from}>${to}: ${word}`));
}
