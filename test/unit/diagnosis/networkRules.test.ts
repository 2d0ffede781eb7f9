import { describe, expect, it } from 'vitest';
import type { HostReading } from '../../../src/model/host/hostReading';
import type { PairResult, ProbeHost } from '../../../src/model/report/matrix';
import type { PortCheck } from '../../../src/model/network/underlay';
import { diagnose } from '../../../src/diagnosis/diagnose';
import type { HostFacts, VerifyFacts } from '../../../src/diagnosis/facts';
import { dead, deadAndUnknown, factsOf, matrixOf, notTried, partial, dataPathRule } from './samples';

type Change = (from: string, to: string) => Partial<PairResult> | undefined;

const at =
  (hosts: readonly string[], change: Partial<PairResult> = dead): Change =>
  (from, to) =>
    hosts.includes(from) || hosts.includes(to) ? change : undefined;

/** What trying the swarm's ports between all hosts gave: open, unless `what` says otherwise of a way. */
function portsOf(
  count: number,
  what: (from: string, to: string, port: string) => Partial<PortCheck> | undefined = () => undefined,
): PortCheck[] {
  const names = Array.from({ length: count }, (_, index) => `node${index + 1}`);
  return names.flatMap((from) =>
    names
      .filter((to) => to !== from)
      .flatMap((to) =>
        (['2377/tcp', '7946/tcp', '7946/udp', '4789/udp'] as const)
          .filter((port) => port !== '2377/tcp' || to === 'node1')
          .map((port): PortCheck => {
            const [number, protocol] = port.split('/') as [string, 'tcp' | 'udp'];
            return { from, to, traffic: { protocol, port: Number(number) }, outcome: 'open', ...what(from, to, port) };
          }),
      ),
  );
}

const notLetIn = { outcome: 'noAnswer', stoppedAt: 'to' } as const;
const notLetOut = { outcome: 'noAnswer', stoppedAt: 'from' } as const;

const knowing = (hosts: Readonly<Record<string, Partial<HostFacts>>>, more: Partial<VerifyFacts> = {}) => {
  const facts = factsOf(3, { managers: ['node1'], ...more });
  return { ...facts, hosts: facts.hosts.map((host) => ({ ...host, ...hosts[host.host] })) };
};

const reading = (host: string, link: Partial<HostReading['links'][number]> = {}): HostReading => ({
  host,
  kernel: '6.1.0',
  features: {},
  links: [{ name: 'eth0', mtu: 1500, up: true, addresses: [`192.168.0.${host.replace(/\D/g, '')}/24`], ...link }],
  routes: [],
  takenAt: 0,
});

const noPlace: ProbeHost['problem'] = {
  reason: 'probeAttachTimeout',
  title: 'No place in the network',
  happened: 'It did not attach.',
  remedy: 'Look.',
};
const untried = { address: notTried, byName: notTried, problem: 'It did not attach.' } as const;

const commandsOf = (finding: ReturnType<typeof diagnose>[number] | undefined, label: string) =>
  finding?.remedy.commands.filter((one) => one.label === label).map(({ host, command }) => `${host}: ${command}`);

