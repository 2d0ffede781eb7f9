import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import type { Finding } from '../../../src/model/report/finding';
import type { HostReading } from '../../../src/model/host/hostReading';
import { verdictOf, type PairResult } from '../../../src/model/report/matrix';
import type { PortCheck } from '../../../src/model/network/underlay';
import { diagnose } from '../../../src/diagnosis/diagnose';
import type { VerifyFacts } from '../../../src/diagnosis/facts';
import type { GatherContext } from '../../../src/verify/facts/context';
import { factsOfHealthy } from '../../../src/verify/facts/gatherFacts';
import { PairResults } from '../../../src/verify/matrix/pairResults';
import { PairIndex } from '../../../src/model/report/pairIndex';
import { parseScriptLine } from '../../../src/verify/matrix/parse';
import { failureOf } from '../../../src/verify/scriptParts/parsePing';
import { redCases } from '../../../bench/diagnose';
import { addressOf, dead, deadAndUnknown, factsOf, matrixOf } from './samples';

const names = ['node1', 'node2', 'node3'];
const at =
  (host: string, change: Partial<PairResult>) =>
  (from: string, to: string): Partial<PairResult> | undefined =>
    from === host || to === host ? change : undefined;
const rulesOf = (findings: readonly Finding[]) => findings.map(({ rule, confidence }) => `${rule} (${confidence})`);

describe('the cost of a diagnosis', () => {
  /** CPU of this process, s: what else the machine does is not counted. */
  const secondsOf = (work: () => unknown): number => {
    const before = process.cpuUsage();
    work();
    return process.cpuUsage(before).user / 1e6;
  };

  // A rule that looks through all pairs for each of them takes minutes here.
  it('of 300 hosts is bounded', () => {
    const matrix = matrixOf(300);
    expect(secondsOf(() => diagnose(matrix, factsOf(300)))).toBeLessThan(5);
  });

  it.each(Object.entries(redCases(120)))('of 120 hosts is bounded: %s', (_, change) => {
    const matrix = matrixOf(120, change);
    expect(secondsOf(() => diagnose(matrix, factsOf(120)))).toBeLessThan(2);
  });

  it('is that of looking pairs up by their hosts', () => {
    const index = new PairIndex(matrixOf(3).pairs);
    expect(index.get('node1', 'node2')).toMatchObject({ from: 'node1', to: 'node2' });
    expect(index.get('node1', 'node1')).toBeUndefined();
    expect(index.of('node2').map(({ from, to }) => `${from}>${to}`)).toEqual([
      'node1>node2',
      'node2>node1',
      'node2>node3',
      'node3>node2',
    ]);
  });
});

describe('an image that cannot ping', () => {
  it.each([
    ['has none', 127, 'sh: 1: ping: not found'],
    ['has none, under a time limit', 127, "timeout: failed to run command 'ping': No such file or directory"],
    ['has one that cannot be run', 126, 'sh: ping: Permission denied'],
    ['has a user who may not', 1, 'ping: permission denied (are you root?)'],
    ['has an older one for root only', 2, 'ping: cannot flood; minimal interval allowed for user is 200ms'],
    ['has one without fractions', 1, "ping: invalid number '0.1'"],
    ['may open no socket', 2, 'ping: socktype: SOCK_RAW ping: socket: Operation not permitted'],
  ])('%s is told as that, and nothing is said against the network', (_, code, words) => {
    const book = new PairResults(names, () => undefined);
    for (const from of names) {
      for (const to of names.filter((one) => one !== from)) {
        for (const kind of ['n', 'a']) {
          const line = parseScriptLine(`0 ${kind} ${code} ${words}`);
          if (line && line.kind !== 'esp') book.record(from, to, line, { ipv4: addressOf(to), ipv6: '' });
        }
      }
    }
    expect(new Set(book.all().map(verdictOf))).toEqual(new Set(['unknown']));
    const hosts = names.map((host) => ({ host, address: addressOf(host), containerName: `probe-${host}` }));
    const findings = diagnose({ hosts, pairs: book.all() }, factsOf(3));
    expect(rulesOf(findings)).toEqual(['image-cannot-ping (certain)']);
    expect(findings[0]?.remedy.text).toContain('dockerOverlay.verify.image');
    expect(findings[0]?.remedy.commands).toEqual([]);
  });

  it.each([
    ["ping: bad address 'probe-1'", 1],
    ['ping: probe-1: Name or service not known', 2],
    ['ping: sendto: Network unreachable', 1],
    ['ping: sendmsg: Operation not permitted', 1],
    ['', 143],
  ])('is not what "%s" means', (words, code) => {
    expect(failureOf(code, words)).toBeUndefined();
  });

  it('is not what ended a ping', () => {
    expect(failureOf(137, '')).toEqual({ words: 'ping was ended (exit code 137)' });
  });
});

