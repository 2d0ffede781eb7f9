import { describe, expect, it } from 'vitest';
import type { HostReading } from '../../../src/model/host/hostReading';
import type { PairResult } from '../../../src/model/report/matrix';
import type { PortCheck, Traffic } from '../../../src/model/network/underlay';
import { diagnose } from '../../../src/diagnosis/diagnose';
import { judgePorts } from '../../../src/diagnosis/ports/judgePorts';
import { dead, deadAndUnknown, factsOf, matrixOf, notTried, partial } from './samples';

/*
 * Whom a finding names, and how sure it is: nobody who is innocent, and "certain" only where what was tried explains all
 * that is dead.
 */

const tcp: Traffic = { protocol: 'tcp', port: 7946 };
const gossip: Traffic = { protocol: 'udp', port: 7946 };
const data: Traffic = { protocol: 'udp', port: 4789 };

/** All of these between all hosts; open but for what `change` says. */
const portsOf = (
  names: readonly string[],
  change: (check: PortCheck) => Partial<PortCheck> | undefined,
  traffic: readonly Traffic[] = [tcp, gossip, data],
): PortCheck[] =>
  names.flatMap((from) =>
    names
      .filter((to) => to !== from)
      .flatMap((to) =>
        traffic.map((one) => {
          const check: PortCheck = { from, to, traffic: one, outcome: 'open' };
          return { ...check, ...change(check) };
        }),
      ),
  );

const notLetIn = { outcome: 'noAnswer', stoppedAt: 'to' } as const;

const at =
  (host: string, change: Partial<PairResult>) =>
  (from: string, to: string): Partial<PairResult> | undefined =>
    from === host || to === host ? change : undefined;

const reading = (host: string, link: Partial<HostReading['links'][number]>): HostReading => ({
  host,
  kernel: '6.1.0',
  features: {},
  links: [{ name: 'eth0', mtu: 1500, up: true, addresses: [`192.168.0.${host.slice(-1)}/24`], ...link }],
  routes: [],
  takenAt: 0,
});

/** Of two hosts the second one drops everything that comes in, answers to its own connections too. */
const dropping = portsOf(['node1', 'node2'], ({ to, traffic }) =>
  to === 'node2' ? notLetIn : traffic.protocol === 'tcp' ? { outcome: 'noAnswer' } : undefined,
);

describe('of two hosts', () => {
  it.each([dead, deadAndUnknown])('names the one that lets nothing in, with commands for it (%#)', (change) => {
    const [finding, ...others] = diagnose(
      matrixOf(2, () => change),
      factsOf(2, { ports: dropping }),
    );
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: 'host-unreachable', title: expect.stringMatching(/^node2:/) });
    const rules = finding?.remedy.commands.find(({ label }) => label === 'iptables');
    expect(rules?.host).toBe('node2');
    expect(rules?.command).toMatch(/^sudo iptables -I INPUT -p tcp -m conntrack --ctstate ESTABLISHED -s 192.168.0.1 /);
  });

  it('names none where nothing gets through in either direction', () => {
    const ports = portsOf(['node1', 'node2'], () => notLetIn);
    const found = diagnose(
      matrixOf(2, () => dead),
      factsOf(2, { ports }),
    );
    expect(found.map(({ rule }) => rule)).not.toContain('host-unreachable');
  });

  it('is judged by its ports alone at the end where they were seen to be stopped', () => {
    const ports = portsOf(['node1', 'node2'], ({ to }) => (to === 'node2' ? notLetIn : { outcome: 'noAnswer' }));
    expect(judgePorts(ports)).toEqual([{ kind: 'unreachable', host: 'node2', peers: ['node1'] }]);
  });

  it('blames neither for a port that is silent both ways', () => {
    const ports = portsOf(['node1', 'node2'], ({ traffic }) =>
      traffic.protocol === 'tcp' ? { outcome: 'noAnswer' } : undefined,
    );
    const [finding] = diagnose(
      matrixOf(2, () => deadAndUnknown),
      factsOf(2, { ports }),
    );
    expect(finding).toMatchObject({ rule: 'gossip-blocked', confidence: 'likely' });
    expect(finding?.evidence.join(' ')).not.toContain('does not let in');
  });
});

