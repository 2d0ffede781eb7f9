import { describe, expect, it } from 'vitest';
import type { PortCheck, Traffic } from '../../../src/model/network/underlay';
import {
  isOwnRefusal,
  judgeAnswer,
  firewallEvidence,
  type FirewallEvidence,
} from '../../../src/verify/ports/judgeAnswer';
import { isBlocked, judgePorts } from '../../../src/diagnosis/ports/judgePorts';
import { isSameAddress, parsePortLine, parseTcp, parseUdp, type Flow } from '../../../src/verify/ports/parse';
import { portRemedies, problemTitle } from '../../../src/diagnosis/ports/portRemedies';
import { attemptScript, type Attempt } from '../../../src/verify/ports/script';
import { summarisePorts } from '../../../src/diagnosis/ports/summarisePorts';

const udp = (port: number): Traffic => ({ protocol: 'udp', port });
const tcp = (port: number): Traffic => ({ protocol: 'tcp', port });

const names = ['a', 'b', 'c'] as const;
const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => ({ from, to })));

/** All ways open but those that `change` says otherwise of. */
function checks(
  traffic: readonly Traffic[],
  change: (check: PortCheck) => Partial<PortCheck> = () => ({}),
): PortCheck[] {
  return pairs.flatMap((pair) =>
    traffic.map((one) => {
      const check: PortCheck = { ...pair, traffic: one, outcome: 'open' };
      return { ...check, ...change(check) };
    }),
  );
}

const all = [tcp(7946), udp(7946), udp(4789)];
const silent = { outcome: 'noAnswer' } as const;

describe('a line of the scripts', () => {
  it.each([
    ['r 3 1 nc: refused', { kind: 'result', key: 3, code: 1, output: 'nc: refused' }],
    ['r 3 0', { kind: 'result', key: 3, code: 0, output: '' }],
    [
      'f udp 10.0.0.1 10.0.0.2 40001 4789',
      { kind: 'flow', flow: { protocol: 'udp', from: '10.0.0.1', to: '10.0.0.2', sourcePort: 40001, port: 4789 } },
    ],
    ['a eth0 10.0.0.1/24', { kind: 'address', link: 'eth0', address: '10.0.0.1' }],
    ['m traceroute', { kind: 'missing', tool: 'traceroute' }],
    ['s 17', { kind: 'resets', count: 17 }],
    ['c yes', { kind: 'tracking' }],
    ['l tcp 1F0A', { kind: 'listener', protocol: 'tcp', port: 7946 }],
    ['l end', { kind: 'listenersEnd' }],
    ['e', { kind: 'end' }],
  ])('"%s" is understood', (line, understood) => {
    expect(parsePortLine(line)).toEqual(understood);
  });

  it.each(['', 'c no', 'f udp nobody 10.0.0.2 1 2', 'a eth0 $(reboot)', 'r x 0 y', 'f icmp 1.1.1.1 2.2.2.2 1 2'])(
    '"%s" is left out',
    (line) => {
      expect(parsePortLine(line)).toBeUndefined();
    },
  );

  it('with an IPv6 address in full is the same address', () => {
    expect(isSameAddress('fd00:0000:0000:0000:0000:0000:0000:0005', 'fd00::5')).toBe(true);
    expect(isSameAddress('10.0.0.5', 'fd00::5')).toBe(false);
    expect(isSameAddress('10.0.0.5', '10.0.0.6')).toBe(false);
  });
});

