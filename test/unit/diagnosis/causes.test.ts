import { describe, expect, it } from 'vitest';
import type { HostReading } from '../../../src/model/host/hostReading';
import type { PairResult, ProbeHost } from '../../../src/model/report/matrix';
import { diagnose } from '../../../src/diagnosis/diagnose';
import type { HostFacts, VerifyFacts } from '../../../src/diagnosis/facts';
import { dead, factsOf, matrixOf, partial, silent, dataPathRule } from './samples';

type Change = (from: string, to: string) => Partial<PairResult> | undefined;

const at =
  (host: string, change: Partial<PairResult>): Change =>
  (from, to) =>
    from === host || to === host ? change : undefined;

const between =
  (a: string, b: string, change: Partial<PairResult>): Change =>
  (from, to) =>
    [from, to].sort().join() === [a, b].sort().join() ? change : undefined;

/** Facts with something more known of some hosts. */
function knowing(count: number, hosts: Readonly<Record<string, Partial<HostFacts>>>, more: Partial<VerifyFacts> = {}) {
  const facts = factsOf(count, more);
  return { ...facts, hosts: facts.hosts.map((host) => ({ ...host, ...hosts[host.host] })) };
}

const reading = (host: string, link: Partial<HostReading['links'][number]> = {}, more: Partial<HostReading> = {}) => ({
  host,
  kernel: '6.1.0',
  features: {},
  links: [{ name: 'eth0', mtu: 1500, up: true, addresses: [`192.168.0.${host.replace(/\D/g, '')}/24`], ...link }],
  routes: [{ destination: '0.0.0.0/0', gateway: '192.168.0.254', link: 'eth0' }],
  takenAt: 0,
  ...more,
});

const rulesOf = (change: Change, facts: VerifyFacts, count = 3, problems: Record<string, ProbeHost['problem']> = {}) =>
  diagnose(matrixOf(count, change, problems), facts).map((finding) => finding.rule);

const nothing: Change = () => undefined;
const blocked = { fullSize: { outcome: 'blocked', mtu: 1450, largest: 1354 } } as const;
const passed = { fullSize: { outcome: 'passed', mtu: 1450 } } as const;
const stalled = { ...passed, tcp: { outcome: 'stalled', sent: 65_536, received: 0 } } as const;

describe('a healthy matrix of a swarm that is known in full', () => {
  it('has no finding', () => {
    const facts = knowing(
      3,
      Object.fromEntries(
        ['node1', 'node2', 'node3'].map((host) => [host, { nodeState: 'ready', engineVersion: '29.1.0' }]),
      ),
      {
        subnets: ['10.0.1.0/24'],
        readings: ['node1', 'node2', 'node3'].map((host) => reading(host)),
        endpoints: [
          { host: 'node1', name: 'web', addresses: ['10.0.1.9'] },
          { host: 'node1', name: 'web2', addresses: ['10.0.1.10'] },
        ],
        ghosts: [],
        probesGone: [],
      },
    );
    const full = { ...passed, tcp: { outcome: 'passed', sent: 65_536, received: 65_536 } } as const;
    expect(
      diagnose(
        matrixOf(3, () => full),
        facts,
      ),
    ).toEqual([]);
    expect(
      diagnose(
        matrixOf(3, () => full),
        { ...facts, encrypted: true, dataPathPort: 4790 },
      ),
    ).toEqual([]);
  });
});

