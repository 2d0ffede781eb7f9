import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import type { HostReading } from '../../../src/model/host/hostReading';
import type { PairResult } from '../../../src/model/report/matrix';
import { diagnose } from '../../../src/diagnosis/diagnose';
import { measureSource } from '../../../src/verify/matrix/measure';
import { PairResults } from '../../../src/verify/matrix/pairResults';
import type { ReadyProbe } from '../../../src/probe/probe';
import { answered, dead, deadAndUnknown, factsOf, matrixOf, notTried, silent } from './samples';

const at =
  (host: string, change: Partial<PairResult>) =>
  (from: string, to: string): Partial<PairResult> | undefined =>
    from === host || to === host ? change : undefined;

const reading = (host: string, addresses: readonly string[], more: Partial<HostReading> = {}): HostReading => ({
  host,
  kernel: '6.1.0',
  features: {},
  links: [
    { name: 'lo', mtu: 65_536, up: true, addresses: ['127.0.0.1/8', '::1/128'] },
    { name: 'docker_gwbridge', mtu: 1500, up: true, addresses: ['172.18.0.1/16'] },
    { name: 'ens3', mtu: 1500, up: true, addresses },
  ],
  routes: [],
  takenAt: 0,
  ...more,
});

describe('an engine that falls silent during the verification', () => {
  const silentEngines = [{ host: 'node2', happened: 'The connection to node2 was lost.' }];
  const unfinished = (from: string): Partial<PairResult> | undefined =>
    from === 'node2' ? { address: notTried, name: { outcome: 'notTried' }, byName: notTried, problem: 'x' } : undefined;

  it('explains what has no result, also while its container goes on', () => {
    const [finding, ...others] = diagnose(matrixOf(3, unfinished), factsOf(3, { silentEngines }));
    expect(finding).toMatchObject({
      rule: 'engine-not-answering',
      title: 'node2: Docker fell silent during the verification',
    });
    expect(finding?.pairs).toEqual([
      { from: 'node2', to: 'node1' },
      { from: 'node2', to: 'node3' },
    ]);
    expect(finding?.evidence.join()).toContain('was lost');
    expect(others).toEqual([]);
  });

  it('explains what is dead because the container went with it', () => {
    const findings = diagnose(matrixOf(3, at('node2', dead)), factsOf(3, { silentEngines }));
    expect(findings.map(({ rule }) => rule)).toEqual(['engine-not-answering']);
  });

  it('is nothing when all pairs are as they should be', () => {
    expect(diagnose(matrixOf(3), factsOf(3, { silentEngines }))).toEqual([]);
  });

  it('is told once when it had no test container in the first place', () => {
    const problem = { reason: 'linkLost', title: 'Lost', happened: 'It was lost.', remedy: 'Look.' };
    const findings = diagnose(
      matrixOf(3, at('node2', { address: notTried, problem: 'x' }), { node2: problem }),
      factsOf(3, { silentEngines }),
    );
    expect(findings.map(({ title }) => title)).toEqual(['node2: Docker does not answer']);
  });
});

describe('a node that is drained', () => {
  const id = 'abcdefghij1234567890abcde';
  const problem = { reason: 'probeAttachTimeout', title: 'Late', happened: 'It came too late.', remedy: 'Look.' };
  const untried = at('node2', { address: notTried, name: { outcome: 'notTried' }, byName: notTried, problem: 'x' });
  const findingsWith = (availability: 'active' | 'pause' | 'drain') => {
    const matrix = matrixOf(3, untried, { node2: problem });
    const facts = factsOf(3, { managers: ['node1'] });
    return diagnose(
      { ...matrix, hosts: matrix.hosts.map((row) => (row.host === 'node2' ? { ...row, nodeId: id } : row)) },
      { ...facts, hosts: facts.hosts.map((host) => (host.host === 'node2' ? { ...host, availability } : host)) },
    );
  };

  it('is why no container can join a network there', () => {
    const findings = findingsWith('drain');
    expect(findings.map(({ rule }) => rule)).toEqual(['node-not-active']);
    expect(findings[0]?.title).toContain('node2: the node is drained');
    expect(findings[0]?.remedy.commands).toEqual([
      { host: 'node1', label: 'make it active', command: `docker node update --availability active ${id}` },
    ]);
  });

  it('may be paused as well, and is nothing when active', () => {
    expect(findingsWith('pause')[0]?.title).toContain('paused');
    expect(findingsWith('active').map(({ rule }) => rule)).toEqual(['host-missing']);
  });
});

