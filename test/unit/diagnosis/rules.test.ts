import { describe, expect, it } from 'vitest';
import type { PairResult } from '../../../src/model/report/matrix';
import { diagnose } from '../../../src/diagnosis/diagnose';
import { dead, deadAndUnknown, factsOf, matrixOf, partial, dataPathRule } from './samples';

const touches = (host: string) => (from: string, to: string) => from === host || to === host;

/** A change for the pairs from and to a host. */
const at = (host: string, change: Partial<PairResult>) => (from: string, to: string) =>
  touches(host)(from, to) ? change : undefined;

const problem = {
  reason: 'imageMissing',
  title: 'Image missing',
  happened: 'No image.',
  remedy: 'Load it.',
  command: 'docker pull x',
};

describe('a healthy matrix', () => {
  it.each([
    [2, false],
    [3, false],
    [3, true],
    [24, true],
  ])('of %i hosts, encrypted %s, has no finding', (count, encrypted) => {
    expect(diagnose(matrixOf(count), factsOf(count, { encrypted }))).toEqual([]);
  });

  it('has none whatever is known about kernels and peers', () => {
    const facts = factsOf(3, { encrypted: true, peers: [{ host: 'node1', addresses: [] }] });
    const withoutEsp = { ...facts, hosts: facts.hosts.map((host) => ({ ...host, kernelHasEsp: false })) };
    expect(diagnose(matrixOf(3), withoutEsp)).toEqual([]);
  });
});

describe('dataPathBlocked', () => {
  it('names the host, its cells, and commands with the real port and peers', () => {
    const findings = diagnose(matrixOf(3, at('node2', dead)), factsOf(3, { dataPathPort: 4790 }));
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      rule: 'data-path-blocked',
      title: 'node2: the data path is blocked',
      confidence: 'likely',
      pairs: [
        { from: 'node1', to: 'node2' },
        { from: 'node2', to: 'node1' },
        { from: 'node2', to: 'node3' },
        { from: 'node3', to: 'node2' },
      ],
    });
    const rich = `--add-rich-rule="rule family='ipv4' source address='$peer' port port='4790' protocol='udp' accept"`;
    expect(findings[0]?.remedy.commands).toEqual([
      {
        host: 'node2',
        label: 'firewalld',
        command:
          `for peer in 192.168.0.1 192.168.0.3; do sudo firewall-cmd ${rich} && ` +
          `sudo firewall-cmd --permanent ${rich}; done`,
      },
      {
        host: 'node2',
        label: 'ufw',
        command:
          'for peer in 192.168.0.1 192.168.0.3; do sudo ufw prepend allow proto udp from $peer to any port 4790; done',
      },
      {
        host: 'node2',
        label: 'iptables',
        command: `${dataPathRule(4790)} -p udp --dport 4790 -s 192.168.0.1,192.168.0.3 -j ACCEPT`,
      },
    ]);
  });

  it('names several hosts when the rest reach each other', () => {
    const isBad = (host: string) => host === 'node3' || host === 'node4';
    const findings = diagnose(
      matrixOf(4, (from, to) => (isBad(from) || isBad(to) ? dead : undefined)),
      factsOf(4),
    );
    expect(findings.map((finding) => finding.title)).toEqual(['node3 and node4: the data path is blocked']);
  });

  it('says that two hosts are too few to tell which is at fault', () => {
    const [finding, ...others] = diagnose(
      matrixOf(2, () => dead),
      factsOf(2),
    );
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ rule: 'data-path-blocked', confidence: 'likely' });
    expect(finding?.title).not.toMatch(/node[12]/);
    expect(finding?.evidence.join(' ')).toContain('cannot tell which of them');
    expect(new Set(finding?.remedy.commands.map((one) => one.host))).toEqual(new Set(['node1', 'node2']));
  });

  it('never puts what is no address into a command', () => {
    const facts = factsOf(3);
    const hosts = facts.hosts.map((host) => ({ ...host, address: '1.2.3.4; reboot' }));
    const [finding] = diagnose(matrixOf(3, at('node2', dead)), { ...facts, hosts });
    expect(JSON.stringify(finding)).not.toContain('reboot');
    expect(finding?.remedy.commands.map((one) => one.command)).toContain(
      `${dataPathRule(4789)} -p udp --dport 4789 -s PEER_ADDRESS -j ACCEPT`,
    );
  });

  it('uses ip6tables for IPv6 peers', () => {
    const facts = factsOf(3);
    const hosts = facts.hosts.map((host, index) => ({ ...host, address: `fd00::${index + 1}` }));
    const [finding] = diagnose(matrixOf(3, at('node2', dead)), { ...facts, hosts });
    expect(finding?.remedy.commands.map((one) => one.command)).toContain(
      `${dataPathRule(4789, 'ip6tables')} -p udp --dport 4789 -s fd00::1,fd00::3 -j ACCEPT`,
    );
  });
});

