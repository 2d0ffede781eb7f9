import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lanes, lanesFor } from '../../../src/verify/limits';
import { pingScript, type ScriptTarget } from '../../../src/verify/script';

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
});

describe('the script in a shell, with a ping that is told what to answer', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'verify-script-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const shells = ['dash', 'busybox'].map(
    (name) => [name, name === 'dash' ? ['/bin/dash'] : ['/bin/busybox', 'sh']] as const,
  );

  /** Runs the script with `ping` as a shell text; resolv.conf is left alone. */
  async function run(shell: readonly string[], ping: string, targets: readonly ScriptTarget[]): Promise<string[]> {
    const file = join(folder, 'ping');
    writeFileSync(file, `#!/bin/sh\n${ping}\n`);
    chmodSync(file, 0o755);
    const [program = '', ...words] = shell;
    // Busybox would take its own applet for a bare `ping`; the route is of no matter here.
    const script = pingScript(targets, { pings: 2 })
      .replace('/etc/resolv.conf', join(folder, 'resolv.conf'))
      .replace(/ip route get \S+/, 'echo x dev lo')
      .replaceAll('ping -', `${file} -`);
    const { stdout } = await promisify(execFile)(program, [...words, '-c', script]);
    return stdout.trim().split('\n').sort();
  }

  it.each(shells)('%s prints one line a burst', async (_, shell) => {
    const ping = `eval last=\\\${$#}; echo "PING $last (10.9.9.9): 56"
      case "$*" in *"-q "*) n=1;; *) n=2; echo "64 bytes from 10.9.9.9: seq=0 ttl=64 time=0.5 ms"
      echo "64 bytes from 10.9.9.9: seq=1 ttl=64 time=0.25 ms";; esac; echo; echo "--- $last ping statistics ---"
      echo "$n packets transmitted, $n packets received, 0% packet loss"`;
    const lines = await run(shell, ping, [target(1), target(2)]);
    expect(lines).toEqual([
      '1 a 0 PING 10.0.0.1 (10.9.9.9): 56 2 packets transmitted, 2 packets received, 0% packet loss times 0.5 0.25',
      '1 n 0 PING probe-1 (10.9.9.9): 56 --- probe-1 ping statistics --- 1 packets transmitted, 1 packets received, 0% packet loss',
      '2 a 0 PING 10.0.0.2 (10.9.9.9): 56 2 packets transmitted, 2 packets received, 0% packet loss times 0.5 0.25',
      '2 n 0 PING probe-2 (10.9.9.9): 56 --- probe-2 ping statistics --- 1 packets transmitted, 1 packets received, 0% packet loss',
    ]);
  });

  it.each(shells)('%s counts with many packets what lost one of a few, and only that', async (_, shell) => {
    const ping = `eval last=\\\${$#}; echo "PING $last (10.0.0.1): 56"; echo "--- $last ping statistics ---"
      case "$*" in *"-c 1 "*) echo "1 packets transmitted, 1 received, 0% packet loss";;
      *"-c 2 "*10.0.0.1) echo "2 packets transmitted, 1 received, 50% packet loss";;
      *"-c 2 "*10.0.0.2) echo "2 packets transmitted, 0 received, 100% packet loss"; exit 1;;
      *) echo "20 packets transmitted, 19 received, 5% packet loss";; esac`;
    const lines = (await run(shell, ping, [target(1), target(2)])).filter((line) => line.includes(' a '));
    expect(lines).toEqual([
      expect.stringMatching(/^1 a 0 .* 20 packets transmitted, 19 received, 5% packet loss/),
      expect.stringMatching(/^2 a 1 .* 2 packets transmitted, 0 received, 100% packet loss/),
    ]);
  });

  it('does not count again what was counted with as many', () => {
    expect(pingScript([target(1)], { pings: 20 }).match(/ping -c 20 /g)).toHaveLength(1);
    expect(pingScript([target(1)], { pings: 3 }).match(/ping -c 20 /g)).toHaveLength(1);
  });

  it.each(shells)(
    '%s tells when only a full-size echo request has no answer, and pings by IPv6 too',
    async (_, shell) => {
      const ping = `
      case "$*" in *"-s 65508 probe-1"*) echo "PING x (10.0.0.1): 65508"; exit 1;; esac
      eval last=\\\${$#}; echo "PING $last (10.0.0.1): 56"`;
      expect(await run(shell, ping, [{ ...target(1), ipv6: 'fd00::1' }])).toEqual([
        '1 6 0 PING fd00::1 (10.0.0.1): 56',
        '1 a 0 PING 10.0.0.1 (10.0.0.1): 56',
        '1 n 0 PING probe-1 (10.0.0.1): 56',
        '1 s 65536',
      ]);
    },
  );

  it.each(shells)(
    '%s waits for the first answer, and does not take a late start for cut-off sizes',
    async (_, shell) => {
      const count = join(folder, 'count');
      const ping = `
      eval last=\\\${$#}; echo "PING $last (10.0.0.1): 56"
      case "$*" in *"-c 1 "*) echo x >> ${count}; [ $(wc -l < ${count}) -ge 3 ];; esac`;
      expect(await run(shell, ping, [target(1)])).toEqual([
        '1 a 0 PING 10.0.0.1 (10.0.0.1): 56',
        '1 n 0 PING probe-1 (10.0.0.1): 56',
      ]);
      expect(readFileSync(count, 'utf8').trim().split('\n')).toHaveLength(4);
    },
  );

  it.each(shells)('%s does not wait for ever for a target that never answers', async (_, shell) => {
    const ping = `eval last=\\\${$#}; echo "PING $last (10.0.0.1): 56"; exit 1`;
    expect(await run(shell, ping, [target(1)])).toEqual([
      '1 a 1 PING 10.0.0.1 (10.0.0.1): 56',
      '1 n 1 PING probe-1 (10.0.0.1): 56',
    ]);
  });

  it.each(shells)('%s asks again for a name that is not known yet', async (_, shell) => {
    const count = join(folder, 'count');
    const ping = `
      case "$*" in *probe-1*) ;; *) echo "PING 10.0.0.1 (10.0.0.1): 56"; exit 0;; esac
      echo x >> ${count}
      [ $(wc -l < ${count}) -ge 3 ] || { echo "ping: bad address 'probe-1'" >&2; exit 1; }
      echo "PING probe-1 (10.0.0.1): 56"`;
    expect(await run(shell, ping, [target(1)])).toEqual([
      '1 a 0 PING 10.0.0.1 (10.0.0.1): 56',
      '1 n 0 PING probe-1 (10.0.0.1): 56',
    ]);
  });

  it.each(shells)('%s gives up on a name that stays unknown and still tries the address', async (_, shell) => {
    const ping = `
      case "$*" in *probe-1*) echo "ping: bad address 'probe-1'" >&2; exit 1;; esac
      echo "PING 10.0.0.1 (10.0.0.1): 56 *"`;
    expect(await run(shell, ping, [target(1)])).toEqual([
      // The star stays a star: nothing of ping's words is expanded.
      '1 a 0 PING 10.0.0.1 (10.0.0.1): 56 *',
      "1 n 1 ping: bad address 'probe-1'",
    ]);
  });
});