describe('what was found closed', () => {
  const names = ['node1', 'node2', 'node3', 'node4'];

  it.each([
    [data, dead, 'data-path-blocked'],
    [tcp, deadAndUnknown, 'gossip-blocked'],
  ])(
    'and explains only some of the dead pairs is no certainty, and names where to open it (%#)',
    (one, change, rule) => {
      const ports = portsOf(names, ({ from, to, traffic }) =>
        from === 'node4' && to === 'node1' && traffic === one ? notLetIn : undefined,
      );
      const [finding] = diagnose(matrixOf(4, at('node4', change)), factsOf(4, { ports }));
      expect(finding).toMatchObject({ rule, confidence: 'likely' });
      expect([...new Set(finding?.remedy.commands.map(({ host }) => host))]).toEqual(['node1']);
      expect(finding?.remedy.text).toContain('in at node1 (192.168.0.1)');
      expect(finding?.remedy.text).toContain('does not explain all');
    },
  );

  it('comes before what only loses some packets', () => {
    const change = (from: string, to: string) =>
      at('node4', dead)(from, to) ?? (from === 'node1' && to === 'node2' ? { address: partial } : undefined);
    expect(diagnose(matrixOf(4, change), factsOf(4)).map(({ rule, confidence }) => [rule, confidence])).toEqual([
      ['data-path-blocked', 'likely'],
      ['loss', 'certain'],
    ]);
  });

  it('of gossip is not said to be open where names are unknown', () => {
    const ports = portsOf(names, ({ to, traffic }) => (to === 'node4' && traffic === tcp ? notLetIn : undefined));
    const unknown = { name: { outcome: 'unknown' }, byName: notTried } as const;
    const findings = diagnose(
      matrixOf(4, (from, to) => (from === 'node1' && to === 'node2' ? unknown : undefined)),
      factsOf(4, { ports }),
    );
    const text = findings.find(({ rule }) => rule === 'name-unknown')?.remedy;
    expect(text?.text).toMatch(/^Open what was found closed/);
    expect(text?.commands.map(({ host }) => host)).toContain('node4');
  });
});

describe('an advertised address that no interface has', () => {
  it('may be translated: what its firewall stops is named first', () => {
    const ports = portsOf(['node1', 'node2', 'node3'], ({ to }) => (to === 'node3' ? notLetIn : undefined));
    const readings = [reading('node3', { addresses: ['172.31.5.4/20'] })];
    const findings = diagnose(matrixOf(3, at('node3', dead)), factsOf(3, { ports, readings, managers: ['node1'] }));
    expect(findings.map(({ rule, confidence }) => [rule, confidence])).toEqual([
      ['data-path-blocked', 'likely'],
      ['advertise-address', 'possible'],
    ]);
    const text = findings[1]?.remedy.text ?? '';
    expect(text.indexOf('NAT')).toBeLessThan(text.indexOf('leave the swarm'));
    for (const lost of ['labels', 'availability', '--data-path-addr']) expect(text).toContain(lost);
  });

  it('is likely wrong where it lies in the subnet of the host itself', () => {
    const ports = portsOf(['node1', 'node2', 'node3'], ({ to }) => (to === 'node3' ? notLetIn : undefined));
    const readings = [reading('node3', { addresses: ['192.168.0.77/24'] })];
    const findings = diagnose(matrixOf(3, at('node3', dead)), factsOf(3, { ports, readings, managers: ['node1'] }));
    expect(findings.map(({ rule, confidence }) => [rule, confidence])).toEqual([['advertise-address', 'likely']]);
  });
});

describe('a link that is down', () => {
  const leftOut = { reason: 'windowsLeftOut', title: 'Left out', happened: 'It is Windows.', remedy: 'None.' };
  const untried = { address: notTried, byName: notTried, problem: 'It was left out.' } as const;

  it('is no cause of pairs that nobody tried', () => {
    const readings = [reading('node1', { up: false })];
    const findings = diagnose(matrixOf(3, at('node3', untried), { node3: leftOut }), factsOf(3, { readings }));
    expect(findings.map(({ rule }) => rule)).not.toContain('link-down');
  });

  it('is none where another pair of the host answers', () => {
    const readings = [reading('node1', { up: false })];
    const findings = diagnose(
      matrixOf(3, (from, to) => ([from, to].sort().join() === 'node1,node2' ? dead : undefined)),
      factsOf(3, { readings }),
    );
    expect(findings.map(({ rule }) => rule)).not.toContain('link-down');
  });
});

describe('a network for smaller packets', () => {
  const blocked = { fullSize: { outcome: 'blocked', mtu: 1450, largest: 1354 } } as const;

  it('is what this one is: internal, not attachable, with IPv6, and as large', () => {
    const facts = factsOf(3, {
      network: { attachable: false, internal: true, ipv6: true },
      subnets: ['10.0.0.0/16', 'fd00::/64'],
    });
    const [finding] = diagnose(
      matrixOf(3, () => blocked),
      facts,
    );
    expect(finding?.remedy.commands[0]?.command).toBe(
      'docker network create --driver overlay --internal --ipv6 --subnet NEW_SUBNET --subnet NEW_SUBNET ' +
        '--opt com.docker.network.driver.mtu=1400 NEW_NETWORK',
    );
    expect(finding?.remedy.text).toContain('10.0.0.0/16 and fd00::/64');
  });

  it('is not printed where nobody knows what this one is', () => {
    const facts = { dataPathPort: 4789, encrypted: false, hosts: factsOf(3).hosts };
    const [finding] = diagnose(
      matrixOf(3, () => blocked),
      facts,
    );
    expect(finding?.remedy.commands).toEqual([]);
  });
});