describe('a network with too few addresses', () => {
  const problem = { reason: 'probeAttachTimeout', title: 'Late', happened: 'It came too late.', remedy: 'Look.' };
  const untried = at('node2', { address: notTried, name: { outcome: 'notTried' }, byName: notTried, problem: 'x' });
  const rulesWith = (subnet: string, endpoints = 0) =>
    diagnose(
      matrixOf(3, untried, { node2: problem }),
      factsOf(3, {
        subnets: [subnet],
        endpoints: Array.from({ length: endpoints }, (_, index) => ({
          host: 'node1',
          name: `c${index}`,
          addresses: [],
        })),
      }),
    ).map(({ rule }) => rule);

  it('is told from other reasons to get no place in it', () => {
    expect(rulesWith('10.0.1.0/29')).toEqual(['too-few-addresses']);
    expect(rulesWith('10.0.1.0/28')).toEqual(['host-missing']);
    expect(rulesWith('10.0.1.0/28', 8)).toEqual(['too-few-addresses']);
  });

  it('is nothing while every host has got one', () => {
    expect(diagnose(matrixOf(3), factsOf(3, { subnets: ['10.0.1.0/29'] }))).toEqual([]);
  });
});

describe('an advertised address that no interface has', () => {
  const factsWith = (address: string, addresses: readonly string[], ports: 'open' | 'noAnswer' = 'noAnswer') => {
    const facts = factsOf(3, {
      managers: ['node1'],
      readings: [reading('node2', addresses)],
      ports: [{ from: 'node1', to: 'node2', traffic: { protocol: 'udp', port: 7946 }, outcome: ports }],
    });
    return { ...facts, hosts: facts.hosts.map((host) => (host.host === 'node2' ? { ...host, address } : host)) };
  };
  const commandsOf = (facts: ReturnType<typeof factsWith>) =>
    diagnose(matrixOf(3, at('node2', deadAndUnknown)), facts)[0]?.remedy.commands.map(({ command }) => command);

  it('is changed by joining again with one that it has', () => {
    const facts = factsWith('192.168.0.77', ['192.168.0.2/24', 'fe80::1/64']);
    const [finding, ...others] = diagnose(matrixOf(3, at('node2', deadAndUnknown)), facts);
    expect(finding?.rule).toBe('advertise-address');
    expect(finding?.evidence[0]).toBe('node2 advertises 192.168.0.77; its interfaces have 192.168.0.2.');
    expect(others).toEqual([]);
    expect(commandsOf(facts)).toEqual([
      'docker swarm leave',
      'docker swarm join-token -q worker',
      'docker swarm join --advertise-addr 192.168.0.2 --token TOKEN 192.168.0.1:2377',
    ]);
  });

  it('is no fault where what is sent there arrives: somebody translates it', () => {
    const findings = diagnose(matrixOf(3, at('node2', dead)), factsWith('203.0.113.9', ['192.168.0.2/24'], 'open'));
    expect(findings.map(({ rule }) => rule)).toEqual(['data-path-blocked']);
  });
});

describe('single hosts in titles', () => {
  it('IPv6 that is dead at one host', () => {
    const [finding] = diagnose(matrixOf(3, at('node2', { ipv6: silent })), factsOf(3));
    expect(finding?.title).toBe('node2: IPv6 in the network does not get through');
    expect(new Set(finding?.remedy.commands.map(({ host }) => host))).toEqual(new Set(['node2']));
  });

  it('TCP that is dead at one host', () => {
    const stalled = {
      fullSize: { outcome: 'passed', mtu: 1450 },
      tcp: { outcome: 'silent', sent: 0, received: 0 },
    } as const;
    const [finding] = diagnose(matrixOf(3, at('node2', stalled)), factsOf(3));
    expect(finding?.title).toBe('node2: pings pass, TCP does not');
  });

  it('nodes that earlier memberships left behind', () => {
    const ghosts = ['node2', 'node2'].map((hostname) => ({ nodeId: 'abcdefghij1234567890abcde', hostname }));
    const [finding] = diagnose(matrixOf(3), factsOf(3, { ghosts }));
    expect(finding?.title).toBe('The swarm still lists 2 nodes of an earlier membership of node2');
  });
});