describe('what a sender heard', () => {
  it.each([
    [0, '', 'connected'],
    [0, '10.0.0.2 (10.0.0.2:7946) open', 'connected'],
    [1, "nc: can't connect to remote host (10.0.0.2): Connection refused", 'refused'],
    [1, '10.0.0.2 (10.0.0.2:7946): Connection refused', 'refused'],
    [1, "nc: can't connect to remote host (10.0.0.2): No route to host", 'silent'],
    [1, 'nc: timed out', 'silent'],
    [143, 'Terminated', 'silent'],
    [1, 'nc: socket: Operation not permitted', 'notSent'],
    [127, 'sh: nc: not found', 'error'],
  ])('by TCP, code %d "%s", is %s', (code, output, kind) => {
    expect(parseTcp(code, output).kind).toBe(kind);
  });

  const header = 'traceroute to 10.0.0.2 (10.0.0.2), 64 hops max, 46 byte packets 64';
  it.each([
    [`${header} 10.0.0.2 0.004 ms`, 'refused'],
    [`${header} *`, 'silent'],
    // All traceroutes of a host hear what one of them is told.
    [`${header} 10.0.0.3 0.004 ms`, 'silent'],
    [`${header} 10.0.0.2 0.1 ms !X`, 'prohibited'],
    [`${header} 10.0.0.2 0.1 ms !<13>`, 'prohibited'],
    [`${header} 10.0.0.2 0.1 ms !H`, 'silent'],
    [`${header}traceroute: sendto: Operation not permitted`, 'notSent'],
    ['traceroute: applet not found', 'error'],
  ])('by UDP, "%s", is %s', (output, kind) => {
    expect(parseUdp('10.0.0.2', output).kind).toBe(kind);
  });
});

describe('the flows of both ends', () => {
  const flow = (more: Partial<Flow>): Flow => ({
    protocol: 'udp',
    from: '10.0.0.1',
    to: '10.0.0.2',
    sourcePort: 40001,
    port: 4789,
    ...more,
  });
  const track = {
    protocol: 'udp',
    port: 4789,
    fromAddress: '10.0.0.1',
    toAddress: '10.0.0.2',
    known: ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
  } as const;

  it.each([
    ['listed at both', [flow({})], [flow({})], { left: true, letIn: true }],
    ['listed at the sender only', [flow({})], [], { left: true, letIn: false }],
    ['listed nowhere', [], [], { left: false, letIn: false }],
    ['of another sender', [flow({})], [flow({ from: '10.0.0.3' })], { left: true, letIn: false }],
    ['to another port', [flow({})], [flow({ port: 7946 })], { left: true, letIn: false }],
    [
      'going out of the receiver itself',
      [flow({})],
      [flow({ from: '192.0.2.9', to: '10.0.0.3' })],
      { left: true, letIn: false },
    ],
    [
      'from a translated address with the same port',
      [flow({})],
      [flow({ from: '192.0.2.9' })],
      { left: true, letIn: true },
    ],
    ['from a translated address and port', [flow({})], [flow({ from: '192.0.2.9', sourcePort: 5 })], { left: true }],
    ['that cannot be read at the receiver', [flow({})], undefined, { left: true }],
    ['that cannot be read at all', undefined, undefined, {}],
  ])('tell of a flow %s', (_, sender, receiver, passage) => {
    expect(firewallEvidence({ ...track, sender, receiver })).toEqual(passage);
  });

  it('tell by counted resets whether the host refused or a firewall', () => {
    expect(isOwnRefusal(2, 2)).toBe(true);
    expect(isOwnRefusal(2, 5)).toBe(true);
    expect(isOwnRefusal(2, 0)).toBe(false);
    expect(isOwnRefusal(2, 1)).toBeUndefined();
    expect(isOwnRefusal(2, undefined)).toBeUndefined();
  });
});

describe('a verdict', () => {
  const way = { from: 'a', to: 'b', listens: true } as const;
  it.each([
    ['udp', 'silent', {}, 'noAnswer', undefined],
    ['udp', 'silent', { left: true, letIn: true }, 'open', undefined],
    ['udp', 'silent', { left: true, letIn: false }, 'noAnswer', 'to'],
    ['udp', 'silent', { left: false, letIn: false }, 'noAnswer', 'from'],
    ['udp', 'notSent', {}, 'noAnswer', 'from'],
    ['udp', 'refused', { letIn: false }, 'refused', 'to'],
    ['udp', 'prohibited', {}, 'refused', 'to'],
    ['tcp', 'connected', { letIn: false }, 'open', undefined],
    ['tcp', 'silent', {}, 'noAnswer', undefined],
    ['tcp', 'silent', { left: true, letIn: true }, 'noAnswer', undefined],
    ['tcp', 'refused', { letIn: true }, 'refused', undefined],
  ] as const)('of %s that is %s with %o is %s', (protocol, kind, passage, outcome, stoppedAt) => {
    const verdict = judgeAnswer({ ...way, protocol }, { kind }, passage);
    expect(verdict.outcome).toBe(outcome);
    expect(verdict.stoppedAt).toBe(stoppedAt);
  });

  it('of a refusal where nothing is to listen yet is open only when it was let in', () => {
    const free = { ...way, listens: false, protocol: 'tcp' } as const;
    expect(judgeAnswer(free, { kind: 'refused' }, { letIn: true }).outcome).toBe('open');
    expect(judgeAnswer(free, { kind: 'refused' }, {}).outcome).toBe('refused');
    expect(judgeAnswer(free, { kind: 'refused' }, { letIn: false })).toMatchObject({
      outcome: 'refused',
      stoppedAt: 'to',
    });
  });
});

