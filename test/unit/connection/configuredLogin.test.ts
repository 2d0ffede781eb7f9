import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Server, type Algorithms, type AuthenticationType } from 'ssh2';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import { KeyRing } from '../../../src/connection/credentials/keyRing';
import { nonInteractivePrompts } from '../../../src/connection/nonInteractivePrompts';
import { resolveSshSettings } from '../../../src/connection/sshConfig/sshConfig';
import { openSsh2Chain } from '../../../src/connection/ssh2/jumps';
import type { ConnectionPrompts } from '../../../src/connection/prompts';

const dir = mkdtempSync(join(tmpdir(), 'configured-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const path = (name: string) => join(dir, name);
const env = { PATH: process.env['PATH'], HOME: dir };

function makeKey(name: string, ...args: string[]): string {
  rmSync(path(name), { force: true });
  execFileSync('ssh-keygen', ['-q', '-N', '', '-f', path(name), ...args]);
  return path(name);
}
const publicKey = (file: string) => readFileSync(`${file}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
const hostKey = makeKey('host', '-t', 'ed25519');
const hostRsa = makeKey('host-rsa', '-t', 'rsa', '-b', '2048');
const ends: (() => void)[] = [];
afterEach(() => ends.splice(0).forEach((end) => end()));

interface FakeServer {
  readonly port: number;
  /** What was tried to log in with: methods, keys by their type. */
  readonly tried: string[];
}

/** A real SSH server that lets everybody in who shows a key or gives a password. */
function serve(
  hostKeys = [hostKey],
  algorithms?: Algorithms,
  methods: AuthenticationType[] = ['publickey', 'password'],
): Promise<FakeServer> {
  const tried: string[] = [];
  const config = { hostKeys: hostKeys.map((file) => readFileSync(file)), ...(algorithms ? { algorithms } : {}) };
  const server = new Server(config, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      tried.push(context.method === 'publickey' ? context.key.algo : context.method);
      if (context.method === 'none') context.reject(methods);
      else context.accept();
    });
  });
  ends.push(() => server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ port: (server.address() as AddressInfo).port, tried }));
  });
}

const person = (trust = true) => {
  const asked: string[] = [];
  const prompts: ConnectionPrompts = {
    trustHostKey: async () => asked.push('host key') > 0 && trust,
    passphrase: async () => void asked.push('passphrase'),
    password: async () => (asked.push('password') > 0 ? 'secret' : undefined),
    consentInsecure: async () => false,
  };
  return { asked, prompts };
};

/** Logs in with what these lines say. */
async function logIn(port: number, lines: string, prompts: ConnectionPrompts, keyRing = new KeyRing()) {
  const configFile = path('config');
  const usual = `HostName 127.0.0.1\nPort ${port}\nUser me\nIdentityAgent none\nGlobalKnownHostsFile none\n`;
  writeFileSync(configFile, `${usual}${lines}\n`, { mode: 0o600 });
  const source = { env, configFile };
  const { signal } = new AbortController();
  const settings = await resolveSshSettings({ host: 'target' }, source, signal);
  const canHandOver = true;
  const request = { host: 'node', source, prompts, keyRing, logger: silentLogger, signal, canHandOver };
  const link = await openSsh2Chain(settings, { ...request, onStage: () => undefined });
  ends.push(() => link.dispose());
  return link;
}

const known = (port: number, ...files: string[]) => {
  const lines = (files.length > 0 ? files : [hostKey]).map((file) => `[127.0.0.1]:${port} ${publicKey(file)}\n`);
  writeFileSync(path('known_hosts'), lines.join(''));
  return `UserKnownHostsFile ${path('known_hosts')}`;
};

describe('the built-in client and the SSH configuration', () => {
  it('never logs in to a server whose key RevokedHostKeys names', async () => {
    const { port, tried } = await serve();
    writeFileSync(path('revoked'), `${publicKey(hostKey)}\n`);
    const login = logIn(port, `${known(port)}\nRevokedHostKeys ${path('revoked')}`, person().prompts);
    await expect(login).rejects.toMatchObject({ reason: 'hostKeyRevoked', params: { path: path('revoked') } });
    expect(tried).toEqual([]);
  });

  it('asks nobody about an unknown key under StrictHostKeyChecking yes', async () => {
    const { port, tried } = await serve();
    const { asked, prompts } = person();
    const lines = `UserKnownHostsFile ${path('none')}\nStrictHostKeyChecking yes`;
    await expect(logIn(port, lines, prompts)).rejects.toMatchObject({ reason: 'hostKeyNotRecorded' });
    expect([asked, tried]).toEqual([[], []]);
  });

  it('comes back by itself to a host whose key no file keeps', async () => {
    const { port } = await serve();
    const { asked, prompts } = person();
    const lines = `IdentityFile ${makeKey('mine', '-t', 'ed25519')}\nUserKnownHostsFile /dev/null\nStrictHostKeyChecking no`;
    const keyRing = new KeyRing();
    await logIn(port, lines, prompts, keyRing);
    await logIn(port, lines, nonInteractivePrompts(prompts, dir), keyRing);
    expect(asked).toEqual(['host key']);
  });

  it('connects a host whose confirmed key cannot be written', async () => {
    const { port } = await serve();
    const { asked, prompts } = person();
    const lines = `IdentityFile ${makeKey('mine', '-t', 'ed25519')}\nUserKnownHostsFile ${path('host')}/known_hosts`;
    await logIn(port, lines, prompts);
    expect(asked).toEqual(['host key']);
  });

  it.each([
    ['KnownHostsCommand /bin/true %H', 'KnownHostsCommand "/bin/true %H"'],
    ['ProxyUseFdpass yes\nProxyCommand /bin/false', 'ProxyUseFdpass "yes"'],
  ])('leaves %s to the ssh program, before anything is sent', async (lines, name) => {
    const { port, tried } = await serve();
    const login = logIn(port, `${known(port)}\n${lines}`, person().prompts);
    await expect(login).rejects.toMatchObject({ reason: 'sshFeatureUnsupported', params: { name } });
    expect(tried).toEqual([]);
  });

  it('asks for the recorded type of key that the configuration adds', async () => {
    const { port } = await serve([hostKey, hostRsa], { serverHostKey: ['ssh-ed25519', 'ssh-rsa'] });
    const { asked, prompts } = person();
    const mine = `IdentityFile ${makeKey('mine', '-t', 'ed25519')}`;
    await logIn(port, `${known(port, hostRsa)}\n${mine}\nHostKeyAlgorithms +ssh-rsa`, prompts);
    expect(asked).toEqual([]);
    await expect(logIn(port, `${known(port, hostRsa)}\n${mine}`, prompts)).rejects.toMatchObject({
      reason: 'hostKeyChanged',
    });
  });

  it.each([
    ['KexAlgorithms', 'kex', 'ecdh-sha2-nistp384', 'ecdh-sha2-nistp256'],
    ['Ciphers', 'cs', 'aes256-ctr', 'aes128-ctr'],
  ] as const)('offers no %s that the configuration leaves out', async (option, key, allowed, theirs) => {
    const algorithms = key === 'kex' ? { kex: [theirs] } : { cipher: [theirs] };
    const { port } = await serve([hostKey], algorithms);
    const mine = `IdentityFile ${makeKey('mine', '-t', 'ed25519')}`;
    await logIn(port, `${known(port)}\n${mine}`, person().prompts);
    const login = logIn(port, `${known(port)}\n${mine}\n${option} ${allowed}`, person().prompts);
    await expect(login).rejects.toMatchObject({ reason: 'sshFeatureUnsupported' });
  });

  it('refuses short host keys and offers no short keys under RequiredRSASize', async () => {
    const { port, tried } = await serve([hostRsa]);
    const short = `IdentityFile ${makeKey('short', '-t', 'rsa', '-b', '2048')}\nRequiredRSASize 3072`;
    await expect(logIn(port, `${known(port, hostRsa)}\n${short}`, person().prompts)).rejects.toMatchObject({
      reason: 'hostKeyTooShort',
    });
    const other = await serve();
    await expect(
      logIn(other.port, `${known(other.port)}\n${short}\nBatchMode yes`, person().prompts),
    ).rejects.toThrow();
    expect([tried, other.tried]).toEqual([[], ['none']]);
  });

  it('offers no key whose type PubkeyAcceptedAlgorithms leaves out', async () => {
    const { port, tried } = await serve();
    const mine = `IdentityFile ${makeKey('mine', '-t', 'ed25519')}\nPubkeyAcceptedAlgorithms rsa-sha2-512`;
    const { asked, prompts } = person();
    await logIn(port, `${known(port)}\n${mine}`, prompts);
    expect([tried, asked]).toEqual([['none', 'password'], ['password']]);
  });

  it('leaves a host to the ssh program that takes this machine for proof, when no key is taken', async () => {
    const lines = 'IdentityFile none\nHostbasedAuthentication yes';
    const withHost = await serve([hostKey], undefined, ['publickey', 'hostbased', 'password']);
    const { asked, prompts } = person();
    await expect(logIn(withHost.port, `${known(withHost.port)}\n${lines}`, prompts)).rejects.toMatchObject({
      reason: 'sshFeatureUnsupported',
      params: { name: 'HostbasedAuthentication' },
    });
    expect(asked).toEqual([]);
    const without = await serve();
    await logIn(without.port, `${known(without.port)}\n${lines}`, prompts);
    expect(asked).toEqual(['password']);
  });

  it('asks nothing under BatchMode', async () => {
    const { port } = await serve();
    const { asked, prompts } = person();
    const lines = 'IdentityFile none\nBatchMode yes';
    await expect(logIn(port, `UserKnownHostsFile ${path('none')}\n${lines}`, prompts)).rejects.toMatchObject({
      reason: 'questionForbidden',
    });
    await expect(logIn(port, `${known(port)}\n${lines}`, prompts)).rejects.toThrow();
    expect(asked).toEqual([]);
  });
});