describe('mtu', () => {
  it('names the host that all concerned pairs share, and the number', () => {
    const [finding] = diagnose(matrixOf(3, at('node2', blocked)), factsOf(3));
    expect(finding).toMatchObject({ rule: 'mtu', confidence: 'certain' });
    expect(finding?.title).toContain('node2');
    expect(finding?.remedy.text).toContain('com.docker.network.driver.mtu=1400');
  });

  it('believes the interface more than the measurement, and changes none', () => {
    const readings = ['node1', 'node2', 'node3'].map((host) => reading(host, host === 'node3' ? { mtu: 1398 } : {}));
    const [finding] = diagnose(matrixOf(3, at('node3', blocked)), factsOf(3, { readings }));
    expect(finding?.title).toContain('node3');
    expect(finding?.remedy.text).toContain('driver.mtu=1398');
    expect(finding?.remedy.commands.map(({ command }) => command)).toEqual([
      'docker network create --driver overlay --attachable --opt com.docker.network.driver.mtu=1398 NEW_NETWORK',
      'ip -d link show dev eth0',
    ]);
    expect(finding?.remedy.text).toContain('by mistake');
  });

  it('lets nobody raise interfaces where all carry the same, as in clouds', () => {
    const readings = ['node1', 'node2', 'node3'].map((host) => reading(host, { mtu: 1460 }));
    const facts = factsOf(3, { readings, managers: ['node2'] });
    const [finding] = diagnose(
      matrixOf(3, () => ({ fullSize: { outcome: 'blocked', mtu: 1450, largest: 1410 } })),
      facts,
    );
    expect(finding?.remedy.text).toContain('driver.mtu=1460');
    expect(finding?.remedy.text).not.toContain('interfaces carry');
    expect(finding?.remedy.commands[0]?.host).toBe('node2');
  });

  it('does not believe one pair that measured 576, and makes the new network encrypted where this one is', () => {
    const facts = factsOf(13, { encrypted: true });
    const odd: Change = (from, to) => ({
      fullSize: { outcome: 'blocked', mtu: 1424, largest: from === 'node4' && to === 'node9' ? 576 : 1408 },
    });
    const [finding] = diagnose(matrixOf(13, odd), facts);
    expect(finding).toMatchObject({ rule: 'mtu', confidence: 'certain' });
    expect(finding?.remedy.text).toContain('driver.mtu=1480');
    expect(finding?.remedy.commands[0]?.command).toContain('--opt encrypted ');
  });

  it('is not sure where no two pairs agree', () => {
    const odd: Change = (from, to) =>
      from === 'node1' && to === 'node2' ? { fullSize: { outcome: 'blocked', mtu: 1450, largest: 576 } } : undefined;
    expect(diagnose(matrixOf(3, odd), factsOf(3))[0]).toMatchObject({ rule: 'mtu', confidence: 'likely' });
  });

  it('counts with the headers of encryption', () => {
    const secret = { fullSize: { outcome: 'blocked', mtu: 1424, largest: 1328 } } as const;
    const [finding] = diagnose(matrixOf(3, at('node2', secret)), factsOf(3, { encrypted: true }));
    expect(finding?.remedy.text).toContain('driver.mtu=1400');
  });

  it('does not take loss for it', () => {
    const change: Change = (from, to) =>
      from === 'node1' ? { address: partial, ...blocked } : at('node1', blocked)(from, to);
    expect(rulesOf(change, factsOf(3))).toEqual(['loss']);
  });

  it('never puts a strange interface into a command', () => {
    const readings = [reading('node2', { name: 'x; reboot', mtu: 1400 })];
    const [finding] = diagnose(matrixOf(3, at('node2', blocked)), factsOf(3, { readings }));
    expect(finding?.remedy.commands.map((one) => one.command).join()).not.toContain('reboot');
  });
});

