import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NetworkCreateRequest } from '../../src/engine/api';
import type { Network } from '../../src/model/engine/records';
import { planCreateNetwork, planForm } from '../../src/swarm/plans';
import { overlayRequest } from '../unit/engine/networkRequest';
import { advertise, SwarmKit } from '../integration/support/swarmKit';
import { probesLeft, verdicts, verify, type TestHost } from '../integration/verifySupport';
import { Lab } from '../lab/lab';
import { ingressReady, useEverywhere } from './attachments';
import { capture } from './wire';

// Inside a lab whose hosts have a kernel with IPsec: npm run lab -- run --kernel esp --hosts 3 -- npx vitest ...

const names = ['host1', 'host2', 'host3'] as const;
const allPairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to })));
const pairsWhere = (isDead: (from: string, to: string) => boolean): string[] =>
  allPairs.map(({ from, to }) => `${from}>${to}: ${isDead(from, to) ? 'dead' : 'reachable'}`).sort();

describe('encrypted networks over three real engines on a kernel with IPsec', () => {
  let lab: Lab;
  let kit: SwarmKit;
  let swarm: { hosts: TestHost[] };

  const engineOf = (host: string) => kit.fleet.engine(host);

  beforeAll(async () => {
    lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
    await lab.resetSwarms();
    kit = new SwarmKit(lab);
    await kit.connectAll();
    await kit.run(planForm(kit.topology, engineOf, { hosts: names, managers: ['host1'], advertise: advertise(lab) }));
    await kit.until(
      'the swarm',
      ({ clusters: [cluster] }) => cluster?.nodes.length === 3 && cluster.hosts.length === 3,
    );
    await ingressReady(lab);
    swarm = { hosts: lab.hosts.map((one) => ({ host: one.name, engine: engineOf(one.name), lab: one })) };
  });

  afterEach(() => lab.clearFaults());

  afterAll(async () => {
    kit.dispose();
    await lab.resetSwarms();
  });

  const create = async (name: string, more: Partial<NetworkCreateRequest>): Promise<Network> => {
    const request = overlayRequest(name, more);
    await kit.run(planCreateNetwork(kit.topology, engineOf, { clusterId: kit.cluster().id, request }));
    const { network } = await kit.until(name, ({ clusters: [cluster] }) =>
      cluster?.networks.find((one) => one.network.name === name),
    );
    return network;
  };

  it('carries everything between the hosts as ESP, and is green; with ESP dropped at a host exactly its pairs are dead', async () => {
    const network = await create('secret_net', { encrypted: true });
    expect(network.encrypted).toBe(true);
    const removeUsers = await useEverywhere(lab, network.name);

    const wire = await capture(lab.switch);
    const healthy = await verify(swarm, network);
    const seen = await wire.stop();
    expect(healthy.outcome).toBe('finished');
    expect(verdicts(healthy)).toEqual(pairsWhere(() => false));
    expect(healthy.findings).toEqual([]);
    for (const { from, to } of allPairs) {
      const counted = seen.get(`${lab.host(from).address}>${lab.host(to).address}`);
      // Three requests by address and one by name, and as many answers to those of the other direction.
      expect(counted?.esp, `${from} to ${to}`).toBeGreaterThanOrEqual(8);
      expect(counted?.plain, `${from} to ${to}`).toBe(0);
    }

    const block = { protocol: 'esp', direction: 'in' } as const;
    await lab.host('host2').fault.block(block);
    const blocked = await verify(swarm, network);
    expect(verdicts(blocked)).toEqual(pairsWhere((...pair) => pair.includes('host2')));
    // Gossip does not travel as ESP.
    for (const pair of blocked.pairs) expect(pair.name.right).toBe(true);
    expect(blocked.findings.map((finding) => finding.rule)).toEqual(['encrypted-data-path']);
    const [finding] = blocked.findings;
    expect(finding?.title).toContain('host2');
    expect(finding?.evidence.join('\n')).toContain('IP protocol 50 (ESP)');
    expect(finding?.pairs.map(({ from, to }) => `${from}>${to}`).sort()).toEqual([
      'host1>host2',
      'host2>host1',
      'host2>host3',
      'host3>host2',
    ]);
    const commands = finding?.remedy.commands ?? [];
    expect(new Set(commands.map((one) => one.host))).toEqual(new Set(['host2']));

    await lab.host('host2').fault.unblock(block);
    const again = await verify(swarm, network);
    expect(verdicts(again)).toEqual(pairsWhere(() => false));
    expect(again.findings).toEqual([]);
    expect(await probesLeft(swarm)).toEqual([]);
    await removeUsers();
  }, 480_000);

  it.each([
    { name: 'small_net', encrypted: false, mtu: '1350' },
    { name: 'small_secret_net', encrypted: true, mtu: '1324' },
  ])(
    'gives containers of $name what 1400 bytes of the hosts’ network leave: $mtu',
    async ({ name, encrypted, mtu }) => {
      await create(name, { encrypted, options: { 'com.docker.network.driver.mtu': '1400' } });
      const host = lab.host('host1');
      await host.runInNetwork(`in-${name}`, name);
      // The first interface: the second one is the container's way out of the host.
      expect((await host.execOk(['docker', 'exec', `in-${name}`, 'cat', '/sys/class/net/eth0/mtu'])).trim()).toBe(mtu);
      await host.execOk(['docker', 'rm', '-f', `in-${name}`]);
    },
  );
});