describe('a blocked data path, with the ports tried', () => {
  it('is opened inbound where it is closed inbound', () => {
    const ports = portsOf(3, (_, to, port) => (to === 'node2' && port === '4789/udp' ? notLetIn : undefined));
    const [finding, ...others] = diagnose(matrixOf(3, at(['node2'])), factsOf(3, { ports }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ title: 'node2: the data path is blocked', confidence: 'certain' });
    expect(finding?.evidence.join(' ')).toContain('node2 does not let in 4789/udp from node1 and node3');
    expect(commandsOf(finding, 'iptables')).toEqual([
      `node2: ${dataPathRule(4789)} -p udp --dport 4789 -s 192.168.0.1,192.168.0.3 -j ACCEPT`,
    ]);
  });

  it('is opened outbound where it is closed outbound', () => {
    const ports = portsOf(3, (from, _, port) => (from === 'node2' && port === '4789/udp' ? notLetOut : undefined));
    const [finding] = diagnose(matrixOf(3, at(['node2'])), factsOf(3, { ports }));
    expect(finding?.remedy.text).toMatch(/^Let 4789\/udp out at node2/);
    expect(commandsOf(finding, 'iptables')).toEqual([
      'node2: sudo iptables -I OUTPUT -p udp --dport 4789 -d 192.168.0.1,192.168.0.3 -j ACCEPT',
    ]);
  });

  it('names the hosts that close it, where the matrix alone cannot tell', () => {
    const bad = ['node2', 'node3'];
    const ports = portsOf(3, (_, to, port) => (bad.includes(to) && port === '4789/udp' ? notLetIn : undefined));
    const [finding, ...others] = diagnose(matrixOf(3, at(bad)), factsOf(3, { ports }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ title: 'node2 and node3: the data path is blocked', confidence: 'certain' });
    const ofTwo = diagnose(
      matrixOf(2, () => dead),
      factsOf(2, {
        ports: portsOf(2, (_, to, port) => (to === 'node1' && port === '4789/udp' ? notLetIn : undefined)),
      }),
    );
    expect(ofTwo.map(({ title }) => title)).toEqual(['node1: the data path is blocked']);
  });

  it('is less sure, and blames no firewall, where the port is open on both sides', () => {
    const [finding] = diagnose(matrixOf(3, at(['node2'])), factsOf(3, { ports: portsOf(3) }));
    expect(finding).toMatchObject({ rule: 'data-path-blocked', confidence: 'likely' });
    expect(finding?.remedy.text).toMatch(
      /^Single packets to 4789\/udp get through.* Only if .* that means a new swarm/,
    );
    expect(finding?.remedy.commands.map(({ command }) => command)).toEqual([
      'sudo timeout 30 tcpdump -nn -i any -c 20 udp port 4789',
    ]);
  });
});

describe('blocked gossip, with the ports tried', () => {
  const closed = (from: string, to: string, port: string) =>
    port !== '7946/tcp' ? undefined : to === 'node2' ? notLetIn : from === 'node2' ? notLetOut : undefined;

  it('is opened for the protocol and in the directions that are closed', () => {
    const matrix = matrixOf(3, at(['node2'], deadAndUnknown));
    const [finding, ...others] = diagnose(matrix, factsOf(3, { ports: portsOf(3, closed) }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ title: 'node2: the swarm’s gossip is blocked', confidence: 'certain' });
    expect(commandsOf(finding, 'iptables')).toEqual([
      'node2: sudo iptables -I INPUT -p tcp --dport 7946 -s 192.168.0.1,192.168.0.3 -j ACCEPT',
      'node2: sudo iptables -I OUTPUT -p tcp --dport 7946 -d 192.168.0.1,192.168.0.3 -j ACCEPT',
    ]);
  });

  it('is told from a blocked data path also when only the host itself knows no names, or by the ports alone', () => {
    const deaf: Change = (from, to) => (from === 'node2' ? deadAndUnknown : to === 'node2' ? dead : undefined);
    const alone = diagnose(matrixOf(3, deaf), factsOf(3)).map(({ rule }) => rule);
    expect(alone).toEqual(['gossip-blocked']);
    const byPorts = diagnose(matrixOf(3, at(['node2'])), factsOf(3, { ports: portsOf(3, closed) }));
    expect(byPorts.map(({ rule }) => rule)).toEqual(['gossip-blocked']);
  });

  it('names the host that closes it, where the matrix alone cannot tell', () => {
    const matrix = matrixOf(2, () => deadAndUnknown);
    const [finding] = diagnose(matrix, factsOf(2, { ports: portsOf(2, closed) }));
    expect(finding).toMatchObject({ title: 'node2: the swarm’s gossip is blocked', confidence: 'certain' });
  });

  it('is said also when every pair answers', () => {
    const [finding, ...others] = diagnose(matrixOf(3), factsOf(3, { ports: portsOf(3, closed) }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      rule: 'gossip-blocked',
      title: 'node2: 7946/tcp of the swarm’s gossip is closed',
      confidence: 'certain',
      pairs: [],
    });
  });

  it('is not concluded from packets where others get lost at random, nor from silence of UDP', () => {
    const lossy = matrixOf(3, at(['node2'], { address: partial, byName: partial }));
    const facts = factsOf(3, { ports: portsOf(3, closed) });
    expect(diagnose(lossy, facts).map(({ rule }) => rule)).toEqual(['loss']);
    const silent = portsOf(3, (_, to, port) =>
      to === 'node2' && port === '7946/udp' ? { outcome: 'noAnswer' } : undefined,
    );
    expect(diagnose(matrixOf(3), factsOf(3, { ports: silent }))).toEqual([]);
  });

  it('is no finding when all ports are open', () => {
    expect(diagnose(matrixOf(3), factsOf(3, { ports: portsOf(3) }))).toEqual([]);
  });
});