describe('single causes', () => {
  const version = (engineVersion: string) => ({ engineVersion });
  it.each<[string, string, Change, VerifyFacts]>([
    ['TCP that stalls while pings of all sizes pass', 'checksum-offload', at('node2', stalled), factsOf(3)],
    ['two hosts only', 'pair-blocked', between('node1', 'node2', dead), factsOf(3)],
    [
      'one direction only',
      'one-direction',
      (from, to) => (from === 'node1' && to === 'node2' ? dead : undefined),
      factsOf(3),
    ],
    [
      'a host that the managers lost too',
      'host-unreachable',
      at('node2', dead),
      knowing(3, { node2: { nodeState: 'down' } }),
    ],
    [
      'a node that only the managers lost',
      'manager-port-blocked',
      nothing,
      knowing(3, { node2: { nodeState: 'down' } }),
    ],
    [
      'an interface that is down',
      'link-down',
      at('node2', dead),
      factsOf(3, { readings: [reading('node2', { up: false })] }),
    ],
    [
      'an advertised address that no interface has',
      'advertise-address',
      at('node2', dead),
      factsOf(3, { readings: [reading('node2', { addresses: ['172.16.0.9/24'] })] }),
    ],
    ['a test container that ended', 'probe-gone', at('node2', dead), factsOf(3, { probesGone: ['node2'] })],
    [
      'names lost on Docker 29',
      'link-flap-names',
      (from) => (from === 'node1' ? { name: { outcome: 'unknown' } } : undefined),
      knowing(
        3,
        { node1: version('29.1.0') },
        {
          namesKnownBefore: [
            { from: 'node1', to: 'node2' },
            { from: 'node1', to: 'node3' },
          ],
        },
      ),
    ],
    ['IPv6 that is dead', 'ipv6-dead', () => ({ ipv6: silent }), factsOf(3)],
    [
      'containers of the same name',
      'duplicate-name',
      nothing,
      factsOf(3, { endpoints: ['node1', 'node2'].map((host) => ({ host, name: 'web', addresses: ['10.0.1.9'] })) }),
    ],
    [
      'a route into the subnet',
      'subnet-overlap',
      nothing,
      factsOf(3, {
        subnets: ['10.0.1.0/24'],
        readings: [
          reading('node2', {}, { routes: [{ destination: '10.0.1.0/25', gateway: '192.168.0.1', link: 'tun0' }] }),
        ],
      }),
    ],
    [
      'a ghost',
      'ghost-node',
      nothing,
      factsOf(3, { ghosts: [{ nodeId: 'abcdefghij1234567890abcde', hostname: 'node2' }] }),
    ],
    [
      'encryption with another port on an old engine',
      'encrypted-data-path-port',
      at('node2', dead),
      knowing(3, { node2: version('20.10.24') }, { encrypted: true, dataPathPort: 4790 }),
    ],
    [
      'versions that number keys differently',
      'encrypted-version-mix',
      at('node2', dead),
      knowing(3, { node1: version('28.5.2'), node2: version('29.0.0'), node3: version('28.5.2') }, { encrypted: true }),
    ],
    [
      'a stale forwarding entry',
      'stale-forwarding',
      between('node1', 'node2', dead),
      factsOf(3, {
        ports: [
          ['node1', 'node2'],
          ['node2', 'node1'],
        ].map(
          ([from = '', to = '']) => ({ from, to, traffic: { protocol: 'udp', port: 4789 }, outcome: 'open' }) as const,
        ),
      }),
    ],
  ])('%s: %s, and nothing else', (_, rule, change, facts) => {
    expect(rulesOf(change, facts)).toEqual([rule]);
  });

  it('a frozen engine is not a missing test container', () => {
    const problem = { reason: 'requestTimeout', title: 'No answer', happened: 'It did not answer.', remedy: 'Look.' };
    const change = at('node3', { address: { outcome: 'notTried', sent: 0, received: 0 }, problem: 'x' });
    expect(rulesOf(change, factsOf(3), 3, { node3: problem })).toEqual(['engine-not-answering']);
  });

  it('a wrong name that belongs to a namesake is told as such', () => {
    const wrong = { name: { outcome: 'resolved', address: '10.0.1.99', right: false } } as const;
    const facts = factsOf(3, { endpoints: [{ host: 'node3', name: 'probe-node2', addresses: ['10.0.1.99'] }] });
    expect(rulesOf((_, to) => (to === 'node2' ? wrong : undefined), facts)).toEqual(['duplicate-name']);
  });

  it('gossip is narrowed to the protocol that checks found closed', () => {
    const unknown = { ...dead, name: { outcome: 'unknown' } } as const;
    const ports = [
      { from: 'node1', to: 'node2', traffic: { protocol: 'udp', port: 7946 }, outcome: 'noAnswer', stoppedAt: 'to' },
    ] as const;
    const [finding] = diagnose(matrixOf(3, at('node2', unknown)), factsOf(3, { ports }));
    expect(finding?.remedy.text).toContain('7946/udp');
    expect(finding?.remedy.text).not.toContain('7946/tcp');
  });

  it('a node that is down is no fault of a host that takes part in nothing', () => {
    const facts = knowing(3, { node9: { nodeState: 'down' } });
    expect(rulesOf(nothing, { ...facts, hosts: [...facts.hosts, { host: 'node9', nodeState: 'down' }] })).toEqual([]);
  });

  it('a remedy for two hosts lets only the other one in', () => {
    const [finding] = diagnose(matrixOf(4, between('node1', 'node2', dead)), factsOf(4));
    const commands = finding?.remedy.commands.filter((one) => one.label === 'iptables').map((one) => one.command);
    expect(commands).toEqual([
      `${dataPathRule(4789)} -p udp --dport 4789 -s 192.168.0.2 -j ACCEPT`,
      `${dataPathRule(4789)} -p udp --dport 4789 -s 192.168.0.1 -j ACCEPT`,
    ]);
  });
});

describe('the order of findings', () => {
  it('puts the surer one first, then the one that explains more', () => {
    const change: Change = (from, to) => at('node2', dead)(from, to) ?? between('node4', 'node5', dead)(from, to);
    const facts = factsOf(5, { ghosts: [{ nodeId: 'abcdefghij1234567890abcde', hostname: 'x' }] });
    expect(rulesOf(change, facts, 5)).toEqual(['data-path-blocked', 'pair-blocked', 'ghost-node']);
  });
});
