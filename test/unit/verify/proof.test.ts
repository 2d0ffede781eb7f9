import { describe, expect, it } from 'vitest';
import { parseAddresses, parseAssociations } from '../../../src/verify/proof/watch/associations';
import { CaptureReader } from '../../../src/verify/proof/watch/capture';
import { captureFilter, trafficScript, watchScript } from '../../../src/verify/proof/watch/script';
import { espLengths, espRange, sizedPairs } from '../../../src/verify/proof/packetSizes';
import { PacketCounter, type HostWatch } from '../../../src/verify/proof/watch/packetCounts';
import { judge, type PairEvidence } from '../../../src/verify/proof/verdict';
import { parseVxlanIds } from '../../../src/model/network/vxlan';
import { conclusionOf } from '../../../src/verify/proof/words';
import type { PairProof } from '../../../src/model/report/proof';

/** tcpdump 4.99.3 on a host of Docker 20.10.24: an encrypted network with payloads of 300 and 301 bytes, then a plain one. */
const captured = `tcpdump: data link type LINUX_SLL2
tcpdump: verbose output suppressed, use -v[v]... for full protocol decode
listening on any, link-type LINUX_SLL2 (Linux cooked v2), snapshot length 160 bytes
1795370644.480103 eth0  In  IP 10.77.1.11 > 10.77.1.12: ESP(spi=0xfa2a6c96,seq=0x1), length 384
1795370644.480851 eth0  Out IP 10.77.1.12 > 10.77.1.11: ESP(spi=0x973691e6,seq=0x1), length 384
1795370646.952804 eth0  In  IP 10.77.1.11 > 10.77.1.12: ESP(spi=0xfa2a6c96,seq=0x3), length 388
1795370649.178524 eth0  In  IP 10.77.1.11.44469 > 10.77.1.12.4789: VXLAN, flags [I] (0x08), vni 4098
IP 10.0.2.2 > 10.0.2.4: ICMP echo request, id 6, seq 0, length 308
1795370649.178702 eth0  Out IP 10.77.1.12.44469 > 10.77.1.11.4789: VXLAN, flags [I] (0x08), vni 4098
IP 10.0.2.4 > 10.0.2.2: ICMP echo reply, id 6, seq 0, length 308

10 packets captured
10 packets received by filter
3 packets dropped by kernel`.split('\n');

/** `ip -s xfrm state` there (iproute2 6.1), as the script lets it through. */
const states = `src 10.77.1.11 dst 10.77.1.12
	proto esp spi 0x6947b531(1766307121) reqid 13681891(0x00d0c4e3) mode transport
	  0(bytes), 0(packets)
	  add 2026-11-22 18:02:57 use -
src 10.77.1.12 dst 10.77.1.11
	proto esp spi 0x973691e6(2536935910) reqid 13681891(0x00d0c4e3) mode transport
	  1434(bytes), 4(packets)
	  add 2026-11-22 18:02:57 use 2026-11-22 18:04:04`.split('\n');

function read(lines: readonly string[]): CaptureReader {
  const reader = new CaptureReader();
  lines.forEach((line) => reader.push(line));
  reader.end();
  return reader;
}

