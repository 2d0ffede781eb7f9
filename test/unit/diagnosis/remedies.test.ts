import { describe, expect, it } from 'vitest';
import { describeError, type Reason } from '../../../src/base/errors';
import { reasons } from '../../../src/base/reasons';
import type { Finding } from '../../../src/model/report/finding';
import type { PortProblem } from '../../../src/diagnosis/ports/judgePorts';
import { portRemedies, portRemedySafety } from '../../../src/diagnosis/ports/portRemedies';
import { proofFindings, proofRemedySafety, type JudgedPair } from '../../../src/diagnosis/proofFindings';
import type { ProofRequest } from '../../../src/verify/proof/proof';
import { diagnose } from '../../../src/diagnosis/diagnose';
import { allRules } from '../../../src/diagnosis/rules';
import { findingSection } from '../../../src/verify/reports/markdownParts';
import type { RemedySafety } from '../../../src/diagnosis/remedies/safety';
import { analyse } from '../../../src/diagnosis/analysis';
import { concludeTwin } from '../../../src/diagnosis/concludeTwin';
import { network } from '../swarm/samples';
import { fixtures, patternless } from './remedyFixtures';
import { dead, factsOf, matrixOf, reportOf } from './samples';
import { anyError } from '../anyError';

/*
 * Every command that a finding can print, held against three questions: does it cut what still works, does it open more
 * than needed, can it be taken back? A command of a new shape fails here until somebody has answered them.
 */

const address = String.raw`(?:[0-9a-f.:]*[.:][0-9a-f.:]*|PEER_ADDRESS)`;
const peer = String.raw`(?:\$peer|${address})`;
const link = String.raw`(?:[a-zA-Z0-9][\w.-]{0,14}|INTERFACE)`;
const node = '(?:[a-z0-9]{12,64}|NODE_ID)';

/** Commands that let something pass: always of, or to, single addresses. */
const openings = [
  String.raw`sudo firewall-cmd (?:--permanent )?--add-rich-rule="rule family='ipv[46]' source address='${peer}' (?:port port='\d+' protocol='(?:tcp|udp)'|protocol value='esp') accept"`,
  String.raw`sudo ufw prepend allow proto (?:(?:tcp|udp) from ${peer} to any port \d+|esp from ${peer})`,
  String.raw`sudo ufw prepend allow out proto (?:(?:tcp|udp) to ${peer} port \d+|esp to ${peer})`,
  String.raw`sudo ip6?tables -I (?:INPUT|OUTPUT) (?:-p tcp --dport \d+|-p udp --dport 7946|-p esp|-p tcp -m conntrack --ctstate ESTABLISHED) -[sd] ${address}(?:,${address})* -j ACCEPT`,
  // The data path: to the outside, or of what came encrypted, or behind the rules by which Docker keeps clear packets out of encrypted networks.
  String.raw`sudo ip6?tables -I OUTPUT -p udp --dport \d+ -d ${address}(?:,${address})* -j ACCEPT`,
  String.raw`sudo ip6?tables -I INPUT -m policy --dir in --pol ipsec -p udp --dport \d+ -s ${address}(?:,${address})* -j ACCEPT`,
  String.raw`sudo (?<program>ip6?tables) -I INPUT "\$\(sudo \k<program> -S INPUT \| awk '/\^-A/ \{n\+\+\} /\(--pol none \.\*--dport (?<port>\d+) \|--dport \k<port> \.\*@0xc&0xffffff00=\)\.\*-j DROP/ \{last = n\} END \{print last \+ 1\}'\)" -p udp --dport \k<port> -s ${address}(?:,${address})* -j ACCEPT`,
];