describe('what was measured', () => {
  /** As trying 7946 has shown that node3 lets nothing of it in. */
  const closed: PortCheck[] = names.flatMap((from) =>
    names
      .filter((to) => to !== from)
      .flatMap((to): PortCheck[] =>
        (['tcp', 'udp'] as const).map((protocol) => ({
          from,
          to,
          traffic: { protocol, port: 7946 },
          ...(to === 'node3' ? { outcome: 'noAnswer', stoppedAt: 'to' } : { outcome: 'open' }),
        })),
      ),
  );
  const nameless = matrixOf(
    3,
    at('node3', { name: { outcome: 'unknown' }, byName: { outcome: 'notTried', sent: 0, received: 0 } }),
  );

  it.each(['28.5.2', '29.1.0'])('is not given up for a guess about names (Docker %s)', (engineVersion) => {
    const facts = factsOf(3, { ports: closed });
    const hosts = facts.hosts.map((host) => ({ ...host, engineVersion }));
    const namesKnownBefore = nameless.pairs;
    const findings = diagnose(nameless, { ...facts, hosts, namesKnownBefore });
    expect(rulesOf(findings)).toEqual(['gossip-blocked (certain)']);
    expect(new Set(findings[0]?.remedy.commands.map(({ host }) => host))).toEqual(new Set(['node3']));
  });

  it('is needed to say that names were lost by an interrupted link', () => {
    const facts = factsOf(3);
    const hosts = facts.hosts.map((host) => ({ ...host, engineVersion: '29.1.0' }));
    expect(rulesOf(diagnose(nameless, { ...facts, hosts }))).toEqual(['name-unknown (likely)']);
    expect(rulesOf(diagnose(nameless, { ...facts, hosts, namesKnownBefore: nameless.pairs }))).toEqual([
      'link-flap-names (likely)',
    ]);
  });

  it('is needed to be certain of a blocked data path or blocked gossip', () => {
    expect(rulesOf(diagnose(matrixOf(3, at('node3', dead)), factsOf(3)))).toEqual(['data-path-blocked (likely)']);
    expect(rulesOf(diagnose(matrixOf(3, at('node3', deadAndUnknown)), factsOf(3)))).toEqual([
      'gossip-blocked (likely)',
    ]);
  });
});

describe('the order of findings', () => {
  it('begins with what explains red cells, however sure something else is', () => {
    const endpoints = ['node1', 'node2'].map((host) => ({ host, name: 'web', addresses: ['10.0.1.50'] }));
    const findings = diagnose(
      matrixOf(3, () => deadAndUnknown),
      factsOf(3, { endpoints }),
    );
    expect(rulesOf(findings)).toEqual(['gossip-blocked (likely)', 'duplicate-name (possible)']);
  });
});

describe('nodes of which a new leader has not heard yet', () => {
  const unknown = factsOf(3).hosts.map((host) => ({ ...host, nodeState: 'unknown' as const }));

  it('are not lost', () => {
    expect(diagnose(matrixOf(3), factsOf(3, { managers: ['node1'], hosts: unknown }))).toEqual([]);
  });

  const contextWith = (facts: VerifyFacts, state: string, asked: string[]): GatherContext =>
    ({
      runId: 'run',
      request: {
        network: { id: 'net1', encrypted: false, subnets: [] },
        facts,
        hosts: names.map((host) => ({
          host,
          nodeId: `id-${host}`,
          engine: {
            swarm: {
              nodes: async () => {
                asked.push(host);
                return names.map((one) => ({ id: `id-${one}`, state, availability: 'active' }));
              },
            },
          },
        })),
      },
      ready: [],
      unresponsive: new Set(),
      esp: new Map(),
      signal: new AbortController().signal,
      logger: silentLogger,
    }) as unknown as GatherContext;

  it('are asked for once more before anything is said, and only then', async () => {
    const asked: string[] = [];
    const lost = factsOf(3, {
      hosts: unknown.map((host) => ({ ...host, nodeState: 'down' as const, nodeMessage: 'x' })),
    });
    const facts = await factsOfHealthy(contextWith(lost, 'ready', asked));
    expect(asked.length).toBeGreaterThan(0);
    expect(facts.hosts.map(({ nodeState, nodeMessage }) => [nodeState, nodeMessage])).toEqual(
      names.map(() => ['ready', undefined]),
    );
    asked.length = 0;
    await factsOfHealthy(contextWith(factsOf(3), 'ready', asked));
    expect(asked).toEqual([]);
  });
});

