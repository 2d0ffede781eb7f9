import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { deepScript } from '../../../src/verify/matrix/deepScript';
import { observeScript, inspectScript, attemptScript } from '../../../src/verify/ports/script';
import { pingScript, type ScriptTarget } from '../../../src/verify/matrix/pingScript';

const target = (key: number): ScriptTarget => ({ key, address: `10.0.${key >> 8}.${key & 255}`, name: `probe-${key}` });

/** What the scripts do in a shell, with a ping that is told what to answer. @param shell how to start it, up to `-c` */
export function describeScripts(name: string, shell: readonly string[]): void {
  describe(`the ping script in ${name}`, () => {
    let folder: string;
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'verify-script-'));
    });
    afterEach(() => rmSync(folder, { recursive: true, force: true }));

    /** Runs the script with `ping` as a shell text; resolv.conf is left alone. */
    async function run(ping: string, targets: readonly ScriptTarget[]): Promise<string[]> {
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

    it('prints one line a burst', async () => {
      const ping = `eval last=\\\${$#}; echo "PING $last (10.9.9.9): 56"
      case "$*" in *"-q "*) n=1;; *) n=2; echo "64 bytes from 10.9.9.9: seq=0 ttl=64 time=0.5 ms"
      echo "64 bytes from 10.9.9.9: seq=1 ttl=64 time=0.25 ms";; esac; echo; echo "--- $last ping statistics ---"
      echo "$n packets transmitted, $n packets received, 0% packet loss"`;
      const lines = await run(ping, [target(1), target(2)]);
      expect(lines).toEqual([
        '1 a 0 PING 10.0.0.1 (10.9.9.9): 56 2 packets transmitted, 2 packets received, 0% packet loss times 0.5 0.25',
        '1 n 0 PING probe-1 (10.9.9.9): 56 --- probe-1 ping statistics --- 1 packets transmitted, 1 packets received, 0% packet loss',
        '2 a 0 PING 10.0.0.2 (10.9.9.9): 56 2 packets transmitted, 2 packets received, 0% packet loss times 0.5 0.25',
        '2 n 0 PING probe-2 (10.9.9.9): 56 --- probe-2 ping statistics --- 1 packets transmitted, 1 packets received, 0% packet loss',
      ]);
    });

    it('counts with many packets what lost one of a few, and only that', async () => {
      const ping = `eval last=\\\${$#}; echo "PING $last (10.0.0.1): 56"; echo "--- $last ping statistics ---"
      case "$*" in *"-c 1 "*) echo "1 packets transmitted, 1 received, 0% packet loss";;
      *"-c 2 "*10.0.0.1) echo "2 packets transmitted, 1 received, 50% packet loss";;
      *"-c 2 "*10.0.0.2) echo "2 packets transmitted, 0 received, 100% packet loss"; exit 1;;
      *) echo "20 packets transmitted, 19 received, 5% packet loss";; esac`;
      const lines = (await run(ping, [target(1), target(2)])).filter((line) => line.includes(' a '));
      expect(lines).toEqual([
        expect.stringMatching(/^1 a 0 .* 20 packets transmitted, 19 received, 5% packet loss/),
        expect.stringMatching(/^2 a 1 .* 2 packets transmitted, 0 received, 100% packet loss/),
      ]);
    });

    it('tells when only a full-size echo request has no answer, and pings by IPv6 too', async () => {
      const ping = `
      case "$*" in *"-s 65508 probe-1"*) echo "PING x (10.0.0.1): 65508"; exit 1;; esac
      eval last=\\\${$#}; echo "PING $last (10.0.0.1): 56"`;
      expect(await run(ping, [{ ...target(1), ipv6: 'fd00::1' }])).toEqual([
        '1 6 0 PING fd00::1 (10.0.0.1): 56',
        '1 a 0 PING 10.0.0.1 (10.0.0.1): 56',
        '1 n 0 PING probe-1 (10.0.0.1): 56',
        '1 s 65536',
      ]);
    });

    it('waits for the first answer, and does not take a late start for cut-off sizes', async () => {
      const count = join(folder, 'count');
      const ping = `
      eval last=\\\${$#}; echo "PING $last (10.0.0.1): 56"
      case "$*" in *"-c 1 "*) echo x >> ${count}; [ $(wc -l < ${count}) -ge 3 ];; esac`;
      expect(await run(ping, [target(1)])).toEqual([
        '1 a 0 PING 10.0.0.1 (10.0.0.1): 56',
        '1 n 0 PING probe-1 (10.0.0.1): 56',
      ]);
      expect(readFileSync(count, 'utf8').trim().split('\n')).toHaveLength(4);
    });

    it('does not wait for ever for a target that never answers', async () => {
      const ping = `eval last=\\\${$#}; echo "PING $last (10.0.0.1): 56"; exit 1`;
      expect(await run(ping, [target(1)])).toEqual([
        '1 a 1 PING 10.0.0.1 (10.0.0.1): 56',
        '1 n 1 PING probe-1 (10.0.0.1): 56',
      ]);
    });

    it('asks again for a name that is not known yet', async () => {
      const count = join(folder, 'count');
      const ping = `
      case "$*" in *probe-1*) ;; *) echo "PING 10.0.0.1 (10.0.0.1): 56"; exit 0;; esac
      echo x >> ${count}
      [ $(wc -l < ${count}) -ge 3 ] || { echo "ping: bad address 'probe-1'" >&2; exit 1; }
      echo "PING probe-1 (10.0.0.1): 56"`;
      expect(await run(ping, [target(1)])).toEqual([
        '1 a 0 PING 10.0.0.1 (10.0.0.1): 56',
        '1 n 0 PING probe-1 (10.0.0.1): 56',
      ]);
    });

    it('gives up on a name that stays unknown and still tries the address', async () => {
      const ping = `
      case "$*" in *probe-1*) echo "ping: bad address 'probe-1'" >&2; exit 1;; esac
      echo "PING 10.0.0.1 (10.0.0.1): 56 *"`;
      expect(await run(ping, [target(1)])).toEqual([
        // The star stays a star: nothing of ping's words is expanded.
        '1 a 0 PING 10.0.0.1 (10.0.0.1): 56 *',
        "1 n 1 ping: bad address 'probe-1'",
      ]);
    });
  });

  describe(`all scripts in ${name}`, () => {
    it.each([
      ['pings', pingScript([target(1)], { pings: 3, askForEsp: true })],
      ['deeper look', deepScript([{ key: 0, address: '10.0.0.1', answersPing: true }], true)],
      ['ports, before', inspectScript([2377, 7946, 4789])],
      ['ports, after', observeScript([2377])],
      ['ports, tried', attemptScript([[{ key: 0, kind: 'echo', address: '127.0.0.1', port: 0 }]])],
    ])('can be read: %s', (_, script) => {
      const [program = '', ...words] = shell;
      const read = spawnSync(program, [...words, '-n'], { input: script });
      expect(read.stderr.toString()).toBe('');
      expect(read.status).toBe(0);
    });
  });
}