/** Commands that only look. */
const looks = [
  String.raw`ip (?:-br address|route|-s link|-s link show dev ${link}|-d link show dev ${link})`,
  'systemctl status docker|timedatectl status|docker info|docker version --format "{{.Server.Version}}"',
  String.raw`docker ps (?:--format "{{.Names}} {{.Networks}}"|--all --filter network=[0-9a-f]{12})`,
  String.raw`docker inspect --format '{{json .Config.Labels}}' [a-zA-Z0-9][\w.-]+`,
  'docker service ls --format "{{.Name}}"|docker events --since 10m --until 0s --filter event=die',
  String.raw`sudo journalctl -u docker -n \d+(?: \| grep -i (?:session|-E "[\w|]+"))?`,
  String.raw`sudo (?:ss -lntup sport = :\d+|iptables (?:-t mangle )?-S (?:INPUT|OUTPUT)|dmesg \| grep -i "out of memory")`,
  String.raw`sudo timeout 30 tcpdump -nn -i any -c 20 udp port \d+|ping -c 3 ${address}`,
  String.raw`sysctl net\.ipv6\.conf\.all\.disable_ipv6 net\.ipv6\.conf\.default\.disable_ipv6`,
  String.raw`zgrep CONFIG_INET_ESP= /proc/config\.gz \|\| grep CONFIG_INET_ESP= "/boot/config-\$\(uname -r\)"`,
  'echo "ESP is there"|docker swarm join-token -q (?:worker|manager)',
];

/** Commands that change something, each as far as it must. */
const changes = [
  'sudo systemctl restart docker',
  String.raw`sudo modprobe (?:esp4|vxlan|xt_u32|xt_bpf)(?: \|\| sudo modprobe xt_bpf)?`,
  String.raw`sudo ethtool -K ${link} tx-checksum-ip-generic off|sudo ip link set dev ${link} up`,
  String.raw`docker network create --driver overlay (?:--attachable )?(?:--internal )?(?:--ipv6 )?(?:--opt encrypted )?(?:--subnet NEW_SUBNET )*--opt com\.docker\.network\.driver\.mtu=\d+ NEW_NETWORK`,
  'docker network rm [0-9a-f]{12}',
  `docker node (?:update --availability active|demote|rm) ${node}`,
  String.raw`docker swarm leave|docker swarm join --advertise-addr ${address} --token TOKEN (?:\[${address}\]|${address}):2377`,
  "docker pull '[^']+'",
];

const shape = new RegExp(`^(?:${[...openings, ...looks, ...changes].join('|')})$`);

/** The single commands of a line: a loop over peers is what is in it. */
function singleCommands(line: string): string[] {
  const parts: string[] = [];
  const loop = new RegExp(String.raw`for peer in ${address}(?: ${address})+; do (.*?); done`, 'g');
  const rest = line.replace(loop, (_, inner: string) => {
    parts.push(...inner.split(' && '));
    return '';
  });
  return [...parts, ...rest.split(' && ')].filter((part) => part.trim() !== '');
}

const unsafe = (commands: readonly string[]): string[] =>
  commands.filter((line) => !singleCommands(line).every((one) => shape.test(one)));

const commandsIn = (findings: readonly Pick<Finding, 'remedy'>[]): string[] =>
  findings.flatMap(({ remedy }) => remedy.commands.map(({ command }) => command));

const isAnswered = (safety: RemedySafety | undefined): boolean =>
  safety !== undefined && [safety.cuts, safety.opens, safety.undo].every((answer) => /^\S.*[\w.]$/.test(answer));

const everything = { ...fixtures, 'no pattern': patternless };