describe('gossipBlocked', () => {
  it('is told from a blocked data path by unknown names', () => {
    const findings = diagnose(matrixOf(3, at('node2', deadAndUnknown)), factsOf(3));
    expect(findings.map((finding) => [finding.rule, finding.confidence])).toEqual([['gossip-blocked', 'likely']]);
    expect(findings[0]?.title).toContain('node2');
    expect(findings[0]?.remedy.commands.map((one) => one.command).join('\n')).toContain(
      "source address='$peer' port port='7946' protocol='tcp' accept",
    );
    expect(findings[0]?.pairs).toHaveLength(4);
  });

  it('adds that the host is missing among the peers', () => {
    const peers = [
      { host: 'node1', addresses: ['192.168.0.1', '192.168.0.3'] },
      { host: 'node2', addresses: ['192.168.0.2'] },
      { host: 'node3', addresses: ['192.168.0.1', '192.168.0.3'] },
    ];
    const [finding] = diagnose(matrixOf(3, at('node2', deadAndUnknown)), factsOf(3, { peers }));
    expect(finding?.evidence).toContain('node2 is missing among the peers of the network as node1 and node3 see them.');
  });

  it('does not choose one of two hosts', () => {
    const [finding] = diagnose(
      matrixOf(2, () => deadAndUnknown),
      factsOf(2),
    );
    expect(finding).toMatchObject({ rule: 'gossip-blocked', confidence: 'likely' });
    expect(finding?.title).not.toMatch(/node[12]/);
  });
});

describe('gossipNotRunning', () => {
  const deaf = (host: string, count: number) =>
    Array.from({ length: count }, (_, index) => `node${index + 1}`).map((one, index) => ({
      host: one,
      addresses: one === host ? [] : [`192.168.0.${index + 1}`],
    }));

  it('names the host that knows no peer of the network, and blames no firewall', () => {
    for (const change of [dead, deadAndUnknown]) {
      const findings = diagnose(matrixOf(3, at('node2', change)), factsOf(3, { peers: deaf('node2', 3) }));
      expect(findings.map((finding) => [finding.rule, finding.confidence])).toEqual([
        ['gossip-not-running', 'certain'],
      ]);
      expect(findings[0]?.pairs).toHaveLength(4);
      expect(findings[0]?.remedy.commands.map((one) => one.host)).toEqual(['node2', 'node2']);
    }
  });

  it('does not suspect the other one of two hosts', () => {
    const findings = diagnose(
      matrixOf(2, () => dead),
      factsOf(2, { peers: deaf('node2', 2) }),
    );
    expect(findings.map((finding) => finding.title)).toEqual(['node2: the engine takes no part in the swarm’s gossip']);
  });

  it('lets the other hosts be judged without it', () => {
    const findings = diagnose(
      matrixOf(4, (from, to) => (touches('node2')(from, to) || touches('node3')(from, to) ? dead : undefined)),
      factsOf(4, { peers: deaf('node2', 4) }),
    );
    expect(findings.map((finding) => finding.rule)).toEqual(['gossip-not-running', 'data-path-blocked']);
    expect(findings[1]?.title).toContain('node3');
  });
});

describe('encrypted networks', () => {
  it('suspects ESP when all pairs are dead and names resolve', () => {
    const findings = diagnose(
      matrixOf(3, () => dead),
      factsOf(3, { encrypted: true }),
    );
    expect(findings.map((finding) => [finding.rule, finding.confidence])).toEqual([['encrypted-data-path', 'likely']]);
    const commands = findings[0]?.remedy.commands.map((one) => one.command).join('\n');
    expect(commands).toContain('iptables -I INPUT -p esp -s 192.168.0.2,192.168.0.3 -j ACCEPT');
    expect(commands).toContain('for peer in 192.168.0.2 192.168.0.3; do sudo ufw prepend allow proto esp from $peer');
    expect(commands).toContain("protocol value='esp' accept");
  });

  it('suspects one host when only its pairs are dead', () => {
    const [finding] = diagnose(matrixOf(3, at('node2', dead)), factsOf(3, { encrypted: true }));
    expect(finding?.title).toBe('node2: the encrypted data path is dead');
  });

  it('is certain when a kernel is known to lack ESP, and suspects nobody else', () => {
    const facts = factsOf(3, { encrypted: true });
    const hosts = facts.hosts.map((host) => ({ ...host, kernelHasEsp: host.host !== 'node2', kernel: '6.1.0' }));
    const findings = diagnose(matrixOf(3, at('node2', dead)), { ...facts, hosts });
    expect(findings.map((finding) => [finding.rule, finding.confidence])).toEqual([['kernel-without-esp', 'certain']]);
    expect(findings[0]?.title).toContain('node2');
    expect(findings[0]?.evidence.join(' ')).toContain('6.1.0');
  });

  it('does not speak of a plain data path', () => {
    const rules = diagnose(matrixOf(3, at('node2', dead)), factsOf(3, { encrypted: true })).map((one) => one.rule);
    expect(rules).not.toContain('data-path-blocked');
  });
});

