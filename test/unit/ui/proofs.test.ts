import { beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import type { HostReading } from '../../../src/model/host/hostReading';
import type { Fleet } from '../../../src/swarm/fleet';
import { ActiveRuns } from '../../../src/ui/activeRuns';
import type { HostReadings } from '../../../src/ui/hosts/hostReadings';
import { Proofs } from '../../../src/ui/verification/proof/proofs';
import { proveEncryption } from '../../../src/verify/proof/proveEncryption';
import type { ProofRequest } from '../../../src/verify/proof/proof';
import { runTwin } from '../../../src/verify/twin/runTwin';
import type { TwinRequest } from '../../../src/verify/twin/twin';
import { network, swarmOf } from '../swarm/samples';

vi.mock('vscode', () => ({
  workspace: { getConfiguration: () => ({ inspect: () => undefined }) },
}));
vi.mock('../../../src/verify/proof/proveEncryption', () => ({ proveEncryption: vi.fn() }));
vi.mock('../../../src/verify/twin/runTwin', () => ({ runTwin: vi.fn() }));

const topology = swarmOf(['h1', 'h2', 'h3', 'h4'], ['h1']);
const [cluster] = topology.clusters as [(typeof topology.clusters)[number]];
const item = { clusterId: 'c1', network: network('shop'), places: [] } as never;
const quiet = { signal: new AbortController().signal, onStage: () => undefined };

describe('proofs and comparisons of a window', () => {
  let readings: Map<string, HostReading>;
  let proofs: Proofs;
  let looked: string[];

  beforeEach(() => {
    readings = new Map();
    looked = [];
    const fleet = { topology, engine: () => ({}), commands: () => undefined, refresh: async () => undefined };
    proofs = new Proofs({
      fleet: fleet as unknown as Fleet,
      logger: silentLogger,
      owner: 'me',
      runs: new ActiveRuns(),
      readings: {
        start: (id: string) => looked.push(id),
        settled: async () => void looked.push('settled'),
        get current() {
          return readings;
        },
      } as unknown as HostReadings,
    });
    vi.mocked(proveEncryption).mockReset();
    vi.mocked(runTwin).mockReset();
  });

  test('a second proof between the same hosts is refused, as each would count the packets of the other', async () => {
    let end: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (end = resolve));
    vi.mocked(proveEncryption).mockImplementation(async () => (await running, 'proved') as never);
    const first = proofs.prove(item, ['h1', 'h2', 'h3'], quiet);
    const refusal = { reason: 'proofRunning', params: { name: 'shop' } };
    await expect(proofs.prove(item, undefined, quiet)).rejects.toMatchObject(refusal);
    await expect(proofs.prove(item, ['h2', 'h3'], quiet)).rejects.toMatchObject(refusal);
    // One host in common is no pair.
    const beside = proofs.prove(item, ['h3', 'h4'], quiet);
    end();
    expect(await Promise.all([first, beside])).toEqual(['proved', 'proved']);
    expect(await proofs.prove(item, undefined, quiet)).toBe('proved');
    expect(
      vi.mocked(proveEncryption).mock.calls.map(([request]: [ProofRequest, ...unknown[]]) => request.hosts.length),
    ).toEqual([3, 2, 4]);
  });

  test('a comparison looks at the hosts first, and takes what is free on all of them', async () => {
    const link = { name: 'eth0', mtu: 1500, up: true, addresses: ['172.16.0.9/24'] };
    readings.set('h2', { host: 'h2', kernel: '', features: {}, links: [link], routes: [], takenAt: 0 });
    const like = network('shop', { options: { 'com.docker.network.driver.mtu': '1400' } });
    await proofs.compare({ cluster, like }, undefined, quiet);
    expect(looked).toEqual(['c1', 'settled']);
    const [request] = vi.mocked(runTwin).mock.calls[0] as [TwinRequest, ...unknown[]];
    expect(request).toMatchObject({ subnets: ['172.16.1.0/24', '172.16.2.0/24'], underlayMtu: 1400 });
  });

  test('a second comparison in a swarm is refused, as both would take the same subnets', async () => {
    let end: () => void = () => undefined;
    const running = new Promise<void>((resolve) => (end = resolve));
    vi.mocked(runTwin).mockImplementation(async () => (await running, 'compared') as never);
    const first = proofs.compare({ cluster }, undefined, quiet);
    const refusal = { reason: 'twinRunning', params: { name: cluster.name } };
    await expect(proofs.compare({ cluster }, ['h1', 'h2'], quiet)).rejects.toMatchObject(refusal);
    end();
    expect(await first).toBe('compared');
    expect(await proofs.compare({ cluster }, undefined, quiet)).toBe('compared');
  });

  test('a comparison that would get in the way everywhere is not made', async () => {
    const destinations = ['10.0.0.0/9', '10.128.0.0/9', '172.16.0.0/12', '192.168.0.0/16', '198.18.0.0/15'];
    const routes = destinations.map((destination) => ({ destination, link: 'eth0' }));
    readings.set('h2', { host: 'h2', kernel: '', features: {}, links: [], routes, takenAt: 0 });
    await expect(proofs.compare({ cluster }, undefined, quiet)).rejects.toMatchObject({ reason: 'twinNoSubnet' });
    expect(runTwin).not.toHaveBeenCalled();
  });
});