describe('reading a capture', () => {
  it('takes ESP with its length, and VXLAN with what is inside', () => {
    expect(read(captured).packets).toEqual([
      { kind: 'esp', source: '10.77.1.11', destination: '10.77.1.12', length: 384 },
      { kind: 'esp', source: '10.77.1.12', destination: '10.77.1.11', length: 384 },
      { kind: 'esp', source: '10.77.1.11', destination: '10.77.1.12', length: 388 },
      {
        kind: 'clear',
        source: '10.77.1.11',
        destination: '10.77.1.12',
        vni: 4098,
        echo: { kind: 'request', source: '10.0.2.2', destination: '10.0.2.4' },
      },
      {
        kind: 'clear',
        source: '10.77.1.12',
        destination: '10.77.1.11',
        vni: 4098,
        echo: { kind: 'reply', source: '10.0.2.4', destination: '10.0.2.2' },
      },
    ]);
  });

  it('tells when it listens and what was dropped', () => {
    const reader = new CaptureReader();
    expect(captured.flatMap((line) => reader.push(line) ?? [])).toEqual([
      { kind: 'listening' },
      { kind: 'captured', packets: 10 },
      { kind: 'dropped', packets: 3 },
    ]);
  });

  it('counts a packet once that passes a bridge and its port, and each copy that is another packet', () => {
    const line = '1.000001 eth0  Out IP 10.0.0.1 > 10.0.0.2: ESP(spi=0x1,seq=0x1), length 184';
    const next = line.replace('seq=0x1', 'seq=0x2');
    expect(read([line, line.replace('eth0', 'br0'), next]).packets).toHaveLength(2);
  });

  it('reads IPv6 underlays, IPv6 inside, other traffic inside, and lines without interface', () => {
    const { packets } = read([
      '1.1 IP6 fd00::1.50000 > fd00::2.4789: VXLAN, flags [I] (0x08), vni 4097',
      'IP6 fd01::2 > fd01::3: ICMP6, echo request, id 1, seq 0, length 108',
      '1.2 IP6 fd00::1 > fd00::2: ESP(spi=0x0a,seq=0x0b), length 204',
      '1.3 IP 10.0.0.1.50000 > 10.0.0.2.4789: VXLAN, flags [I] (0x08), vni 4097',
      'ARP, Request who-has 10.0.1.3 tell 10.0.1.2, length 28',
      '1.4 IP 10.0.0.1.50000 > 10.0.0.2.4789: VXLAN, flags [I] (0x08), vni 4097',
    ]);
    expect(packets).toEqual([
      {
        kind: 'clear',
        source: 'fd00::1',
        destination: 'fd00::2',
        vni: 4097,
        echo: { kind: 'request', source: 'fd01::2', destination: 'fd01::3' },
      },
      { kind: 'esp', source: 'fd00::1', destination: 'fd00::2', length: 204 },
      { kind: 'clear', source: '10.0.0.1', destination: '10.0.0.2', vni: 4097 },
      { kind: 'clear', source: '10.0.0.1', destination: '10.0.0.2', vni: 4097 },
    ]);
  });
});

describe('security associations', () => {
  it('are read with their age on the host’s own clock', () => {
    expect(parseAssociations(states, '2026-11-22 18:04:07')).toEqual([
      { source: '10.77.1.11', destination: '10.77.1.12', ageSeconds: 70, packets: 0 },
      { source: '10.77.1.12', destination: '10.77.1.11', ageSeconds: 70, packets: 4 },
    ]);
  });

  it('have no age without a clock, and only ESP counts', () => {
    const lines = ['src 10.0.0.1 dst 10.0.0.2', '\tproto ah spi 0x1 reqid 0', ...states.slice(0, 2)];
    expect(parseAssociations(lines, undefined)).toEqual([{ source: '10.77.1.11', destination: '10.77.1.12' }]);
  });

  it('of addresses, those that name a host are kept', () => {
    expect(
      parseAddresses([
        '1: lo    inet 127.0.0.1/8 scope host lo',
        '1: lo    inet6 ::1/128 scope host',
        '2: eth0    inet 10.77.2.11/24 brd 10.77.2.255 scope global eth0',
        '2: eth0    inet6 fe80::305c:74ff:fead:4f13/64 scope link',
        '2: eth0    inet6 fd00::11/64 scope global',
      ]),
    ).toEqual(['10.77.2.11', 'fd00::11']);
  });
});

describe('sizes', () => {
  it('are those measured: 300 and 301 bytes of payload become 384 and 388', () => {
    expect(espLengths(300, 4)[0]).toBe(384);
    expect(espLengths(301, 4)[0]).toBe(388);
  });

  it('differ between all pairs of eight hosts, whatever the check value, and fit the filter', () => {
    const hosts = Array.from({ length: 8 }, (_, index) => `host${index}`);
    const lengths = sizedPairs(hosts).flatMap(({ payload }) => espLengths(payload, 4));
    expect(new Set(lengths).size).toBe(8 * 7 * 3);
    for (const family of [4, 6] as const)
      for (const { payload } of sizedPairs(hosts))
        for (const length of espLengths(payload, family)) {
          expect(length).toBeGreaterThanOrEqual(espRange.min);
          expect(length).toBeLessThanOrEqual(espRange.max);
        }
  });
});

