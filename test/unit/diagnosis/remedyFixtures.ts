import type { HostReading } from '../../../src/model/host/hostReading';
import type { PairResult, ProbeHost } from '../../../src/model/report/matrix';
import type { PortCheck, Traffic } from '../../../src/model/network/underlay';
import type { Matrix } from '../../../src/diagnosis/analysis';
import type { VerifyFacts } from '../../../src/diagnosis/facts';
import { answered, dead, deadAndUnknown, factsOf, matrixOf, notTried, partial, silent } from './samples';

/** What is wrong in a fixture, and everything that is known of it. */
export interface Fixture {
  readonly matrix: Matrix;
  readonly facts: VerifyFacts;
}

type Change = (from: string, to: string) => Partial<PairResult> | undefined;

const names = ['node1', 'node2', 'node3'];
const nodeId = 'abcdefghij1234567890abcde';

const at =
  (host: string, change: Partial<PairResult>): Change =>
  (from, to) =>
    from === host || to === host ? change : undefined;

const nothing: Change = () => undefined;
const unknownName = { name: { outcome: 'unknown' }, byName: notTried } as const;
const blocked = { fullSize: { outcome: 'blocked', mtu: 1450, largest: 1354 } } as const;
const stalled = {
  fullSize: { outcome: 'passed', mtu: 1450 },
  tcp: { outcome: 'stalled', sent: 65_536, received: 0 },
} as const;
const untried = {
  address: notTried,
  name: { outcome: 'notTried' },
  byName: notTried,
  problem: 'It could not be tried.',
} as const;
const noPlace = { reason: 'probeAttachTimeout', title: 'Late', happened: 'It came too late.', remedy: 'Look.' };

const reading = (host: string, more: Partial<HostReading> = {}, link: Partial<HostReading['links'][number]> = {}) => ({
  host,
  kernel: '6.1.0',
  features: {},
  links: [{ name: 'eth0', mtu: 1500, up: true, addresses: [`192.168.0.${host.slice(-1)}/24`], ...link }],
  routes: [],
  takenAt: 0,
  ...more,
});

const swarmTraffic: readonly Traffic[] = [
  { protocol: 'tcp', port: 2377 },
  { protocol: 'tcp', port: 7946 },
  { protocol: 'udp', port: 7946 },
  { protocol: 'udp', port: 4789 },
];

/** All ports of the swarm tried between all hosts; open but for what `change` says. */
function portsOf(change: (check: PortCheck) => Partial<PortCheck> | undefined = () => undefined): PortCheck[] {
  return names.flatMap((from) =>
    names
      .filter((to) => to !== from)
      .flatMap((to) =>
        swarmTraffic.map((traffic) => {
          const check: PortCheck = { from, to, traffic, outcome: 'open' };
          return { ...check, ...change(check) };
        }),
      ),
  );
}

const notLetIn = { outcome: 'noAnswer', stoppedAt: 'to' } as const;
const notLetOut = { outcome: 'noAnswer', stoppedAt: 'from' } as const;
const portOf = ({ traffic }: PortCheck): number => (traffic.protocol === 'esp' ? 0 : traffic.port);

/** What is known of each of three hosts, with more of some of them. */
function facts(
  more: Partial<VerifyFacts> = {},
  hosts: Partial<Record<string, Partial<VerifyFacts['hosts'][number]>>> = {},
) {
  const base = factsOf(3, { managers: ['node1'], subnets: ['10.0.1.0/24'], networkId: 'net1', ...more });
  return { ...base, hosts: base.hosts.map((host) => ({ ...host, ...hosts[host.host] })) };
}

const fixture = (
  change: Change,
  known: VerifyFacts = facts(),
  problems: Record<string, ProbeHost['problem']> = {},
): Fixture => {
  const matrix = matrixOf(3, change, problems);
  return { matrix: { ...matrix, hosts: matrix.hosts.map((row) => ({ ...row, nodeId })) }, facts: known };
};

const encrypted = { encrypted: true } as const;
const all: Change = () => dead;

