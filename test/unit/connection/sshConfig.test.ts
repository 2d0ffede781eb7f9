import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resolveSshSettings } from '../../../src/connection/sshConfig/sshConfig';
import { parseJump } from '../../../src/connection/sshConfig/proxyJump';

describe('resolveSshSettings', () => {
  const dir = mkdtempSync(join(tmpdir(), 'ssh-config-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  const env = { PATH: process.env['PATH'], HOME: dir, SSH_AUTH_SOCK: '/agent' };

  function configFile(text: string): string {
    const file = join(dir, 'config');
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  it('asks ssh -G, with the configuration file given', async () => {
    const file = configFile(`Host node1
  HostName 10.0.0.5
  User deploy
  Port 2222
  IdentityFile ~/keys/%h-%r
  IdentityAgent none
  UserKnownHostsFile /one /two
  HostKeyAlias cluster
  ProxyJump bastion
  ConnectTimeout 3
  PasswordAuthentication no
`);
    expect(await resolveSshSettings({ host: 'node1' }, { env, configFile: file })).toMatchObject({
      alias: 'node1',
      hostName: '10.0.0.5',
      user: 'deploy',
      port: 2222,
      identityFiles: [join(dir, 'keys/10.0.0.5-deploy')],
      agent: undefined,
      userKnownHostsFiles: ['/one', '/two'],
      hostKeyAlias: 'cluster',
      proxyJump: 'bastion',
      proxyCommand: undefined,
      connectTimeout: 3000,
      passwordAllowed: false,
      keyboardInteractiveAllowed: true,
    });
  });

  it('lets the endpoint win over the configuration', async () => {
    const file = configFile('Host node1\n  User deploy\n  Port 2222\n');
    const settings = await resolveSshSettings({ host: 'node1', user: 'me', port: 22 }, { env, configFile: file });
    expect(settings).toMatchObject({ user: 'me', port: 22, agent: '/agent' });
  });

  it('never takes a host for an option', async () => {
    const mark = join(dir, 'executed');
    const source = { env, configFile: configFile('') };
    await resolveSshSettings({ host: `-oProxyCommand=touch ${mark}` }, source).catch(() => undefined);
    expect(existsSync(mark)).toBe(false);
  });

  it('leaves tokens of paths that only ssh knows to ssh', async () => {
    const file = configFile('IdentityFile ~/%%C/%h\nIdentityFile ~/.ssh/%C\n');
    const { unsupportedOptions } = await resolveSshSettings({ host: 'node1' }, { env, configFile: file });
    expect(unsupportedOptions).toEqual(['IdentityFile "~/.ssh/%C"']);
  });

  it('does not pass over a configuration that it has no program for', async () => {
    const source = { env, program: join(dir, 'none'), configFile: configFile('') };
    await expect(resolveSshSettings({ host: 'h' }, source)).rejects.toMatchObject({ reason: 'sshConfigInvalid' });
  });

  it('has the defaults of ssh without a program', async () => {
    const settings = await resolveSshSettings({ host: 'h', user: 'u' }, { env, program: join(dir, 'none') });
    expect(settings).toMatchObject({
      hostName: 'h',
      user: 'u',
      port: 22,
      identityFiles: ['id_ed25519', 'id_ecdsa', 'id_rsa'].map((name) => join(dir, '.ssh', name)),
      userKnownHostsFiles: [join(dir, '.ssh/known_hosts'), join(dir, '.ssh/known_hosts2')],
    });
  });

  it.each([
    ['%r@bastion.example.com', 'me@bastion.example.com', { user: 'me', host: 'bastion.example.com' }],
    ['%n@gw-%h:2201', 'a@gw-192.0.2.5:2201', { user: 'a', host: 'gw-192.0.2.5', port: 2201 }],
    ['u%p@bastion', 'u2200@bastion', { user: 'u2200', host: 'bastion' }],
    ['first,%r@bastion', 'first,me@bastion', undefined],
    ['u%%x@bastion', 'u%x@bastion', { user: 'u%x', host: 'bastion' }],
    [
      'jdoe@corp.example.com@bastion.example.com',
      'jdoe@corp.example.com@bastion.example.com',
      { user: 'jdoe@corp.example.com', host: 'bastion.example.com' },
    ],
  ])('has the jump host as ssh takes it: %s', async (text, expected, hop) => {
    const file = configFile(`Host a\n  HostName 192.0.2.5\n  User me\n  Port 2200\n  ProxyJump ${text}\n`);
    const { proxyJump } = await resolveSshSettings({ host: 'a' }, { env, configFile: file });
    expect(proxyJump).toBe(expected);
    if (hop) expect(parseJump(proxyJump ?? '')).toEqual(hop);
  });

  it('rejects a token that means nothing in a ProxyJump, as ssh does', async () => {
    const source = { env, configFile: configFile('ProxyJump %C@bastion\n') };
    await expect(resolveSshSettings({ host: 'a' }, source)).rejects.toMatchObject({
      reason: 'sshConfigInvalid',
      params: { message: expect.stringContaining('"%C@bastion"') as string },
    });
  });

  it('reads how to log in', async () => {
    const file = configFile('PreferredAuthentications password,publickey\nNumberOfPasswordPrompts 1\nBatchMode yes\n');
    expect(await resolveSshSettings({ host: 'a' }, { env, configFile: file })).toMatchObject({
      preferredAuthentications: ['password', 'publickey'],
      passwordPrompts: 1,
      batchMode: true,
    });
  });

  it('rejects with what ssh says about a broken configuration', async () => {
    const source = { env, configFile: configFile('Nonsense yes\n') };
    await expect(resolveSshSettings({ host: 'h' }, source)).rejects.toMatchObject({ reason: 'sshConfigInvalid' });
  });
});

describe('parseJump', () => {
  it.each([
    ['bastion', { host: 'bastion' }],
    ['u@b:22', { host: 'b', user: 'u', port: 22 }],
    ['ssh://u@[fd00::1]:2222', { host: 'fd00::1', user: 'u', port: 2222 }],
    ['ssh://u@b:22/', { host: 'b', user: 'u', port: 22 }],
    // As newer versions print numeric addresses.
    ['u@[192.0.2.5]:22', { host: '192.0.2.5', user: 'u', port: 22 }],
    ['u@d@b', { host: 'b', user: 'u@d' }],
    ['b:', { host: 'b' }],
    ['b:0', undefined],
    ['b:ssh', undefined],
    ['@b', undefined],
    ['u@-b', undefined],
    ['a b:x:y', undefined],
    ['-oProxyCommand=x', undefined],
    ['', undefined],
  ])('%s', (text, expected) => expect(parseJump(text)).toEqual(expected));
});