describe('scripts', () => {
  it('refuse what does not belong into a shell', () => {
    expect(() => captureFilter({ vnis: [], dataPathPort: 4789 })).toThrow(RangeError);
    expect(() => captureFilter({ vnis: [2 ** 24], dataPathPort: 4789 })).toThrow(RangeError);
    expect(() => captureFilter({ vnis: [1], dataPathPort: 0 })).toThrow(RangeError);
    expect(() => trafficScript([{ key: 0, address: '10.0.0.1; reboot', payload: 100 }], 3)).toThrow(RangeError);
  });

  it('look for the network’s own identifiers on the swarm’s own port, and keep keys on the host', () => {
    const script = watchScript({ vnis: [4097, 4098], dataPathPort: 5000 });
    expect(script).toContain('udp dst port 5000');
    expect(script).toContain('0x100100');
    expect(script).toContain('0x100200');
    expect(script).toMatch(/xfrm state 2>\/dev\/null\) && echo @y\necho "\$x" \| grep/);
    expect(script).not.toContain('aead');
  });

  it('learn the identifiers from the driver option', () => {
    const option = 'com.docker.network.driver.overlay.vxlanid_list';
    expect(parseVxlanIds({ [option]: '4097,4098' })).toEqual([4097, 4098]);
    expect(parseVxlanIds({ [option]: '4097,x' })).toEqual([]);
    expect(parseVxlanIds({})).toEqual([]);
  });
});

describe('attributing packets', () => {
  const way = sizedPairs(['a', 'b'])[0] as { from: string; to: string; payload: number };
  const length = espLengths(way.payload, 4)[0] as number;
  const esp = (source: string, destination: string) => ({ kind: 'esp' as const, source, destination, length });
  const watch = (host: string, addresses: string[], packets: HostWatch['packets']): HostWatch => ({
    by: 'helper',
    host,
    addresses,
    packets,
    associations: [],
    isPartial: false,
  });
  const probes = new Map([
    ['a', '10.0.1.2'],
    ['b', '10.0.1.3'],
  ]);
  const tally = (watches: HostWatch[], advertised: [string, string][] = []) =>
    new PacketCounter({ watches, probes, advertised: new Map(advertised) }).counts(way);

  it('counts what leaves the one and reaches the other, and tells requests from answers', () => {
    const packets = [esp('10.9.0.1', '10.9.0.2'), esp('10.9.0.2', '10.9.0.1')];
    const counts = tally([
      watch('a', ['10.9.0.1', '172.17.0.1'], packets),
      watch('b', ['10.9.0.2', '172.17.0.1'], packets),
    ]);
    expect(counts.esp).toEqual({ request: { sent: 1, arrived: 1 }, reply: { sent: 1, arrived: 1 } });
    expect(counts.associations).toEqual({ outbound: false, inbound: false });
  });

  it('leaves out ESP of another length: that of other networks between the same hosts', () => {
    const other = { ...esp('10.9.0.1', '10.9.0.2'), length: length + 4 * 3 };
    expect(tally([watch('a', ['10.9.0.1'], [other])]).esp.request).toEqual({ sent: 0 });
  });

  it('leaves out what goes to a third host', () => {
    const counts = tally([watch('a', ['10.9.0.1'], [esp('10.9.0.1', '10.9.0.3')]), watch('c', ['10.9.0.3'], [])]);
    expect(counts.esp.request).toEqual({ sent: 0 });
  });

  it('finds packets whose addresses are translated on the way', () => {
    const counts = tally([
      watch('a', ['10.9.0.1'], [esp('10.9.0.1', '203.0.113.2')]),
      watch('b', ['192.168.0.2'], [esp('203.0.113.1', '192.168.0.2')]),
    ]);
    expect(counts.esp.request).toEqual({ sent: 1, arrived: 1 });
  });

  it('says nothing of an end that nobody looked at', () => {
    const counts = tally([watch('a', ['10.9.0.1'], [esp('10.9.0.1', '10.9.0.2')])], [['b', '10.9.0.2']]);
    expect(counts.esp.request).toEqual({ sent: 1 });
    expect(counts.associations).toEqual({ outbound: false });
  });

  it('takes the age of the key that the sender uses', () => {
    const association = { source: '10.9.0.1', destination: '10.9.0.2' };
    const counts = tally([
      { ...watch('a', ['10.9.0.1'], []), associations: [{ ...association, ageSeconds: 50 }] },
      { ...watch('b', ['10.9.0.2'], []), associations: [{ ...association, ageSeconds: 10 }] },
    ]);
    expect(counts.associations).toEqual({ outbound: true, inbound: true });
    expect(counts.keyAgeSeconds).toBe(50);
  });
});

