import { afterAll, afterEach, beforeAll, beforeEach, describe as suite, expect, it } from 'vitest';
import { silentLogger } from '../../src/base/logger';
import type { NetworkCreateRequest } from '../../src/engine/api';
import { labels } from '../../src/model/engine/records';
import { checkNetwork } from '../../src/swarm/networks/preflight';
import { planCreateNetwork, planForm } from '../../src/swarm/plans';
import { newRunId } from '../../src/probe/names';
import { readHost } from '../../src/verify/facts/readHost';
import { Lab } from '../lab/lab';
import { overlayRequest } from '../unit/engine/networkRequest';
import { advertise, docker, SwarmKit } from './support/swarmKit';

suite('creating networks (integration)', () => {
  let lab: Lab;
  let kit: SwarmKit;
  const [one, two] = ['host1', 'host2'] as const;
  const engineOf = (host: string) => kit.fleet.engine(host);

  beforeAll(async () => {
    lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  });

  beforeEach(async () => {
    await lab.resetSwarms();
    kit = new SwarmKit(lab);
    await kit.connectAll();
    const hosts = lab.hosts.map(({ name }) => name);
    await kit.run(planForm(kit.topology, engineOf, { hosts, managers: [one], advertise: advertise(lab) }));
    await kit.until('the swarm', ({ clusters: [cluster] }) => cluster?.nodes.length === hosts.length);
  });

  afterEach(async () => {
    kit.dispose();
    await kit.endProxies();
  });
  afterAll(() => lab.resetSwarms());

  const planOf = (request: NetworkCreateRequest, engines = engineOf) =>
    planCreateNetwork(kit.topology, engines, { clusterId: kit.cluster().id, request });
  /** The engine's own answer. */
  const inspect = async (name: string) => {
    const [raw] = JSON.parse(await docker(lab.host(one), 'network', 'inspect', name)) as Record<string, unknown>[];
    return raw ?? {};
  };
  const task = () => ({
    runId: newRunId(),
    owner: 'test-window',
    image: 'alpine:latest',
    signal: new AbortController().signal,
    logger: silentLogger,
  });
  const read = async (host: string) => [host, await readHost({ host, engine: engineOf(host) }, task())] as const;

  it('leaves "encrypted" out when it is off, and the MTU reaches the containers', async () => {
    const options = { 'com.docker.network.driver.mtu': '1400', encrypted: 'false' };
    const plan = planOf(overlayRequest('plain_net', { options, labels: { team: 'blue' } }));
    expect(plan.effects.join(' ')).toContain('MTU 1350 in containers');
    expect(await kit.run(plan)).toEqual(['done']);
    const raw = await inspect('plain_net');
    expect(raw['Options']).not.toHaveProperty('encrypted');
    expect(raw['Options']).toMatchObject({ 'com.docker.network.driver.mtu': '1400' });
    expect(raw['Labels']).toEqual({ team: 'blue' });
    const show = ['run', '--rm', '--network', 'plain_net', 'alpine:latest', 'cat', '/sys/class/net/eth0/mtu'];
    expect(await docker(lab.host(one), ...show)).toBe('1350');
  });

  it('takes several subnets with gateway and range, and IPv6', async () => {
    const subnets = [
      { subnet: '10.60.0.0/24', gateway: '10.60.0.254' },
      { subnet: '10.61.0.0/24', gateway: '10.61.0.9', ipRange: '10.61.0.128/25' },
    ];
    await kit.run(planOf(overlayRequest('many_net', { subnets })));
    const { Config: config } = (await inspect('many_net'))['IPAM'] as { Config: object[] };
    expect(config).toHaveLength(2);
    expect(config).toEqual(
      expect.arrayContaining([
        { Subnet: '10.60.0.0/24', Gateway: '10.60.0.254' },
        { Subnet: '10.61.0.0/24', Gateway: '10.61.0.9', IPRange: '10.61.0.128/25' },
      ]),
    );
    expect(() => planOf(overlayRequest('six_net', { ipv6: true }))).toThrow(/a subnet|ipv6SubnetNeeded/);
    const both = [{ subnet: '10.62.0.0/24' }, { subnet: 'fd00:62::/64' }];
    await kit.run(planOf(overlayRequest('six_net', { ipv6: true, subnets: both })));
    const show = ['run', '--rm', '--network', 'six_net', 'alpine:latest', 'ip', 'addr', 'show', 'dev', 'eth0'];
    expect(await docker(lab.host(one), ...show)).toMatch(/inet6 fd00:62::/);
  });

  it('replaces the routing mesh, but not while services publish ports', async () => {
    const meshes = () => kit.cluster().networks.flatMap(({ network }) => (network.ingress ? [network.name] : []));
    await kit.until('the routing mesh', () => meshes().includes('ingress'));
    const manager = lab.host(one);
    await docker(manager, 'service', 'create', '-d', '--name', 'web', '-p', '8080:80', 'alpine:latest', 'sleep', '600');
    const options = { 'com.docker.network.driver.mtu': '1400' };
    const request = overlayRequest('my_mesh', { ingress: true, attachable: false, encrypted: true, options });
    const { error } = await kit.runFailing(planOf(request));
    expect(error.message).toContain('a service publishes ports');
    expect((await inspect('ingress'))['Ingress']).toBe(true);
    await docker(manager, 'service', 'rm', 'web');
    const plan = planOf(request);
    expect(plan.steps.map(({ title }) => title)[0]).toBe('Remove the routing mesh ingress');
    expect(await kit.run(plan)).toEqual(['done', 'done', 'done']);
    const raw = await inspect('my_mesh');
    expect(raw).toMatchObject({ Ingress: true, Options: { encrypted: '', ...options } });
    // As the runner of plans does: the end of the old one is told by no event.
    await kit.fleet.refresh([one]);
    await kit.until('the new mesh', () => meshes().includes('my_mesh'));
  });

  it('makes one network when the answer is lost, and knows it for its own', async () => {
    const proxy = await kit.throughProxy(one);
    const plan = planOf(overlayRequest('lost_net', { labels: { a: 'b' } }));
    proxy.cutNext(/^POST .*\/networks\/create/);
    expect(await kit.run(plan)).toEqual(['done']);
    expect(proxy.cut).toEqual([expect.stringMatching(/networks\/create$/)]);
    expect(await kit.run(plan)).toEqual(['alreadyDone']);
    expect((await docker(lab.host(one), 'network', 'ls', '-q', '-f', 'name=lost_net')).split('\n')).toHaveLength(1);
  });

  it('looks at hosts, leaves nothing behind, and names each one that cannot encrypt', async () => {
    const readings = new Map(await Promise.all(lab.hosts.map(({ name }) => read(name))));
    const first = readings.get(one);
    const { address } = lab.host(one);
    expect(first?.kernel).toBe((await lab.host(one).execOk(['uname', '-r'])).trim());
    expect(first?.links.find(({ name }) => name === 'eth0')).toMatchObject({
      mtu: 1500,
      up: true,
      addresses: expect.arrayContaining([`${address}/24`]),
    });
    expect(first?.routes).toContainEqual({ destination: address.replace(/\d+$/, '0/24'), link: 'eth0' });
    // One clock for all: what differs is the time on the way.
    expect(Math.abs(first?.clockOffsetMs ?? 1e9)).toBeLessThan(5_000);
    for (const host of lab.hosts) {
      expect(await docker(host, 'ps', '-aq', '--filter', `label=${labels.run}`)).toBe('');
    }
    const config = await lab.host(one).execOk(['sh', '-c', 'zcat /proc/config.gz | grep INET_ESP || true']);
    if (!config.includes('# CONFIG_INET_ESP is not set')) return;
    expect([...readings.values()].map(({ features }) => features.esp)).toEqual(lab.hosts.map(() => false));
    const request = overlayRequest('secret_net', { encrypted: true });
    const findings = checkNetwork(kit.topology, kit.cluster().id, request, readings);
    const named = findings.filter(({ text }) => text.includes('has no ESP')).map(({ host }) => host);
    expect(named.sort()).toEqual(lab.hosts.map(({ name }) => name).sort());
  });

  it('sees routes and narrow links of hosts before anything is created', async () => {
    const host = lab.host(two);
    const via = lab.host(one).address;
    await host.execOk(['ip', 'route', 'add', '10.66.0.0/16', 'via', via]);
    await host.execOk(['ip', 'route', 'add', '10.67.0.0/24', 'dev', 'eth0']);
    await host.fault.mtu(1400);
    try {
      const readings = new Map([await read(two)]);
      const findings = (subnet: string) =>
        checkNetwork(kit.topology, kit.cluster().id, overlayRequest('n', { subnets: [{ subnet }] }), readings);
      expect(findings('10.66.5.0/24')).toContainEqual(
        expect.objectContaining({ severity: 'warning', about: 'subnet', host: two }),
      );
      expect(findings('10.67.0.0/25')[0]).toMatchObject({ severity: 'error', host: two });
      expect(findings('10.68.0.0/24').map(({ about, text }) => [about, text.includes('1400')])).toEqual([
        ['mtu', true],
      ]);
    } finally {
      await host.fault.clear();
      await host.execOk(['ip', 'route', 'del', '10.66.0.0/16']);
      await host.execOk(['ip', 'route', 'del', '10.67.0.0/24']);
    }
  });
});