describe('a refusal by a host that is in a swarm', () => {
  const addresses = new Map([
    ['a', '10.0.0.1'],
    ['web', '10.0.0.9'],
  ]);
  const found = (passage: FirewallEvidence) => {
    const way = { from: 'a', to: 'web', protocol: 'tcp', listens: true } as const;
    const check: PortCheck = { from: 'a', to: 'web', traffic: tcp(7946), listens: true, outcome: 'open' };
    const [problem] = judgePorts([{ ...check, ...judgeAnswer(way, { kind: 'refused' }, passage) }]);
    return {
      kind: problem?.kind,
      commands: problem ? portRemedies(problem, addresses).map(({ command }) => command) : [],
    };
  };

  // However many resets its TCP has sent meanwhile: those of a busy server are for others.
  it('comes from a firewall where its kernel has a socket for it', () => {
    const { kind, commands } = found({ isListening: true });
    expect(kind).toBe('inbound');
    expect(commands.join()).not.toContain('restart');
  });

  it('comes from nobody listening where there is none', () => {
    expect(found({ isListening: false }).kind).toBe('notListening');
  });

  it('is not explained where nobody could look, and nothing is to be restarted or opened', () => {
    expect(found({})).toEqual({ kind: 'refusing', commands: ['sudo ss -lntup sport = :7946'] });
  });
});

describe('the judgement', () => {
  it('of open ways blames nobody, nor that of UDP without answer', () => {
    expect(judgePorts(checks(all))).toEqual([]);
    const quiet = checks(all, ({ traffic }) => (traffic.protocol === 'udp' ? silent : {}));
    expect(judgePorts(quiet)).toEqual([]);
    expect(quiet.some(isBlocked)).toBe(false);
  });

  it.each([
    [
      'the receiver says so',
      ({ to, traffic }: PortCheck) => to === 'b' && traffic === all[2],
      { ...silent, stoppedAt: 'to' },
    ],
    ['nobody reaches it', ({ to, traffic }: PortCheck) => to === 'b' && traffic === all[0], silent],
  ] as const)('blames the receiver when %s', (_, isHit, change) => {
    const found = checks(all, (check) => (isHit(check) ? change : {}));
    expect(judgePorts(found)).toMatchObject([{ kind: 'inbound', host: 'b', peers: ['a', 'c'] }]);
  });

  it.each([
    ['the sender says so', { ...silent, stoppedAt: 'from' }],
    ['it reaches nobody', silent],
  ] as const)('blames the sender when %s', (_, change) => {
    const found = checks(all, ({ from, traffic }) => (from === 'b' && traffic === all[0] ? change : {}));
    expect(judgePorts(found)).toMatchObject([{ kind: 'outbound', host: 'b', peers: ['a', 'c'], traffic: [tcp(7946)] }]);
  });

  it('names a pair of which it cannot tell the end', () => {
    const found = checks(all, ({ from, to, traffic }) =>
      from === 'a' && to === 'b' && traffic === all[0] ? silent : {},
    );
    expect(judgePorts(found)).toMatchObject([{ kind: 'between', host: 'a', peers: ['b'] }]);
  });

  it('gathers the ports of one host into one problem', () => {
    const found = checks(all, ({ to }) => (to === 'b' ? { ...silent, stoppedAt: 'to' } : {}));
    expect(judgePorts(found)).toEqual([{ kind: 'inbound', host: 'b', peers: ['a', 'c'], traffic: all }]);
  });

  it('takes a host without any way for unreachable, and blames no port of it', () => {
    const found = checks(all, ({ from, to }) => (from === 'b' || to === 'b' ? { ...silent, stoppedAt: 'to' } : {}));
    expect(judgePorts(found)).toEqual([{ kind: 'unreachable', host: 'b', peers: ['a', 'c'] }]);
  });

  it('does not blame those that were tried with an unreachable host only', () => {
    const found = checks(all, () => silent).filter(({ from, to }) => from === 'b' || to === 'b');
    expect(judgePorts(found)).toEqual([{ kind: 'unreachable', host: 'b', peers: ['a', 'c'] }]);
  });

  it('names one host where everybody is cut off from everybody', () => {
    const unreachable = judgePorts(checks(all, () => silent)).filter(({ kind }) => kind === 'unreachable');
    expect(unreachable).toEqual([{ kind: 'unreachable', host: 'a', peers: ['b', 'c'] }]);
  });

  it('names an engine that should listen and does not', () => {
    const found = checks(all, ({ to, traffic }) =>
      to === 'b' && traffic === all[0] ? { outcome: 'refused', listens: true, isListening: false } : {},
    );
    const [problem] = judgePorts(found);
    expect(problem).toMatchObject({ kind: 'notListening', host: 'b' });
    expect(problem && portRemedies(problem, new Map())).toMatchObject([
      { host: 'b', label: 'last words of Docker' },
      { host: 'b', label: 'restart Docker' },
    ]);
  });

  it('leaves out what was not tried', () => {
    expect(judgePorts(checks(all, () => ({ outcome: 'notTried' })))).toEqual([]);
  });
});