describe('the verdict', () => {
  const none = { sent: 0, arrived: 0 };
  const some = { sent: 3, arrived: 3 };
  const counts: PairEvidence['counts'] = {
    esp: { request: none, reply: none },
    clear: { request: none, reply: none },
    allClear: none,
    associations: { outbound: true, inbound: true },
  };
  const esp = (request: object, reply: object = none) => ({ esp: { request, reply } });
  const seen = (more: Partial<PairEvidence>, some: Partial<PairEvidence['counts']> = {}): PairEvidence => ({
    from: 'a',
    to: 'b',
    encrypted: true,
    dataPathPort: 4789,
    pings: { sent: 3, answered: 3 },
    counts: { ...counts, ...some },
    back: { sent: 3, counts: { ...counts, ...esp({ sent: 3, arrived: 3 }) } },
    withoutEsp: [],
    lossy: [],
    ...more,
  });
  const silent = { pings: { sent: 3, answered: 0 } };

  it('is encrypted when every answered request was seen as ESP and nothing in the clear', () => {
    expect(judge(seen({}, esp(some)))).toEqual({ verdict: 'encrypted' });
    expect(judge(seen({}, esp({ arrived: 3 })))).toEqual({ verdict: 'encrypted' });
    expect(judge(seen({ lossy: ['a'] }, esp({ sent: 3 })))).toEqual({ verdict: 'encrypted' });
  });

  it('is plaintext for a single packet in the clear of a network set to encrypt, answered or not', () => {
    const leak = { allClear: { sent: 1, arrived: 0 } };
    expect(judge(seen({}, { ...esp(some), ...leak })).verdict).toBe('plaintext');
    expect(judge(seen(silent, leak)).verdict).toBe('plaintext');
  });

  it('is not fooled by a receiver that captures after decryption', () => {
    expect(judge(seen({}, { ...esp({ sent: 3, arrived: 0 }), allClear: { sent: 0, arrived: 3 } })).verdict).toBe(
      'encrypted',
    );
  });

  it('cannot tell where nobody looked, too little was seen, or the packets take another way', () => {
    expect(judge(seen({}, { ...esp({}, {}), allClear: {} })).verdict).toBe('cannotTell');
    expect(judge(seen({}, esp({ sent: 2, arrived: 2 }))).reason).toContain('Only 2 of 3');
    expect(judge(seen({ lossy: ['b'] }, esp({ sent: 2, arrived: 1 }))).reason).toContain('b was too busy');
    expect(judge(seen({})).reason).toContain('another way');
    expect(judge(seen({ problem: 'no container' }))).toEqual({ verdict: 'cannotTell', reason: 'no container' });
  });

  it.each([
    [esp({ sent: 0, arrived: 0 }), 'host', 'blocked on its way out'],
    [{ ...esp(none), associations: { outbound: false } }, 'association', 'no security association for b'],
    [esp({ sent: 3, arrived: 0 }), 'between', 'do not reach b'],
    [esp(some, none), 'host', 'does not let them in: IP protocol 50 (ESP) is blocked there'],
    [{ ...esp(some, none), associations: { outbound: true, inbound: false } }, 'association', 'to decrypt them'],
    [esp(some, { sent: 3, arrived: 0 }), 'between', 'do not reach a'],
    [esp(some, some), 'host', 'Answers reach a'],
    [esp({ sent: 3 }, { arrived: 0 }), undefined, 'nobody could look at b'],
    [esp({}, {}), undefined, 'nobody could look'],
  ])('is dead without any answer, and says where packets are lost (%#)', (more, kind, words) => {
    const judgement = judge(seen(silent, more));
    expect(judgement.verdict).toBe('dead');
    expect(judgement.reason).toContain(words);
    expect(judgement.lostAt?.kind).toBe(kind);
  });

  it.each<[PairEvidence['back'], object, string]>([
    [{ sent: 3, counts: { ...counts, ...esp(none) } }, { kind: 'host', host: 'b', direction: 'out' }, 'on its way out'],
    [
      { sent: 3, counts: { ...counts, associations: { outbound: false } } },
      { kind: 'association', host: 'b' },
      'no security association for a',
    ],
    [{ sent: 0, counts }, { kind: 'unanswered', host: 'b' }, 'or the answers are not let out'],
    [
      { sent: 3, counts: { ...counts, ...esp({}) } },
      { kind: 'unanswered', host: 'b' },
      'or the answers are not let out',
    ],
    [{ sent: 3, counts: { ...counts, ...esp(some) } }, { kind: 'host', host: 'b', direction: 'in' }, 'not let them in'],
  ])('looks at the other way round before it says why requests are not answered (%#)', (back, lostAt, words) => {
    const judgement = judge(seen({ ...silent, back }, esp(some, none)));
    expect(judgement.lostAt).toEqual(lostAt);
    expect(judgement.reason).toContain(words);
  });

  it('knows a sender that has no key for the answers', () => {
    const back = { sent: 3, counts: { ...counts, associations: { outbound: true, inbound: false } } };
    expect(judge(seen({ ...silent, back }, esp(some, some))).lostAt).toEqual({ kind: 'association', host: 'a' });
  });

  it.each([
    ['a', esp({ sent: 0, arrived: 0 })],
    ['b', esp({ sent: 3, arrived: 0 })],
    ['a', esp(some, { sent: 3, arrived: 0 })],
  ])('blames nobody where not all packets of %s were seen (%#)', (lossy, more) => {
    const judgement = judge(seen({ ...silent, lossy: [lossy] }, more));
    expect(judgement).toMatchObject({ verdict: 'dead', reason: expect.stringContaining(`${lossy} was too busy`) });
    expect(judgement.lostAt).toBeUndefined();
  });

  it('names the kernel before anything else', () => {
    expect(judge(seen({ ...silent, withoutEsp: ['b', 'c'] })).lostAt).toEqual({ kind: 'kernel', hosts: ['b'] });
  });

  it('speaks of the UDP port in a plain network', () => {
    const clear = { clear: { request: some, reply: none }, allClear: some };
    expect(judge(seen({ encrypted: false, pings: { sent: 3, answered: 3 } }, clear)).verdict).toBe('plaintext');
    const back = { sent: 3, counts: { ...counts, clear: { request: some, reply: none } } };
    expect(judge(seen({ encrypted: false, ...silent, back }, clear)).reason).toContain('4789/udp is blocked there');
  });
});

