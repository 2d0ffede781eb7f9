import { describe, expect, it } from 'vitest';
import { parseScriptLine } from '../../../src/verify/matrix/parse';
import { parsePing, parseResolved } from '../../../src/verify/scriptParts/parsePing';

// Captured from busybox 1.35 and iputils 20221126.
const busybox = `PING 10.0.1.4 (10.0.1.4): 56 data bytes

--- 10.0.1.4 ping statistics ---
3 packets transmitted, 3 packets received, 0% packet loss
round-trip min/avg/max = 0.051/0.057/0.071 ms`;
const iputils = `PING my-net-probe (10.0.1.4) 56(84) bytes of data.

--- my-net-probe ping statistics ---
3 packets transmitted, 3 received, 0% packet loss, time 407ms
rtt min/avg/max/mdev = 0.024/0.028/0.034/0.004 ms`;
const fold = (text: string) => text.replace(/\s+/g, ' ');

describe('parsePing', () => {
  it.each([
    ['busybox', busybox, { minMs: 0.051, avgMs: 0.057, maxMs: 0.071 }],
    ['iputils', iputils, { minMs: 0.024, avgMs: 0.028, maxMs: 0.034 }],
  ])('reads %s, on several lines and on one', (_, output, times) => {
    const expected = { outcome: 'answered', sent: 3, received: 3, ...times };
    expect(parsePing(output)).toEqual(expected);
    expect(parsePing(fold(output))).toEqual(expected);
  });

  it('reads loss of both', () => {
    const some = '3 packets transmitted, 2 packets received, 33% packet loss round-trip min/avg/max = 0.1/0.2/0.3 ms';
    expect(parsePing(some)).toMatchObject({ outcome: 'partial', sent: 3, received: 2, avgMs: 0.2 });
    const none = '3 packets transmitted, 0 received, 100% packet loss, time 2033ms';
    expect(parsePing(none)).toEqual({ outcome: 'silent', sent: 3, received: 0 });
  });

  it('reads unreachable destinations', () => {
    const text = '3 packets transmitted, 0 received, +3 errors, 100% packet loss, time 2033ms pipe 3';
    expect(parsePing(text)).toEqual({ outcome: 'silent', sent: 3, received: 0, message: 'destination unreachable' });
    expect(parsePing('PING 10.9.9.9 (10.9.9.9): 56 data bytes ping: sendto: Network unreachable')).toEqual({
      outcome: 'error',
      sent: 0,
      received: 0,
      message: 'sendto: Network unreachable',
    });
    expect(parsePing('ping: connect: Network is unreachable')).toMatchObject({
      outcome: 'error',
      message: 'connect: Network is unreachable',
    });
  });

  it('does not count duplicates as more answers than requests', () => {
    const text = '3 packets transmitted, 4 packets received, 1 duplicates, 0% packet loss';
    expect(parsePing(text)).toMatchObject({ outcome: 'answered', received: 3 });
  });

  it('makes whatever else is said short and printable', () => {
    const { message } = parsePing(`ping: \x1b[31m${'x'.repeat(500)}`);
    expect(message).toHaveLength(200);
    expect(message).not.toContain('\x1b');
    expect(parsePing('').message).toBe('ping gave no answer');
  });
});

describe('parseResolved', () => {
  it.each([
    ['PING web (10.0.1.4): 56 data bytes', '10.0.1.4'],
    ['PING web (10.0.1.4) 56(84) bytes of data.', '10.0.1.4'],
    ['PING web(web.my_net (fd00::4)) 56 data bytes', 'fd00::4'],
    ['PING web (fd00::4): 56 data bytes', 'fd00::4'],
    ["ping: bad address 'web'", undefined],
    ['ping: web: Name or service not known', undefined],
  ])('%s', (output, address) => {
    expect(parseResolved(output)).toBe(address);
  });
});

describe('parseScriptLine', () => {
  it('reads an address burst, a name burst, and an unknown name', () => {
    expect(parseScriptLine(`12 a 0 ${fold(busybox)}`)).toMatchObject({
      kind: 'address',
      key: 12,
      ping: { received: 3 },
    });
    expect(parseScriptLine(`0 n 0 ${fold(iputils)}`)).toMatchObject({ kind: 'name', key: 0, resolved: '10.0.1.4' });
    const unknown = parseScriptLine("3 n 1 ping: bad address 'web'");
    expect(unknown).toMatchObject({ kind: 'name', key: 3, ping: { outcome: 'error', message: "bad address 'web'" } });
    expect(unknown).not.toHaveProperty('resolved', expect.anything());
    expect(parseScriptLine('4 n 143')).toMatchObject({ kind: 'name', key: 4 });
  });

  it('reads what the kernel says about ESP', () => {
    expect(parseScriptLine('k # CONFIG_INET_ESP is not set')).toEqual({ kind: 'esp', available: false });
    expect(parseScriptLine('k CONFIG_INET_ESP=y')).toEqual({ kind: 'esp', available: true });
    expect(parseScriptLine('k CONFIG_INET_ESP=m esp4')).toEqual({ kind: 'esp', available: true });
    expect(parseScriptLine('k CONFIG_INET_ESP=m')).toBeUndefined();
    expect(parseScriptLine('k # CONFIG_INET_ESP is not set esp4')).toEqual({ kind: 'esp', available: true });
    expect(parseScriptLine('k')).toBeUndefined();
  });

  it.each(['', 'sh: out of memory', '1 x 0 PING', '99999999 a 0 PING', '-1 a 0'])('ignores "%s"', (line) => {
    expect(parseScriptLine(line)).toBeUndefined();
  });
});
