import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeError } from '../../src/base/errors';
import type { LabHost } from '../lab/lab';
import { connectionKitForEach } from './support/connectionHooks';
import { type ConnectionKit, failureOf, person } from './support/connectionKit';
import { freshPort, knownHosts, makeKey, sshConfig } from './support/connectionSsh';

describe('host keys (integration)', () => {
  let host: LabHost;
  let kit: ConnectionKit;
  const cleanUps = connectionKitForEach((one, lab) => {
    kit = one;
    host = lab.hosts[0] as LabHost;
  });

  /** Configuration that reads only the test's own known_hosts. */
  function config(lines: Record<string, string | number> = {}): string {
    return sshConfig(kit.dir, {
      HostName: host.address,
      User: 'deploy',
      IdentityFile: '~/.ssh/id_ed25519',
      UserKnownHostsFile: kit.path('known_hosts'),
      GlobalKnownHostsFile: '/dev/null',
      HashKnownHosts: 'no',
      ...lines,
    });
  }

  const known = () => readFileSync(kit.path('known_hosts'), 'utf8');
  const ed25519 = () => host.publicHostKey('ed25519').split(' ').slice(0, 2).join(' ');

  /** Serves a port with other host keys. */
  async function sshdWith(type: 'ed25519' | 'rsa'): Promise<number> {
    const port = freshPort();
    const path = `/etc/ssh/other-${port}`;
    await host.execOk(['ssh-keygen', '-q', '-t', type, '-N', '', '-f', path]);
    const sshd = await host.startSshd({ port, options: { HostKey: path } });
    cleanUps.push(() => sshd.stop());
    return port;
  }

  it('asks for an unknown key, writes it, and does not ask again', async () => {
    const user = person({ trust: true });
    await kit.connect('target', { sshConfig: config(), person: user });
    expect(user.asked.hostKeys).toEqual([
      { host: 'node', address: host.address, keyType: 'ssh-ed25519', fingerprint: host.hostKeyFingerprint('ed25519') },
    ]);
    expect(known()).toBe(`${host.address} ${ed25519()}\n`);
    expect(statSync(kit.path('known_hosts')).mode & 0o777).toBe(0o600);
    await kit.connect('target', { sshConfig: config(), person: user });
    expect(user.asked.hostKeys).toHaveLength(1);
  });

  it('is not let in when the key is declined, and nothing is written or sent', async () => {
    const before = host.sshd.log().length;
    const user = person({ trust: false });
    const error = await failureOf(kit.connect('target', { sshConfig: config(), person: user }));
    expect(error).toMatchObject({
      reason: 'hostKeyUnknown',
      params: { host: 'node', fingerprint: host.hostKeyFingerprint('ed25519') },
    });
    expect(existsSync(kit.path('known_hosts'))).toBe(false);
    // Nothing was authenticated.
    expect(host.sshd.log().slice(before)).not.toMatch(/Accepted/);
  });

  it.each(['no', 'accept-new', 'off'])('asks also under StrictHostKeyChecking %s', async (strict) => {
    const sshConfigFile = config({ StrictHostKeyChecking: strict });
    const error = await failureOf(kit.connect('target', { sshConfig: sshConfigFile, person: person() }));
    expect(error).toMatchObject({ reason: 'hostKeyUnknown' });
  });

  it('keeps what others wrote in known_hosts, also without a newline at its end', async () => {
    writeFileSync(kit.path('known_hosts'), '# mine\nother.example ssh-ed25519 AAAA');
    await kit.connect('target', { sshConfig: config(), person: person({ trust: true }) });
    expect(known()).toBe(`# mine\nother.example ssh-ed25519 AAAA\n${host.address} ${ed25519()}\n`);
  });

  it('makes the folder of known_hosts with mode 0700', async () => {
    const file = kit.path('new/ssh/known_hosts');
    await kit.connect('target', { sshConfig: config({ UserKnownHostsFile: file }), person: person({ trust: true }) });
    expect(statSync(kit.path('new/ssh')).mode & 0o777).toBe(0o700);
    expect(readFileSync(file, 'utf8')).toContain(ed25519());
  });

  it('writes hashed names where the configuration says so, and ssh-keygen finds them', async () => {
    const hashed = config({ HashKnownHosts: 'yes' });
    await kit.connect('target', { sshConfig: hashed, person: person({ trust: true }) });
    expect(known()).toMatch(/^\|1\|/);
    const found = execFileSync('ssh-keygen', ['-F', host.address, '-f', kit.path('known_hosts')], { encoding: 'utf8' });
    expect(found).toContain(ed25519());
    await kit.connect('target', { sshConfig: hashed });
  });

  it('knows a server by its hashed name', async () => {
    knownHosts(kit.path('known_hosts'), host, ['ed25519'], 22);
    execFileSync('ssh-keygen', ['-q', '-H', '-f', kit.path('known_hosts')], { stdio: 'ignore' });
    expect(known()).toMatch(/^\|1\|/);
    await kit.connect('target', { sshConfig: config() });
  });

  it('knows a server by its name with port', async () => {
    const port = freshPort();
    const sshd = await host.startSshd({ port });
    cleanUps.push(() => sshd.stop());
    knownHosts(kit.path('known_hosts'), host, ['ed25519'], port);
    await kit.connect('target', { sshConfig: config({ Port: port }) });
  });

  it('asks for the known type first: only rsa is known, the server prefers ed25519', async () => {
    knownHosts(kit.path('known_hosts'), host, ['rsa'], 22);
    const user = person();
    await kit.connect('target', { sshConfig: config(), person: user });
    expect(user.asked.hostKeys).toEqual([]);
  });

  it('refuses a changed key without a way through', async () => {
    const other = makeKey(kit.path('other'));
    const expected = readFileSync(`${other}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
    writeFileSync(kit.path('known_hosts'), `${host.address} ${expected}\n`);
    const expectedFingerprint = execFileSync('ssh-keygen', ['-l', '-f', `${other}.pub`], { encoding: 'utf8' }).split(
      ' ',
    )[1];
    const user = person({ trust: true });
    const sshConfigFile = config({ StrictHostKeyChecking: 'no' });
    const error = await failureOf(kit.connect('target', { sshConfig: sshConfigFile, person: user }));
    expect(error).toMatchObject({
      reason: 'hostKeyChanged',
      params: {
        address: host.address,
        fingerprint: host.hostKeyFingerprint('ed25519'),
        expectedFingerprint,
        path: kit.path('known_hosts'),
      },
    });
    expect(describeError(error).command).toBe(`ssh-keygen -R ${host.address}`);
    expect(user.asked.hostKeys).toEqual([]);
    expect(known()).toBe(`${host.address} ${expected}\n`);
  });

  it('refuses a server that has lost the key type known of it', async () => {
    const port = await sshdWith('rsa');
    knownHosts(kit.path('known_hosts'), host, ['ed25519'], port);
    const user = person({ trust: true });
    const error = await failureOf(kit.connect('target', { sshConfig: config({ Port: port }), person: user }));
    expect(error).toMatchObject({
      reason: 'hostKeyChanged',
      params: { expectedFingerprint: host.hostKeyFingerprint('ed25519') },
    });
    expect(user.asked.hostKeys).toEqual([]);
  });

  it('refuses a revoked key, also when another line knows it', async () => {
    writeFileSync(kit.path('known_hosts'), `${host.address} ${ed25519()}\n@revoked * ${ed25519()}\n`);
    const user = person({ trust: true });
    const error = await failureOf(kit.connect('target', { sshConfig: config(), person: user }));
    expect(error).toMatchObject({
      reason: 'hostKeyRevoked',
      params: { fingerprint: host.hostKeyFingerprint('ed25519'), path: kit.path('known_hosts') },
    });
    expect(user.asked.hostKeys).toEqual([]);
  });

  it('refuses a key that RevokedHostKeys names, in a list of keys and in a binary one', async () => {
    knownHosts(kit.path('known_hosts'), host, ['ed25519'], 22);
    writeFileSync(kit.path('revoked'), `${ed25519()}\n`);
    execFileSync('ssh-keygen', ['-q', '-k', '-f', kit.path('krl'), kit.path('revoked')]);
    for (const file of ['revoked', 'krl']) {
      const user = person({ trust: true });
      const revoking = config({ RevokedHostKeys: kit.path(file) });
      const error = await failureOf(kit.connect('target', { sshConfig: revoking, person: user }));
      expect(error).toMatchObject({ reason: 'hostKeyRevoked' });
      expect(user.asked.hostKeys).toEqual([]);
    }
  });

  it('goes by the ssh program where only that can read what is revoked, or finds the key by a command', async () => {
    knownHosts(kit.path('known_hosts'), host, ['ed25519'], 22);
    execFileSync('ssh-keygen', ['-q', '-k', '-f', kit.path('krl'), `${makeKey(kit.path('other'))}.pub`]);
    const revoking = await kit.connect('target', { sshConfig: config({ RevokedHostKeys: kit.path('krl') }) });
    expect(revoking.info.because).toContain(`RevokedHostKeys ${kit.path('krl')}`);
    const command = `/bin/cat ${kit.path('known_hosts')}`;
    const asking = config({ KnownHostsCommand: command, UserKnownHostsFile: '/dev/null' });
    const user = person();
    const transport = await kit.connect('target', { sshConfig: asking, person: user });
    expect(transport.info.because).toContain(`KnownHostsCommand "${command}"`);
    expect(user.asked.hostKeys).toEqual([]);
  });

  it('asks nobody about an unknown key under StrictHostKeyChecking yes, on either way', async () => {
    for (const transport of ['auto', 'systemSsh'] as const) {
      const user = person({ trust: true });
      const strict = config({ StrictHostKeyChecking: 'yes' });
      const error = await failureOf(kit.connect('target', { sshConfig: strict, person: user, transport }));
      expect(error).toMatchObject({ reason: 'hostKeyNotRecorded' });
      expect(user.asked.hostKeys).toEqual([]);
    }
  });

  it('comes back by itself to a host whose key no file keeps', async () => {
    const forgetful = config({ UserKnownHostsFile: '/dev/null', StrictHostKeyChecking: 'no' });
    const user = person({ trust: true });
    const connector = kit.connector({ sshConfig: forgetful, person: user });
    await kit.connect('target', { connector });
    await kit.connect('target', { connector, interactive: false });
    expect(user.asked.hostKeys).toHaveLength(1);
  });

  it('reads and writes a known_hosts whose path has a space', async () => {
    const file = kit.path('with a space/known_hosts');
    const spaced = config({ UserKnownHostsFile: `"${file}"` });
    const user = person({ trust: true });
    await kit.connect('target', { sshConfig: spaced, person: user });
    expect(readFileSync(file, 'utf8')).toBe(`${host.address} ${ed25519()}\n`);
    await kit.connect('target', { sshConfig: spaced, person: user });
    expect(user.asked.hostKeys).toHaveLength(1);
  });

  it('reads the global file as well', async () => {
    knownHosts(kit.path('global'), host, ['ed25519'], 22);
    await kit.connect('target', { sshConfig: config({ GlobalKnownHostsFile: kit.path('global') }) });
  });

  it('goes by HostKeyAlias', async () => {
    writeFileSync(kit.path('known_hosts'), `the-cluster ${ed25519()}\n`);
    await kit.connect('target', { sshConfig: config({ HostKeyAlias: 'the-cluster' }) });
  });

  it('appends the keys of several servers at the same time, each whole', async () => {
    const ports = await Promise.all(
      [freshPort(), freshPort(), freshPort()].map(async (port) => {
        const sshd = await host.startSshd({ port });
        cleanUps.push(() => sshd.stop());
        return port;
      }),
    );
    const user = person({ trust: true });
    await Promise.all(
      ports.map((port) =>
        kit.connect(`deploy@${host.address}:${port}`, {
          sshConfig: config({}),
          knownHosts: kit.path('known_hosts'),
          person: user,
        }),
      ),
    );
    expect(known().trim().split('\n').sort()).toEqual(
      ports.map((port) => `[${host.address}]:${port} ${ed25519()}`).sort(),
    );
  });
});
