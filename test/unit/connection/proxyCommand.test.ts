import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openProxyCommand } from '../../../src/connection/ssh2/proxyCommand';
import { jumpOfProxyCommand } from '../../../src/connection/sshConfig/proxyCommandJump';
import { resolveSshSettings } from '../../../src/connection/sshConfig/sshConfig';
import type { SshSettings } from '../../../src/connection/sshConfig/settings';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'proxy-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function open(command: string, env = {}) {
  const settings = { proxyCommand: command, hostName: 'h', alias: 'h', port: 22, user: 'u' } as SshSettings;
  return openProxyCommand(
    'node1',
    settings,
    { PATH: process.env['PATH'], ...env },
    new AbortController().signal,
    () => undefined,
  );
}

const said = (name: string) => readFileSync(path.join(dir, name), 'utf8');

describe('a ProxyCommand', () => {
  it('ends with the connection, also when it ignores being asked to, with all that it has started', async () => {
    writeFileSync(
      path.join(dir, 'command'),
      `trap '' TERM\nsleep 60 & echo "$$ $!" > ${dir}/pids; echo x\nwhile :; do sleep 0.1; done\n`,
    );
    const stream = await open(`sh ${dir}/command`);
    stream.on('error', () => undefined);
    await new Promise((resolve) => stream.once('data', resolve));
    const pids = said('pids').trim().split(' ').map(Number);
    const alive = () => pids.filter((pid) => isAlive(pid));
    expect(alive()).toHaveLength(2);
    stream.destroy();
    await expect.poll(alive, { timeout: 5_000 }).toEqual([]);
  });

  it('sees the end of its input', async () => {
    const stream = await open(`sh -c 'trap "" TERM; echo x; cat > /dev/null; echo end > ${dir}/seen'`);
    stream.on('error', () => undefined);
    await new Promise((resolve) => stream.once('data', resolve));
    stream.destroy();
    await expect.poll(() => readFileSync(path.join(dir, 'seen'), { encoding: 'utf8', flag: 'a+' })).toBe('end\n');
  });

  it('has no terminal to ask at, and no window', async () => {
    const stream = await open(`sh -c '(: < /dev/tty) 2> /dev/null && echo tty; echo "-$SSH_ASKPASS_REQUIRE"'`);
    stream.on('error', () => undefined);
    let text = '';
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      text += String(chunk);
      if (text.includes('\n')) break;
    }
    // A graphical askpass program is the person's own.
    expect(text).toBe('-\n');
    stream.destroy();
  });

  it('says why an ssh in it could not ask', async () => {
    const stream = await open(`sh -c 'echo "me@bastion: Permission denied (publickey,password)." >&2; exit 255'`);
    const error = await new Promise((resolve) => stream.once('error', resolve));
    expect(error).toMatchObject({
      reason: 'sshProtocol',
      params: { message: expect.stringContaining('as "ProxyJump" it can') as string },
    });
  });
});

describe('a ProxyCommand that is a jump', () => {
  it.each([
    ['ssh -W %h:%p bastion', 'bastion'],
    ['ssh -q -W %h:%p me@bastion.example', 'me@bastion.example'],
    ['ssh bastion -W [%h]:%p', 'bastion'],
    ['/usr/bin/ssh  -W %h:%p -q bastion', 'bastion'],
    ['ssh -W %h:%p bastion 2>/dev/null', undefined],
    ['ssh -W %h:22 bastion', undefined],
    ['ssh -i key -W %h:%p bastion', undefined],
    ['ssh -W %h:%p %r@bastion', undefined],
    ['ssh -W %h:%p a,b', undefined],
    ['ssh -W %h:%p -- -oProxyCommand=x', undefined],
    ['ssh -W %h:%p $(x)', undefined],
    ['ssh -W %h:%p', undefined],
    ['ssh bastion nc %h %p', undefined],
    ['nc -X 5 %h %p', undefined],
    // Another configuration may mean another host.
    ['ssh -F other -W %h:%p bastion', undefined],
  ])('"%s": %s', (command, jump) => {
    expect(jumpOfProxyCommand(command, undefined)).toBe(jump);
  });

  it('uses the same configuration, or is none', () => {
    expect(jumpOfProxyCommand('ssh -F /c -W %h:%p bastion', '/c')).toBe('bastion');
    expect(jumpOfProxyCommand('ssh -W %h:%p bastion', '/c')).toBeUndefined();
  });

  it('takes the place of ProxyJump in the settings', async () => {
    const configFile = path.join(dir, 'config');
    writeFileSync(
      configFile,
      `Host t\n  ProxyCommand ssh -F ${configFile} -W %h:%p me@bastion\nHost u\n  ProxyCommand nc %h %p\n`,
    );
    const source = { env: process.env, configFile };
    const jump = await resolveSshSettings({ host: 't' }, source);
    expect([jump.proxyJump, jump.proxyCommand]).toEqual(['me@bastion', undefined]);
    const command = await resolveSshSettings({ host: 'u' }, source);
    expect([command.proxyJump, command.proxyCommand]).toEqual([undefined, 'nc %h %p']);
  });
});

describe('a ProxyCommand that our client takes over', () => {
  const configure = (bastion: string) => {
    const configFile = path.join(dir, 'config');
    const command = `ssh -F ${configFile} -W %h:%p bastion`;
    const usual = 'Host *\n  IdentityFile none\n  IdentityAgent none\n  GSSAPIAuthentication no';
    writeFileSync(
      configFile,
      `Host t\n  ProxyCommand ${command}\nHost bastion\n  HostName 127.0.0.1\n${bastion}\n${usual}\n`,
    );
    return { command, source: { env: process.env, configFile } };
  };

  it('is one that it can do all of', async () => {
    const key = path.join(dir, 'key');
    writeFileSync(`${key}-cert.pub`, 'ssh-ed25519-cert-v01@openssh.com AAAA');
    for (const lines of [`  IdentityFile ${key}`, '  PKCS11Provider /x.so', '  HostbasedAuthentication yes']) {
      const { command, source } = configure(lines);
      const settings = await resolveSshSettings({ host: 't' }, source);
      expect([settings.proxyJump, settings.proxyCommand], lines).toEqual([undefined, command]);
    }
    const { source } = configure('  ControlMaster auto\n  ControlPath none');
    expect((await resolveSshSettings({ host: 't' }, source)).proxyJump).toBe('bastion');
  });

  it.each([0, 255])('is none with a login that ssh shares at this moment: check ends with %s', async (code) => {
    const { command, source } = configure(`  ControlPath ${dir}/c`);
    const program = path.join(dir, 'ssh');
    const lines = ['#!/bin/sh', `[ "$1" = -O ] && { echo "$*" > ${dir}/asked; exit ${code}; }`, 'exec ssh "$@"'];
    writeFileSync(program, `${lines.join('\n')}\n`, { mode: 0o700 });
    const settings = await resolveSshSettings({ host: 't' }, { ...source, program });
    expect(said('asked').trim()).toBe(`-O check -F ${source.configFile} -- bastion`);
    expect([settings.proxyJump, settings.proxyCommand]).toEqual(
      code === 0 ? [undefined, command] : ['bastion', undefined],
    );
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}
