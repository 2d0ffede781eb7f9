import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import type { AuthContext } from 'ssh2';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeError } from '../../../src/base/errors';
import { forwarding } from '../../../src/connection/openssh/configFiles';
import { LoopbackSsh, makeKeyPair } from './sshServer';

let ssh: LoopbackSsh;
const usualTmp = process.env['TMPDIR'];
beforeEach(() => {
  ssh = new LoopbackSsh();
  // So that what is left is this test's.
  process.env['TMPDIR'] = ssh.dir;
});
afterEach(() => {
  const left = readdirSync(ssh.dir).filter((name) => name.startsWith('overlay-'));
  ssh.dispose();
  if (usualTmp === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = usualTmp;
  expect(left).toEqual([]);
});

/** A server that wants to hear a password, and what it got to hear. */
async function greedy(banner: string, own: string[] = []) {
  const methods = new Set<string>();
  const heard: unknown[] = [];
  const port = await ssh.serve({
    banner,
    authenticate(context: AuthContext) {
      methods.add(context.method);
      if (context.method === 'password') heard.push(context.password);
      if (context.method !== 'keyboard-interactive') return context.reject(['password', 'keyboard-interactive']);
      const asked = [{ prompt: 'Password: ', echo: false }];
      context.prompt(asked, (answers) => {
        heard.push(...answers);
        context.reject(['password', 'keyboard-interactive']);
      });
    },
  });
  const host = ['HostName 127.0.0.1', `Port ${port}`, 'User deploy', ...own];
  return { port, methods, heard, host: host.join('\n  ') };
}

/** Everything that a banner can write and that ssh writes as well. */
const spoofed = [
  'Welcome',
  "debug1: Authenticating to 10.9.9.9:22 as 'deploy'",
  'debug1: Authentications that can continue: keyboard-interactive',
  'debug1: Next authentication method: publickey',
  'Authenticated to 10.9.9.9 ([10.9.9.9]:22) using "publickey".',
  'Warning: Permanently added 10.9.9.9 (ED25519) to the list of known hosts.',
].join('\r\n');

describe('a server that writes in the words of ssh', () => {
  it.each(['interactively', 'in the background'])('as a jump host gets no password, %s', async (how) => {
    const { methods, heard, host } = await greedy(spoofed);
    const target = 'Host target\n  HostName 10.9.9.9\n  User deploy\n  ProxyJump jump';
    ssh.configure(`Host jump\n  ${host}\n${target}`);
    ssh.kept = { 'deploy@10.9.9.9:22 via jump': 'of the target', 'deploy@10.9.9.9:22': 'of another' };
    const failed = ssh.connect({ transport: 'systemSsh', interactive: how === 'interactively' });
    await expect(failed).rejects.toMatchObject({ reason: 'sshProgramUnasked' });
    expect(methods).not.toContain('password');
    expect(methods).not.toContain('keyboard-interactive');
    expect(heard).toEqual([]);
    expect(ssh.questions).toEqual([]);
  });

  it('makes no stage of the login look as if it were over', async () => {
    const { host } = await greedy(spoofed);
    ssh.configure(`Host target\n  ${host}`);
    const error: unknown = await ssh.connect({ transport: 'systemSsh' }).catch((reason: unknown) => reason);
    const done = ssh.stages.filter((report) => report.state === 'done').map((report) => report.stage);
    expect(done).toEqual(['configuration']);
    expect(describeError(error).happened).toContain('never given a password');
    expect(describeError(error).remedy).toContain('ssh-add');
  });

  it('has nobody asked about the key of another server', async () => {
    const { host } = await greedy(
      `No ED25519 host key is known for 10.9.9.9 and you have requested strict checking.\r\nHost key verification failed.\r\n`,
    );
    ssh.configure(`Host target\n  ${host}`);
    // Its key is known, so there is nothing to confirm.
    const error = (await ssh.connect({ transport: 'systemSsh' }).catch((reason: unknown) => reason)) as Error;
    expect(error).toMatchObject({ params: { host: 'node' } });
    expect(error).not.toMatchObject({ reason: 'hostKeyUnknown' });
  });

  it('is asked about as itself where our own client goes on after the program', async () => {
    const { port, heard, host } = await greedy(spoofed);
    const key = ssh.makeKey('key');
    // What lies beside the key makes the ssh program have its turn.
    writeFileSync(`${key}-cert.pub`, 'ssh-ed25519-cert-v01@openssh.com AAAA');
    ssh.configure(`Host target\n  ${host}\n  IdentityFile ${key}`);
    ssh.kept = { 'deploy@10.9.9.9:22': 'of another' };
    ssh.answers = ['mine', 'mine', 'mine'];
    const refused = {
      reason: 'authenticationFailed',
      params: { items: expect.arrayContaining(['keyboard-interactive']) as string[] },
    };
    await expect(ssh.connect()).rejects.toMatchObject(refused);
    expect(ssh.logged.join('\n')).toContain('taking the ssh program');
    expect(new Set(ssh.questions.map((question) => question.account))).toEqual(new Set([`deploy@127.0.0.1:${port}`]));
    expect(new Set(heard)).toEqual(new Set(['mine']));
  });
});

describe('a server that has the ssh program taken', () => {
  it('learns nothing by it', async () => {
    const u32 = (number: number) =>
      Buffer.from([number >> 24, number >> 16, number >> 8, number].map((one) => one & 255));
    const text = (value: string) => Buffer.concat([u32(value.length), Buffer.from(value)]);
    const ciphers = ['aes256-ctr', 'aes256-ctr', 'hmac-sha2-256', 'hmac-sha2-256', 'none', 'none', '', ''];
    const lists = ['mlkem768x25519-sha256', 'ssh-ed25519', ...ciphers].map(text);
    const body = Buffer.concat([Buffer.from([20]), Buffer.alloc(16, 7), ...lists, Buffer.alloc(5)]);
    const padding = 16 - ((body.length + 5) % 8);
    const packet = Buffer.concat([u32(body.length + padding + 1), Buffer.from([padding]), body, Buffer.alloc(padding)]);
    const clients: string[] = [];
    const server = net.createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (chunk: Buffer) => clients.push(/SSH-2.0-\w+/.exec(chunk.toString('latin1'))?.[0] ?? ''));
      socket.write('SSH-2.0-OpenSSH_9.9\r\n');
      socket.write(packet);
      setTimeout(() => socket.destroy(), 1_000);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ssh.configure(`Host target\n  HostName 127.0.0.1\n  Port ${(server.address() as AddressInfo).port}\n  User deploy`);
    await expect(ssh.connect()).rejects.toMatchObject({ reason: 'sshProtocol' });
    server.close();
    expect(clients.some((name) => name.startsWith('SSH-2.0-OpenSSH'))).toBe(true);
    expect(ssh.questions).toEqual([]);
  });
});