describe('pairs that are blocked', () => {
  const across: Change = (from, to) =>
    ['node1', 'node2'].includes(from) === ['node1', 'node2'].includes(to) ? undefined : dead;

  it('are one finding when two halves do not reach each other', () => {
    const [finding, ...others] = diagnose(matrixOf(4, across), factsOf(4));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({
      rule: 'pair-blocked',
      title: 'node1 and node2 are blocked from node3 and node4',
      confidence: 'likely',
    });
    expect(finding?.pairs).toHaveLength(8);
    expect(commandsOf(finding, 'iptables')).toHaveLength(4);
  });

  it('are put together as far as they form such groups, each in one finding only', () => {
    const chain = ['node1node2', 'node2node3', 'node3node4'];
    const change: Change = (from, to) => (chain.includes([from, to].sort().join('')) ? dead : undefined);
    const findings = diagnose(matrixOf(5, change), factsOf(5));
    expect(findings.map(({ title }) => title)).toEqual([
      'node2 and node4 are blocked from node3',
      'node1 and node2: blocked between these two',
    ]);
    expect(findings.flatMap(({ pairs }) => pairs)).toHaveLength(6);
  });

  it('are opened at the side that was found closed, and nowhere else', () => {
    const ports = portsOf(3, (from, to, port) =>
      from === 'node3' && to === 'node2' && port === '4789/udp' ? notLetIn : undefined,
    );
    const change: Change = (from, to) => (from !== 'node1' && to !== 'node1' ? dead : undefined);
    const [finding, ...others] = diagnose(matrixOf(3, change), factsOf(3, { ports }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: 'pair-blocked', confidence: 'certain' });
    expect(commandsOf(finding, 'iptables')).toEqual([
      `node2: ${dataPathRule(4789)} -p udp --dport 4789 -s 192.168.0.3 -j ACCEPT`,
    ]);
  });

  it('in one direction only are no stale forwarding, though the port is open', () => {
    const change: Change = (from, to) => (from === 'node3' && to === 'node2' ? dead : undefined);
    const [finding, ...others] = diagnose(matrixOf(3, change), factsOf(3, { ports: portsOf(3) }));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: 'one-direction', title: 'node2: answers only in one direction' });
    expect(finding?.evidence.join(' ')).toContain('looks into the tunnel');
    expect(commandsOf(finding, 'iptables')?.[0]).toContain('-s 192.168.0.3 -j ACCEPT');
  });

  it('whose other direction has no result remain without explanation', () => {
    const change: Change = (from, to) =>
      from === 'node1' && to === 'node2'
        ? dead
        : from === 'node2'
          ? { address: notTried, byName: notTried, name: { outcome: 'notTried' }, problem: 'The pings were ended.' }
          : undefined;
    const found = diagnose(matrixOf(3, change), factsOf(3)).map(({ rule, confidence }) => [rule, confidence]);
    expect(found).toEqual([
      ['unexplained', 'possible'],
      ['source-stopped', 'certain'],
    ]);
  });
});