/** Every branch of every rule that prints another remedy. */
export const fixtures: Readonly<Record<string, Fixture>> = {
  'no ping in the image': fixture(() => ({ ...untried, problem: 'ping: not found', problemReason: 'cannotPing' })),
  'engine silent from the start': fixture(at('node2', untried), facts(), {
    node2: { ...noPlace, reason: 'requestTimeout' },
  }),
  'engine silent meanwhile': fixture(
    at('node2', dead),
    facts({ silentEngines: [{ host: 'node2', happened: 'It was lost.' }] }),
  ),
  'node drained': fixture(at('node2', untried), facts({}, { node2: { availability: 'drain' } }), { node2: noPlace }),
  'network too small': fixture(at('node2', untried), facts({ subnets: ['10.0.1.0/29'] }), { node2: noPlace }),
  'bridge in the subnet': fixture(
    at('node2', untried),
    facts({ readings: [reading('node2', { routes: [{ destination: '10.0.1.0/25', link: 'br-0123456789ab' }] })] }),
    { node2: noPlace },
  ),
  'route in the subnet': fixture(
    nothing,
    facts({
      readings: [reading('node2', { routes: [{ destination: '10.0.1.0/25', gateway: '192.168.0.9', link: 'tun0' }] })],
    }),
  ),
  'container ended': fixture(at('node2', dead), facts({ probesGone: ['node2'] })),
  'gossip does not run': fixture(at('node2', dead), facts({ peers: [{ host: 'node2', addresses: [] }] })),
  'link down': fixture(at('node2', dead), facts({ readings: [reading('node2', {}, { up: false })] })),
  'cable pulled': fixture(at('node2', dead), facts({ readings: [reading('node2', {}, { carrier: false })] })),
  'host lost': fixture(at('node2', dead), facts({}, { node2: { nodeState: 'down' } })),
  'host stops what comes in': fixture(
    at('node2', dead),
    facts({
      ports: portsOf(({ from, to }) =>
        to === 'node2' ? notLetIn : from === 'node2' ? { outcome: 'noAnswer' } : undefined,
      ),
    }),
  ),
  'manager stops what goes out, encrypted': fixture(
    at('node2', dead),
    facts({
      ...encrypted,
      managers: ['node2'],
      ports: portsOf(({ from, to }) =>
        from === 'node2' ? notLetOut : to === 'node2' ? { outcome: 'noAnswer' } : undefined,
      ),
    }),
  ),
  'managers’ port, not tried': fixture(nothing, facts({}, { node2: { nodeState: 'down' } })),
  'managers’ port, closed': fixture(
    nothing,
    facts(
      { ports: portsOf((check) => (check.from === 'node2' && portOf(check) === 2377 ? notLetOut : undefined)) },
      { node2: { nodeState: 'down' } },
    ),
  ),
  'managers’ port, open': fixture(nothing, facts({ ports: portsOf() }, { node2: { nodeState: 'down' } })),
  'wrong address of a worker': fixture(
    at('node2', dead),
    facts({ readings: [reading('node2', {}, { addresses: ['172.16.0.9/24'] })] }),
  ),
  'wrong address of a manager': fixture(
    at('node2', dead),
    facts({ managers: ['node1', 'node2'], readings: [reading('node2', {}, { addresses: ['172.16.0.9/24'] })] }),
  ),
  'wrong address of the only manager': fixture(
    at('node2', dead),
    facts({ managers: ['node2'], readings: [reading('node2', {}, { addresses: ['172.16.0.9/24'] })] }),
  ),
  'no VXLAN': fixture(at('node2', dead), facts({ readings: [reading('node2', { features: { vxlan: false } })] })),
  'same IPv6 address': ((): Fixture => {
    const { matrix, ...rest } = fixture(() => ({ ipv6: answered }));
    return { ...rest, matrix: { ...matrix, hosts: matrix.hosts.map((row) => ({ ...row, ipv6: 'fd00::3' })) } };
  })(),
  'no ESP': fixture(at('node2', dead), facts(encrypted, { node2: { kernelHasEsp: false } })),
  'no packet match': fixture(
    at('node2', dead),
    facts(
      { ...encrypted, readings: [reading('node2', { features: { esp: true, xtBpf: false, xtU32: false } })] },
      { node2: { engineVersion: '28.5.2' } },
    ),
  ),
  'no packet match, either of two': fixture(
    at('node2', dead),
    facts(
      { ...encrypted, readings: [reading('node2', { features: { esp: true, xtBpf: false, xtU32: false } })] },
      { node2: { engineVersion: '24.0.9' } },
    ),
  ),
  'encrypted, other port': fixture(
    at('node2', dead),
    facts({ ...encrypted, dataPathPort: 4790 }, { node2: { engineVersion: '20.10.24' } }),
  ),
  'encrypted, versions': fixture(
    at('node2', dead),
    facts(encrypted, {
      node1: { engineVersion: '28.5.2' },
      node2: { engineVersion: '29.0.0' },
      node3: { engineVersion: '28.5.2' },
    }),
  ),
  'MTU, one link': fixture(
    at('node2', blocked),
    facts({ readings: names.map((host) => reading(host, {}, host === 'node2' ? { mtu: 1400 } : {})) }),
  ),
  'MTU, nothing read, encrypted': fixture(() => blocked, facts({ ...encrypted, managers: [] })),
  'stale entry': fixture(
    (from, to) => ([from, to].sort().join() === 'node1,node2' ? dead : undefined),
    facts({ ports: portsOf() }),
  ),
  'names lost': fixture(
    (from) => (from === 'node1' ? unknownName : undefined),
    facts({ namesKnownBefore: [{ from: 'node1', to: 'node2' }] }, { node1: { engineVersion: '29.1.0' } }),
  ),
  'IPv6 dead': fixture(() => ({ ipv6: silent })),
  'host missing': fixture(at('node3', untried), facts(), {
    node3: {
      reason: 'imageMissing',
      title: 'No image',
      happened: 'None.',
      remedy: 'Load it.',
      command: "docker pull 'x:1'",
    },
  }),
  'gossip, not tried': fixture(at('node2', deadAndUnknown)),
  'gossip, closed': fixture(
    at('node2', deadAndUnknown),
    facts({ ports: portsOf((check) => (check.to === 'node2' && portOf(check) === 7946 ? notLetIn : undefined)) }),
  ),
  'gossip, closed and green': fixture(
    nothing,
    facts({ ports: portsOf((check) => (check.from === 'node2' && portOf(check) === 7946 ? notLetOut : undefined)) }),
  ),
  'data path, not tried': fixture(at('node2', dead)),
  'data path, all': fixture(all),
  'data path, closed': fixture(
    at('node2', dead),
    facts({ ports: portsOf((check) => (check.to === 'node2' && portOf(check) === 4789 ? notLetIn : undefined)) }),
  ),
  'data path, open': fixture(at('node2', dead), facts({ ports: portsOf() })),
  'data path, no address known': fixture(at('node2', dead), {
    ...facts(),
    hosts: names.map((host) => ({ host })),
  }),
  'data path, IPv6': fixture(at('node2', dead), {
    ...facts(),
    hosts: names.map((host) => ({ host, address: `fd00::${host.slice(-1)}` })),
  }),
  'encrypted data path': fixture(all, facts(encrypted)),
  checksums: fixture(at('node2', stalled), facts({ readings: [reading('node2')] })),
  'checksums, no link known': fixture(at('node2', stalled)),
  pair: fixture((from, to) => ([from, to].sort().join() === 'node1,node2' ? dead : undefined)),
  'pair, encrypted and closed': fixture(
    (from, to) => ([from, to].sort().join() === 'node1,node2' ? dead : undefined),
    facts({
      ...encrypted,
      ports: portsOf(({ from, to }) => (from === 'node1' && to === 'node2' ? { outcome: 'noAnswer' } : undefined)),
    }),
  ),
  'one direction': fixture((from, to) => (from === 'node1' && to === 'node2' ? dead : undefined)),
  'pings ended': fixture((from) => (from === 'node1' ? { ...untried, problem: 'It ended.' } : undefined)),
  'name wrong': fixture((_, to) =>
    to === 'node2' ? { name: { outcome: 'resolved', address: '10.0.1.99', right: false } } : undefined,
  ),
  'name unknown': fixture((from) => (from === 'node1' ? unknownName : undefined)),
  'name unknown, ports open': fixture(
    (from) => (from === 'node1' ? unknownName : undefined),
    facts({ ports: portsOf() }),
  ),
  loss: fixture(at('node2', { address: partial })),
  'same name': fixture(
    nothing,
    facts({ endpoints: names.map((host) => ({ host, name: 'web', addresses: ['10.0.1.9'] })) }),
  ),
  ghosts: fixture(
    nothing,
    facts({
      ghosts: [
        { nodeId, hostname: 'node2' },
        { nodeId, hostname: 'node3', isManager: true },
        { nodeId, hostname: '', isAttempt: true },
      ],
    }),
  ),
  clocks: fixture(
    nothing,
    facts({ readings: names.map((host, index) => reading(host, { clockOffsetMs: index === 0 ? 9e6 : 0 })) }),
  ),
};

/** More dead pairs than form a pattern. */
export const patternless: Fixture = {
  matrix: matrixOf(12, (from, to) => {
    const [a = 0, b = 0] = [from, to].map((host) => Number(host.slice(4))).sort((x, y) => x - y);
    return (a * 7 + b * 11) % 5 < 2 ? dead : undefined;
  }),
  facts: factsOf(12),
};
