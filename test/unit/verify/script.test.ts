import { describe, expect, it } from 'vitest';
import { lanesFor } from '../../../src/verify/limits';
import { lanes } from '../../../src/probe/limits';
import { pingScript, type ScriptTarget } from '../../../src/verify/matrix/pingScript';
import { describeScripts } from './scripts';

const target = (key: number): ScriptTarget => ({ key, address: `10.0.${key >> 8}.${key & 255}`, name: `probe-${key}` });

describe('pingScript', () => {
  it('names every target once, in at most so many lanes', () => {
    const script = pingScript(
      Array.from({ length: 100 }, (_, key) => target(key)),
      { pings: 3 },
    );
    expect(script.match(/pair \d+ 10\.0\.0\.\d+ probe-\d+/g)).toHaveLength(100);
    // 100 in 16 lanes at most: seven rounds, which 15 lanes do as well.
    expect(script.match(/^\( .* \) &$/gm)).toHaveLength(15);
  });

  it('has more lanes the more targets there are, within bounds', () => {
    expect([1, 5, 23, 40, 299].map(lanesFor)).toEqual([4, 4, 6, 10, lanes]);
  });

  it.each([
    ['a name with a command', { name: 'x; reboot' }],
    ['a name with a substitution', { name: '$(reboot)' }],
    ['a name that looks like an option', { name: '-f' }],
    ['a name with a line break', { name: 'a\nreboot' }],
    ['upper case, which would pass for a header', { name: 'PING' }],
    ['an address that is none', { address: '10.0.0.1 & reboot' }],
    ['an address with a zone', { address: 'fe80::1%$(reboot)' }],
    ['a key that is no number', { key: Number.NaN }],
    ['an IPv6 address that is none', { ipv6: 'fd00::1; reboot' }],
  ])('refuses %s', (_, hostile) => {
    expect(() => pingScript([{ ...target(1), ...hostile }], { pings: 3 })).toThrow(RangeError);
  });

  it('keeps the number of pings within reason', () => {
    expect(pingScript([target(1)], { pings: Number.MAX_VALUE })).toContain('-c 100 ');
    expect(pingScript([target(1)], { pings: -1 })).toContain('-c 1 ');
  });

  it('asks for ESP only when told to', () => {
    expect(pingScript([target(1)], { pings: 1 })).not.toContain('CONFIG_INET_ESP');
    expect(pingScript([target(1)], { pings: 1, askForEsp: true })).toContain('CONFIG_INET_ESP');
  });

  it('does not count again what was counted with as many', () => {
    expect(pingScript([target(1)], { pings: 20 }).match(/ping -c 20 /g)).toHaveLength(1);
    expect(pingScript([target(1)], { pings: 3 }).match(/ping -c 20 /g)).toHaveLength(1);
  });
});

// The shell of this machine; that of test containers, busybox, has its turn with the lab.
describeScripts('sh', ['/bin/sh']);