describe('the commands of the rules', () => {
  it('come from fixtures that let each rule speak', () => {
    const views = Object.values(fixtures).map(({ matrix, facts }) => analyse(matrix, facts));
    const silent = allRules.filter((find) => views.every((view) => find(view).length === 0));
    expect(silent).toEqual([]);
    expect(diagnose(patternless.matrix, patternless.facts).map(({ rule }) => rule)).toContain('unexplained');
  });

  it('are answered for: what they cut, what they open, how they are taken back', () => {
    for (const { safety } of allRules) expect(safety).toSatisfy(isAnswered);
  });

  it.each(Object.entries(everything))('%s: have shapes that were looked at', (_, { matrix, facts }) => {
    const view = analyse(matrix, facts);
    const findings = [...allRules.flatMap((find) => find(view)), ...diagnose(matrix, facts)];
    expect(findings.length).toBeGreaterThan(0);
    expect(unsafe(commandsIn(findings))).toEqual([]);
  });

  it('keep their shapes, whatever hosts and engines call things', () => {
    for (const { matrix, facts } of Object.values(everything)) {
      const spoil = <T>(value: T): T =>
        JSON.parse(
          JSON.stringify(value)
            .replaceAll('192.168.0.2', '1.2.3.4; reboot')
            .replaceAll('"eth0"', '"$(reboot)"')
            .replaceAll('"web"', '"a; reboot"')
            .replaceAll('abcdefghij1234567890abcde', '`reboot`')
            .replaceAll('br-0123456789ab', "br-01'; reboot"),
        ) as T;
      const view = analyse(spoil(matrix), spoil(facts));
      expect(unsafe(commandsIn(allRules.flatMap((find) => find(view))))).toEqual([]);
    }
  });

  it('of a shape that nobody has looked at are noticed', () => {
    const bad = [
      'docker swarm leave --force',
      'sudo firewall-cmd --permanent --add-port=4789/udp',
      'sudo iptables -I INPUT -p udp --dport 4789 -j ACCEPT',
      'sudo ufw prepend allow proto udp from any to any port 4789',
      'sudo ip link set dev eth0 mtu 1500',
      'docker rm -f web',
      'for peer in 10.0.0.1 10.0.0.2; do sudo ufw prepend allow from $peer; done',
      'ip route; reboot',
    ];
    expect(unsafe(bad)).toEqual(bad);
  });
});

describe('what is said of commands', () => {
  const textsOf = (name: keyof typeof fixtures) => {
    const { matrix, facts } = fixtures[name] ?? patternless;
    return diagnose(matrix, facts).map(({ remedy }) => remedy.text);
  };

  it('of firewalls: how long iptables holds, and which zone firewalld takes', () => {
    for (const name of Object.keys(everything)) {
      const { matrix, facts } = everything[name as keyof typeof everything] ?? patternless;
      for (const { remedy } of diagnose(matrix, facts)) {
        const isTold = remedy.text.includes('gone after a restart of the machine') && remedy.text.includes('--zone');
        expect(isTold, name).toBe(remedy.commands.some(({ label }) => label === 'iptables'));
      }
    }
  });

  it('of modules: that they must be listed to stay', () => {
    expect(textsOf('no VXLAN')[0]).toContain('list it in /etc/modules-load.d');
    expect(textsOf('no packet match')[0]).toContain('list it in /etc/modules-load.d');
  });

  it('of a restart of Docker: what stays stopped', () => {
    for (const name of ['gossip does not run', 'engine silent from the start', 'name wrong'])
      expect(textsOf(name)[0]).toContain('without a restart policy stay stopped');
  });

  it('of none in the middle when a report is made of it', () => {
    const command = `for peer in ${'192.168.100.100 '.repeat(2_000)}; do true; done`;
    const finding = { title: 'a', evidence: [], remedy: { text: 'b', commands: [{ host: 'c', label: 'd', command }] } };
    expect(findingSection({ ...finding, rule: 'x', confidence: 'likely', pairs: [] })).toContain(
      `    ${command.replace(/ +/g, ' ')}`,
    );
  });
});

describe('the commands of the port check', () => {
  const traffic = [{ protocol: 'tcp', port: 7946 }, { protocol: 'esp' }] as const;
  const problems: readonly PortProblem[] = [
    ...(['inbound', 'outbound', 'between', 'notListening', 'refusing'] as const).map((kind) => ({
      kind,
      host: 'a',
      peers: ['b', 'c', 'd'],
      traffic,
    })),
    { kind: 'unreachable', host: 'a', peers: ['b'] },
  ];
  const addresses = new Map([
    ['a', '10.0.0.1'],
    ['b', 'fd00::2'],
    ['c', '10.0.0.3; reboot'],
  ]);

  it('are of all kinds of problems, answered for, and have shapes that were looked at', () => {
    expect(problems.map(({ kind }) => kind).sort()).toEqual(Object.keys(portRemedySafety).sort());
    for (const safety of Object.values(portRemedySafety)) expect(safety).toSatisfy(isAnswered);
    expect(unsafe(problems.flatMap((one) => portRemedies(one, addresses)).map(({ command }) => command))).toEqual([]);
  });
});