describe('hostMissing', () => {
  it('says why, and does not blame the network for it', () => {
    const matrix = matrixOf(
      3,
      at('node3', { address: { outcome: 'notTried', sent: 0, received: 0 }, problem: 'No image.' }),
      {
        node3: problem,
      },
    );
    const findings = diagnose(matrix, factsOf(3));
    expect(findings.map((finding) => finding.rule)).toEqual(['host-missing']);
    expect(findings[0]).toMatchObject({ confidence: 'certain', title: 'node3: no test container (image missing)' });
    expect(findings[0]?.pairs).toHaveLength(4);
    expect(findings[0]?.remedy.commands).toEqual([{ host: 'node3', label: 'command', command: 'docker pull x' }]);
  });
});

describe('sourceStopped', () => {
  it('names the source whose pings ended early', () => {
    const unfinished = { name: { outcome: 'notTried' }, problem: 'The test container ended.' } as const;
    const findings = diagnose(
      matrixOf(3, (from) => (from === 'node1' ? unfinished : undefined)),
      factsOf(3),
    );
    expect(findings.map((finding) => [finding.rule, finding.pairs.length])).toEqual([['source-stopped', 2]]);
    expect(findings[0]?.evidence[0]).toBe('The test container ended.');
  });
});

describe('names', () => {
  it('finds a name that leads elsewhere', () => {
    const wrong = { name: { outcome: 'resolved', address: '10.0.1.99', right: false } } as const;
    const findings = diagnose(
      matrixOf(3, (_, to) => (to === 'node2' ? wrong : undefined)),
      factsOf(3),
    );
    expect(findings.map((finding) => finding.rule)).toEqual(['name-wrong']);
    expect(findings[0]?.evidence[0]).toContain('10.0.1.99');
    expect(findings[0]?.evidence[0]).toContain('10.0.1.3');
  });

  it('finds unknown names whose addresses answer', () => {
    const unknown = { name: { outcome: 'unknown' }, byName: { outcome: 'notTried', sent: 0, received: 0 } } as const;
    const findings = diagnose(
      matrixOf(3, (from) => (from === 'node1' ? unknown : undefined)),
      factsOf(3),
    );
    expect(findings.map((finding) => [finding.rule, finding.confidence])).toEqual([['name-unknown', 'likely']]);
  });
});

describe('loss', () => {
  it('counts what got lost and names the host they share', () => {
    const findings = diagnose(matrixOf(3, at('node2', { address: partial, byName: partial })), factsOf(3));
    expect(findings.map((finding) => finding.rule)).toEqual(['loss']);
    expect(findings[0]?.title).toContain('node2');
    expect(findings[0]?.evidence[0]).toBe('4 pairs answered 16 of 24 echo requests (33 % lost).');
  });

  it('does not name one of two hosts', () => {
    const [finding] = diagnose(
      matrixOf(2, () => ({ address: partial })),
      factsOf(2),
    );
    expect(finding?.title).toBe('Packets get lost');
  });
});

describe('unexplained', () => {
  it('reports a host that reaches some and is dead to others as what it is', () => {
    const findings = diagnose(
      matrixOf(4, (from, to) => (from === 'node1' && to !== 'node4' ? dead : undefined)),
      factsOf(4),
    );
    expect(findings.map((finding) => finding.rule)).toEqual(['one-direction']);
  });

  it('stays silent about what another rule explains', () => {
    const findings = diagnose(
      matrixOf(5, (from, to) =>
        touches('node2')(from, to) ? dead : from === 'node4' && to === 'node5' ? dead : undefined,
      ),
      factsOf(5),
    );
    expect(findings.map((finding) => finding.rule)).toEqual(['data-path-blocked', 'one-direction']);
    expect(findings[1]?.pairs).toEqual([{ from: 'node4', to: 'node5' }]);
  });
});