describe('a host that is cut off as a whole', () => {
  const nothingPasses = (from: string, to: string) =>
    to === 'node2' ? notLetIn : from === 'node2' ? silence : undefined;
  const silence = { outcome: 'noAnswer' } as const;

  it('has a link that is down, with the command that sets it up', () => {
    const facts = knowing({ node2: { nodeState: 'down' } }, { readings: [reading('node2', { up: false })] });
    const [finding, ...others] = diagnose(matrixOf(3, at(['node2'], untried), { node2: noPlace }), facts);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: 'link-down', title: 'node2: the network interface is down' });
    expect(commandsOf(finding, 'set eth0')).toEqual(['node2: sudo ip link set dev eth0 up']);
  });

  it('has a cable without anything at its other end: no command mends that', () => {
    const facts = factsOf(3, { readings: [reading('node2', { carrier: false })] });
    const [finding] = diagnose(matrixOf(3, at(['node2'])), facts);
    expect(finding).toMatchObject({ rule: 'link-down', title: 'node2: the network interface is without a link' });
    expect(finding?.remedy.commands.map(({ command }) => command)).toEqual(['ip -s link show dev eth0']);
  });

  it('is let in again where its firewall stops everything', () => {
    const facts = knowing({ node2: { nodeState: 'down' } }, { ports: portsOf(3, nothingPasses) });
    const [finding, ...others] = diagnose(matrixOf(3, at(['node2'], untried), { node2: noPlace }), facts);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: 'host-unreachable', confidence: 'certain' });
    expect(commandsOf(finding, 'iptables')).toEqual([
      `node2: ${[
        'sudo iptables -I INPUT -p tcp -m conntrack --ctstate ESTABLISHED',
        'sudo iptables -I INPUT -p tcp --dport 7946',
        'sudo iptables -I INPUT -p udp --dport 7946',
        `${dataPathRule(4789)} -p udp --dport 4789`,
      ]
        .map((what) => `${what} -s 192.168.0.1,192.168.0.3 -j ACCEPT`)
        .join(' && ')}`,
    ]);
  });

  it('is cut off all the same when its own datagrams are seen to arrive elsewhere', () => {
    const oneWay = (from: string, to: string, port: string) =>
      from === 'node2' && port.endsWith('/udp') ? {} : nothingPasses(from, to);
    const facts = knowing({ node2: { nodeState: 'down' } }, { ports: portsOf(3, oneWay) });
    const [finding, ...others] = diagnose(matrixOf(3, at(['node2'], untried), { node2: noPlace }), facts);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: 'host-unreachable', confidence: 'certain' });
    expect(finding?.evidence.join(' ')).toContain('let in at node2 on no port');
  });

  it('is not cut off where only gossip is closed and nobody tried the managers’ port', () => {
    const ports = portsOf(3, (from, to, port) =>
      [from, to].includes('node2') && port.startsWith('7946') ? notLetIn : undefined,
    ).filter(({ traffic }) => traffic.protocol === 'esp' || traffic.port !== 2377);
    const findings = diagnose(matrixOf(3, at(['node2'], deadAndUnknown)), factsOf(3, { ports }));
    expect(findings.map(({ rule }) => rule)).toEqual(['gossip-blocked']);
  });

  it('is not cut off when it only could not attach and its ports answer: then it is the managers’ port', () => {
    const closed = portsOf(3, (from, to, port) =>
      from === 'node2' && to === 'node1' && port === '2377/tcp' ? notLetIn : undefined,
    );
    const facts = knowing({ node2: { nodeState: 'down' } }, { ports: closed });
    const [finding, ...others] = diagnose(matrixOf(3, at(['node2'], untried), { node2: noPlace }), facts);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: 'manager-port-blocked', confidence: 'certain' });
    expect(finding?.pairs).toHaveLength(4);
    expect(commandsOf(finding, 'iptables')).toEqual([
      'node1: sudo iptables -I INPUT -p tcp --dport 2377 -s 192.168.0.2 -j ACCEPT',
    ]);
  });

  it('is only possibly the managers’ port when that answers', () => {
    const facts = knowing({ node2: { nodeState: 'down' } }, { ports: portsOf(3) });
    const found = diagnose(matrixOf(3), facts).map(({ rule, confidence }) => [rule, confidence]);
    expect(found).toEqual([['manager-port-blocked', 'possible']]);
  });

  it('is no lost host as long as the managers hear of it, unless no port answers', () => {
    const matrix = matrixOf(3, at(['node2'], deadAndUnknown));
    expect(diagnose(matrix, factsOf(3))[0]?.rule).toBe('gossip-blocked');
    expect(diagnose(matrix, factsOf(3, { ports: portsOf(3, nothingPasses) }))[0]?.rule).toBe('host-unreachable');
  });
});