describe('a wider route', () => {
  const routes = [
    { destination: '0.0.0.0/0', gateway: '192.168.0.254', link: 'eth0' },
    { destination: '10.0.0.0/8', gateway: '192.168.0.254', link: 'eth0' },
    { destination: '192.168.0.0/24', link: 'eth0' },
  ];
  const readings: HostReading[] = [
    {
      host: 'node3',
      kernel: '6.1',
      features: {},
      takenAt: 0,
      links: [{ name: 'eth0', mtu: 1500, up: true, carrier: true, addresses: ['192.168.0.3/24'] }],
      routes,
    },
  ];

  it('as that of a company is not in the way', () => {
    const facts = factsOf(3, { subnets: ['10.0.1.0/24'], readings });
    expect(rulesOf(diagnose(matrixOf(3, at('node3', dead)), facts))).toEqual(['data-path-blocked (likely)']);
  });

  it('is in the way where the host itself lives in the network’s range', () => {
    const [reading] = readings as [HostReading];
    const own = {
      ...reading,
      links: [{ name: 'eth0', mtu: 1500, up: true, addresses: ['10.0.1.7/16', '192.168.0.3/24'] }],
    };
    const facts = factsOf(3, {
      subnets: ['10.0.1.0/24'],
      readings: [{ ...own, routes: [{ destination: '10.0.0.0/16', link: 'eth0' }] }],
    });
    expect(rulesOf(diagnose(matrixOf(3), facts))).toEqual(['subnet-overlap (likely)']);
  });
});

describe('advice for a manager', () => {
  const reading: HostReading = {
    host: 'node3',
    kernel: '6.1',
    features: {},
    takenAt: 0,
    routes: [],
    links: [{ name: 'eth0', mtu: 1500, up: true, carrier: true, addresses: ['172.31.5.9/20'] }],
  };
  const id = 'abcdefabcdefabcdefabcdefa';
  const findingFor = (managers: string[]) => {
    const matrix = matrixOf(3, at('node3', dead));
    const hosts = matrix.hosts.map((row) => (row.host === 'node3' ? { ...row, nodeId: id } : row));
    return diagnose({ ...matrix, hosts }, factsOf(3, { managers, readings: [reading] }))[0];
  };
  const commandsOf = (finding: Finding | undefined) =>
    finding?.remedy.commands.map(({ host, command }) => `${host}: ${command}`);

  it('with a wrong address demotes it first and keeps its role', () => {
    expect(commandsOf(findingFor(['node1', 'node3', 'node2']))).toEqual([
      `node1: docker node demote ${id}`,
      'node3: docker swarm leave',
      'node1: docker swarm join-token -q manager',
      'node3: docker swarm join --advertise-addr 172.31.5.9 --token TOKEN 192.168.0.1:2377',
    ]);
  });

  it('that is the only one lets it not leave', () => {
    const finding = findingFor(['node3']);
    expect(finding?.rule).toBe('advertise-address');
    expect(finding?.remedy.text).toContain('make another host a manager first');
    expect(commandsOf(finding)).toEqual([]);
  });

  it('with a wrong address lets a worker be a worker', () => {
    expect(commandsOf(findingFor(['node1']))?.slice(0, 2)).toEqual([
      'node3: docker swarm leave',
      'node1: docker swarm join-token -q worker',
    ]);
  });

  it('that is a ghost demotes it, and says of an attempt that it was one', () => {
    const ghosts = [
      { nodeId: id, hostname: 'worker', isManager: true },
      { nodeId: id, hostname: '', isAttempt: true },
    ];
    const [finding] = diagnose(matrixOf(3), factsOf(3, { managers: ['node1'], ghosts }));
    expect(commandsOf(finding)).toEqual([
      `node1: docker node demote ${id} && docker node rm ${id}`,
      `node1: docker node rm ${id}`,
    ]);
    expect(finding?.evidence[1]).toContain('an attempt to join that failed');
    expect(finding?.remedy.text).toContain('only switched off');
  });
});

describe('a kernel without the packet match that encryption needs', () => {
  const findingsFor = (engineVersion: string, features: HostReading['features']) => {
    const facts = factsOf(3, {
      encrypted: true,
      readings: [{ host: 'node3', kernel: '6.1', features, takenAt: 0, routes: [], links: [] }],
    });
    const hosts = facts.hosts.map((host) => ({ ...host, engineVersion }));
    return diagnose(matrixOf(3, at('node3', dead)), { ...facts, hosts });
  };

  it('is named, by the module that the version of Docker needs', () => {
    const findings = findingsFor('28.5.2', { esp: true, xtBpf: false, xtU32: true });
    expect(rulesOf(findings)).toEqual(['kernel-without-packet-match (certain)']);
    expect(findings[0]?.evidence[0]).toContain('has no xt_bpf');
  });

  it('is nothing where the version of Docker uses the other one, or nobody knows', () => {
    expect(rulesOf(findingsFor('20.10.20', { esp: true, xtBpf: false, xtU32: true }))).toEqual([
      'encrypted-data-path (likely)',
    ]);
    expect(rulesOf(findingsFor('28.5.2', { esp: true }))).toEqual(['encrypted-data-path (likely)']);
  });
});