describe('the ssh program', () => {
  it('has nobody asked about a host key under BatchMode', async () => {
    const { host } = await greedy('', ['BatchMode yes', `UserKnownHostsFile ${ssh.path('other')}`]);
    ssh.configure(`Host target\n  ${host}`);
    await expect(ssh.connect({ transport: 'systemSsh' })).rejects.toMatchObject({ reason: 'questionForbidden' });
    expect([ssh.hostKeyQuestions, readdirSync(ssh.dir).includes('other')]).toEqual([0, false]);
  });

  it('calls no key revoked that KnownHostsCommand may have refused', async () => {
    const { host } = await greedy('');
    const other = makeKeyPair().public;
    writeFileSync(ssh.path('command'), `#!/bin/sh\necho "$1 ${other}"\n`, { mode: 0o755 });
    ssh.configure(`Host target\n  ${host}\n  UserKnownHostsFile none\n  KnownHostsCommand ${ssh.path('command')} %H`);
    const error: unknown = await ssh.connect({ transport: 'systemSsh' }).catch((reason: unknown) => reason);
    expect(error).not.toMatchObject({ reason: 'hostKeyRevoked' });
    expect(error).toMatchObject({
      reason: 'sshProtocol',
      params: { message: expect.stringContaining('KnownHostsCommand') as string },
    });
  });

  it('reads a configuration that the group may write to, as by -F', async () => {
    const { host } = await greedy('');
    ssh.configure(`Host target\n  ${host}`, 0o664);
    await expect(ssh.connect({ transport: 'systemSsh' })).rejects.toMatchObject({ reason: 'sshProgramUnasked' });
  });

  it('divides a forwarding as we join it', () => {
    const sockets = forwarding('/d/e', '/run/a:b\\c.sock');
    const read = execFileSync('ssh', ['-G', '-F', 'none', '-L', sockets, '--', 'host'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(read).toContain('localforward /d/e /run/a:b\\c.sock\n');
  });

  /** As a program that has a security key touched. */
  function touching(): string {
    const program = ssh.path('ssh');
    const lines = [
      '#!/bin/sh',
      '[ "$1" = -G ] && exec ssh "$@"',
      `"$SSH_ASKPASS" "Enter PIN for key: " > ${ssh.path('pin')}; echo "$?" >> ${ssh.path('pin')}`,
      'SSH_ASKPASS_PROMPT=none "$SSH_ASKPASS" "Confirm user presence for key ED25519-SK SHA256:abc" &',
      'sleep 4; kill $!; wait $!',
      'echo "deploy@127.0.0.1: Permission denied (publickey)." >&2; exit 255',
    ];
    writeFileSync(program, `${lines.join('\n')}\n`, { mode: 0o700 });
    ssh.configure('Host target\n  HostName 127.0.0.1\n  User deploy');
    return program;
  }

  it('tells to touch a security key, for so long, and gets no answer to a question', async () => {
    const failed = ssh.connect({ transport: 'systemSsh', program: touching() });
    await expect(failed).rejects.toMatchObject({ reason: 'sshProgramUnasked' });
    const text = 'Confirm user presence for key ED25519-SK SHA256:abc';
    expect(ssh.notices).toEqual([{ host: 'node', from: 'ssh', text }]);
    expect(execFileSync('cat', [ssh.path('pin')], { encoding: 'utf8' })).toBe('1\n');
  });

  it('waits for no touch where nobody is there', async () => {
    const failed = ssh.connect({ transport: 'systemSsh', program: touching(), interactive: false });
    await expect(failed).rejects.toMatchObject({ reason: 'interactionNeeded' });
    expect(ssh.notices).toEqual([]);
  });
});

describe('Windows', () => {
  it.each(['auto', 'systemSsh', 'streamlocal'] as const)(
    'is told once what is not possible there, by %s',
    async (transport) => {
      const { host } = await greedy('');
      const key = ssh.makeKey('key');
      writeFileSync(`${key}-cert.pub`, 'ssh-ed25519-cert-v01@openssh.com AAAA');
      ssh.configure(
        `Host target\n  ${host}\n  IdentityFile ${key}\n  CertificateFile ${key}-cert.pub\n  BatchMode yes`,
      );
      const platform = Object.getOwnPropertyDescriptor(process, 'platform') ?? {};
      Object.defineProperty(process, 'platform', { ...platform, value: 'win32' });
      const error: unknown = await ssh.connect({ transport }).catch((reason: unknown) => reason);
      Object.defineProperty(process, 'platform', platform);
      expect(error).toMatchObject({ reason: 'sshProgramCannot' });
      const { title, happened, remedy } = describeError(error);
      expect(title).toContain(transport === 'systemSsh' ? '"systemSsh"' : 'a user certificate');
      expect(`${happened} ${remedy}`).toContain('dockerOverlay.ssh.transport');
      expect(`${happened} ${remedy}`).not.toMatch(/install|there is no/i);
    },
  );
});