describe('the commands of the proof and the twin test', () => {
  const pair = (more: Partial<JudgedPair['proof']>, lostAt?: JudgedPair['lostAt']): JudgedPair => ({
    proof: {
      from: 'node1',
      to: 'node2',
      verdict: 'dead',
      esp: { sent: 0, arrived: 0 },
      plaintext: { sent: 0, arrived: 0 },
      pings: { sent: 3, answered: 0 },
      reason: 'Lost.',
      ...more,
    },
    ...(lostAt && { lostAt }),
  });
  const judged = [
    pair({ verdict: 'plaintext' }),
    pair({}, { kind: 'kernel', hosts: ['node1'] }),
    pair({}, { kind: 'host', host: 'node1', direction: 'out' }),
    pair({}, { kind: 'host', host: 'node2', direction: 'in' }),
    pair({}, { kind: 'association', host: 'node2' }),
    pair({}, { kind: 'between' }),
    pair({}, { kind: 'unanswered', host: 'node2' }),
  ];
  const findingsOf = (encrypted: boolean, facts = factsOf(3)) => {
    const hosts = ['node1', 'node2'].map((host) => ({ host, engine: {} as never }));
    const request: ProofRequest = {
      clusterId: 'c1',
      network: network('shop', { encrypted }),
      hosts,
      pings: 3,
      image: 'alpine',
      owner: 'o',
      helperImage: "netshoot'; reboot",
      facts,
    };
    return proofFindings(request, judged, new Map([['node1', "netshoot'; reboot is missing"]]));
  };

  it('are answered for, and have shapes that were looked at', () => {
    const findings = [...findingsOf(true), ...findingsOf(false)];
    expect(new Set(findings.map(({ rule }) => rule))).toEqual(new Set(Object.keys(proofRemedySafety)));
    for (const safety of Object.values(proofRemedySafety)) expect(safety).toSatisfy(isAnswered);
    expect(unsafe(commandsIn(findings))).toEqual([]);
  });

  it('let out what is kept back on its way out', () => {
    const finding = findingsOf(true).find(({ title }) => title.startsWith('node1: IP protocol 50'));
    expect(finding?.remedy.commands.map(({ command }) => command)).toEqual([
      expect.stringContaining('sudo ufw prepend allow out proto esp to $peer'),
      'sudo iptables -I OUTPUT -p esp -d 192.168.0.2,192.168.0.3 -j ACCEPT',
    ]);
  });

  it('of the twin test have shapes that were looked at', () => {
    const encrypted = reportOf(matrixOf(3, () => dead));
    const { findings } = concludeTwin(['node1', 'node2', 'node3'], reportOf(matrixOf(3)), encrypted, factsOf(3));
    expect(findings.map(({ rule }) => rule)).toEqual(['esp-blocked']);
    expect(unsafe(commandsIn(findings))).toEqual([]);
  });
});

describe('the commands of the reasons', () => {
  it('open nothing to everybody', () => {
    const params = {
      host: 'host1',
      name: 'web',
      address: '10.0.0.1',
      user: 'deploy',
      path: '/key',
      items: ['a'],
      seconds: 3,
    };
    const commands = (Object.keys(reasons) as Reason[]).flatMap((reason) =>
      // Without any, what stands in the place of an address or a name is looked at.
      [{}, { ...params, items: [] }, params].flatMap((some) => describeError(anyError(reason, some)).command ?? []),
    );
    expect(commands.length).toBeGreaterThan(5);
    const harmful = /--add-port|-j ACCEPT(?<!-s .*)|from any|\brm -f|\bmtu \d|prune/;
    expect(commands.filter((command) => harmful.test(command))).toEqual([]);
  });
});