describe('the conclusion', () => {
  const pair = (verdict: PairProof['verdict'], reason?: string): PairProof => ({
    from: 'a',
    to: 'b',
    verdict,
    esp: { sent: 3, arrived: 3 },
    plaintext: { sent: 6, arrived: 6 },
    pings: { sent: 3, answered: 3 },
    ...(reason && { reason }),
  });

  it('is one sentence', () => {
    expect(conclusionOf(true, [pair('encrypted'), pair('encrypted')])).toBe(
      'All 2 pairs are encrypted: 6 ESP packets, none in the clear.',
    );
    expect(conclusionOf(true, [pair('plaintext')])).toContain('although the network is set to encrypt');
    expect(conclusionOf(false, [pair('plaintext')])).toContain('the network is not encrypted');
    expect(conclusionOf(true, [pair('encrypted'), pair('dead'), pair('plaintext')])).toBe(
      'Of 3 pairs, 1 encrypted, 1 in the clear and 1 dead, although the network is set to encrypt.',
    );
    expect(conclusionOf(true, [pair('dead', 'The same.'), pair('dead', 'The same.')])).toBe(
      'All 2 pairs are dead: no packet comes through. The same.',
    );
    expect(conclusionOf(true, [])).toBe('There was no pair of hosts to look at.');
  });
});