describe('remedies', () => {
  it('take no namesake out of its network', () => {
    const endpoints = ['node1', 'node2', 'node3'].map((host) => ({ host, name: 'web', addresses: ['10.0.1.9'] }));
    const [finding] = diagnose(matrixOf(3), factsOf(3, { endpoints, networkId: 'net1' }));
    expect(finding?.remedy.commands.map(({ command }) => command)).toEqual([
      "docker inspect --format '{{json .Config.Labels}}' web",
      "docker inspect --format '{{json .Config.Labels}}' web",
      "docker inspect --format '{{json .Config.Labels}}' web",
    ]);
    expect(finding).toMatchObject({ rule: 'duplicate-name', confidence: 'possible' });
  });
});

describe('kernels without ESP', () => {
  it('are also known by reading the hosts', () => {
    const readings = ['node1', 'node2', 'node3'].map((host) =>
      reading(host, [`192.168.0.${host.slice(-1)}/24`], { features: { esp: host !== 'node2' } }),
    );
    const findings = diagnose(matrixOf(3, at('node2', dead)), factsOf(3, { encrypted: true, readings }));
    expect(findings.map(({ rule, title }) => [rule, title])).toEqual([
      ['kernel-without-esp', 'node2: the kernel cannot encrypt (no ESP)'],
    ]);
  });
});

describe('hosts whose containers got the same IPv6 address', () => {
  const doubled = (ipv6: (host: string) => string) => {
    const matrix = matrixOf(3, () => ({ ipv6: answered }));
    return { ...matrix, hosts: matrix.hosts.map((row) => ({ ...row, ipv6: ipv6(row.host) })) };
  };

  it('are told, with the pairs between them', () => {
    const [finding, ...others] = diagnose(
      doubled((host) => (host === 'node3' ? 'fd00::4' : 'fd00::3')),
      factsOf(3),
    );
    expect(finding?.title).toBe('node1 and node2: containers got the same IPv6 address');
    expect(finding?.pairs).toHaveLength(2);
    expect(others).toEqual([]);
    expect(
      diagnose(
        doubled((host) => `fd00::${host.slice(-1)}`),
        factsOf(3),
      ),
    ).toEqual([]);
  });
});

describe('an IPv6 address that the source has as well', () => {
  it('is not pinged, and counts as no answer', async () => {
    const scripts: string[] = [];
    const probe = (host: string, ipv4: string, ipv6: string): ReadyProbe => ({
      host,
      containerId: host,
      containerName: `probe-${host}`,
      address: { ipv4, ipv6 },
      engine: {
        containers: {
          exec: async (_id: string, { command }: { command: readonly string[] }) => {
            scripts.push(command.join(' '));
            return 0;
          },
        },
      } as unknown as ReadyProbe['engine'],
    });
    const book = new PairResults(['node1', 'node2', 'node3'], () => undefined);
    const targets = [probe('node2', '10.0.1.3', 'fd00::3'), probe('node3', '10.0.1.4', 'fd00::4')];
    await measureSource(probe('node1', '10.0.1.2', 'fd00::3'), targets, {
      pings: 3,
      encrypted: false,
      signal: new AbortController().signal,
      logger: silentLogger,
      results: book,
      onExec: () => undefined,
      onEsp: () => undefined,
      onUnresponsive: () => undefined,
    });
    expect(scripts.join()).not.toContain('fd00::3');
    expect(scripts.join()).toContain('fd00::4');
    const outcomes = book.all().filter(({ from }) => from === 'node1');
    expect(outcomes.map(({ to, ipv6 }) => [to, ipv6?.outcome])).toEqual([
      ['node2', 'error'],
      ['node3', 'notTried'],
    ]);
  });
});

describe('a subnet in use elsewhere', () => {
  it('says when it is a bridge network of Docker', () => {
    const readings = [
      reading('node2', ['192.168.0.2/24'], { routes: [{ destination: '10.0.1.0/25', link: 'br-0123456789ab' }] }),
    ];
    const [finding] = diagnose(matrixOf(3), factsOf(3, { subnets: ['10.0.1.0/24'], readings }));
    expect(finding?.evidence).toEqual([
      'node2 has a route 10.0.1.0/25 on br-0123456789ab, a bridge network of Docker, which overlaps the network’s 10.0.1.0/24.',
    ]);
  });
});