describe('remedies', () => {
  const addresses = new Map([
    ['a', '10.0.0.1'],
    ['b', '10.0.0.2'],
    ['c', '$(reboot)'],
  ]);

  it('open a host for the peers concerned, and take no text that is not an address', () => {
    const problem = { kind: 'inbound', host: 'b', peers: ['a', 'c'], traffic: [udp(7946)] } as const;
    const commands = portRemedies(problem, addresses);
    expect(commands.map(({ label }) => label)).toEqual(['firewalld', 'ufw', 'iptables']);
    expect(commands[2]?.command).toBe('sudo iptables -I INPUT -p udp --dport 7946 -s 10.0.0.1,PEER_ADDRESS -j ACCEPT');
    expect(JSON.stringify(commands)).not.toContain('reboot');
    expect(problemTitle(problem)).toBe('b does not let in 7946/udp from a and c');
  });

  it('let a host send', () => {
    const problem = { kind: 'outbound', host: 'a', peers: ['b'], traffic: [tcp(2377)] } as const;
    expect(portRemedies(problem, addresses).map(({ command }) => command)).toEqual([
      'sudo ufw prepend allow out proto tcp to 10.0.0.2 port 2377',
      'sudo iptables -I OUTPUT -p tcp --dport 2377 -d 10.0.0.2 -j ACCEPT',
    ]);
  });
});

describe('the summary', () => {
  it('says in one sentence what was found', () => {
    expect(summarisePorts(checks(all)).sentence).toBe('Every port that was tried between 3 hosts is open.');
    const blocked = checks(all, ({ to }) => (to === 'b' ? { ...silent, stoppedAt: 'to' } : {}));
    expect(summarisePorts(blocked).sentence).toMatch(
      /^b does not let in 7946\/tcp, 7946\/udp and 4789\/udp from a and c\.$/,
    );
    const quiet = checks(all, ({ traffic }) => (traffic === all[2] ? silent : {}));
    expect(summarisePorts(quiet).sentence).toContain('of 4789/udp nobody can tell');
    const lost = checks(all, ({ from }) => (from === 'c' ? { outcome: 'notTried' } : {}));
    expect(summarisePorts(lost).sentence).toContain('c could not take part');
  });
});

describe('the scripts', () => {
  const echo: Attempt = { key: 0, kind: 'echo', address: '127.0.0.1', port: 0 };

  it.each([
    ['an address', { ...echo, address: '$(reboot)' }],
    ['a zone', { ...echo, address: 'fe80::1%eth0' }],
    ['a key', { ...echo, key: -1 }],
    ['a port', { ...echo, kind: 'tcp', port: 70_000 }],
  ] as const)('refuse what would need quoting: %s', (_, probe) => {
    expect(() => attemptScript([[probe]])).toThrow(RangeError);
  });
});
