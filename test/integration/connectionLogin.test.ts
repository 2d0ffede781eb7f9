import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import type { OverlayError } from '../../src/base/errors';
import { describeError } from '../../src/base/errors';
import type { LabHost } from '../lab/lab';
import { deployPassword } from '../lab/users';
import type { ConnectionPrompts } from '../../src/connection/prompts';
import { connectionKitForEach } from './support/connectionHooks';
import { type ConnectionKit, engineAgent, failureOf, getText, person } from './support/connectionKit';
import { authorizedKeys, freshPort, knownHosts, makeKey, sshConfig, startAgent } from './support/connectionSsh';

describe('logging in over SSH (integration)', () => {
  let host: LabHost;
  let kit: ConnectionKit;
  const cleanUps = connectionKitForEach((one, lab) => {
    kit = one;
    host = lab.hosts[0] as LabHost;
  });

  /** An sshd that lets in only the keys given, and the configuration to get there without any agent. */
  async function door(
    keys: readonly string[],
    options: { sshd?: Record<string, string>; config?: Record<string, string | undefined>; prefix?: string } = {},
  ): Promise<{ config: string }> {
    const port = freshPort();
    const lines = keys.map((key) => `${options.prefix ?? ''}${readFileSync(`${key}.pub`, 'utf8').trim()}`);
    const file = await authorizedKeys(host, String(port), lines);
    const sshd = await host.startSshd({ port, options: { AuthorizedKeysFile: file, ...options.sshd } });
    cleanUps.push(() => sshd.stop());
    const known = knownHosts(kit.path('known_hosts'), host, ['ed25519'], port);
    const config = sshConfig(kit.dir, {
      HostName: host.address,
      Port: port,
      User: 'deploy',
      IdentityAgent: 'none',
      IdentityFile: kit.path('none'),
      UserKnownHostsFile: known,
      ...options.config,
    });
    return { config };
  }

  async function expectDocker(connecting: ReturnType<ConnectionKit['connect']>): Promise<void> {
    const transport = await connecting;
    const agent = engineAgent(transport);
    expect(await getText(agent, '/_ping')).toEqual({ status: 200, body: 'OK' });
    agent.destroy();
  }

  it('takes an alias of the SSH configuration with its key', async () => {
    const asked = person();
    const transport = await kit.connect('host1', { person: asked });
    expect(transport.info).toMatchObject({ user: 'deploy' });
    expect(transport.info.description).toBe(`ssh2 + streamlocal to deploy@${host.address}:22`);
    expect(asked.asked).toEqual({ hostKeys: [], passphrases: [], passwords: [], insecure: [] });
    const over = kit.stages.filter((report) => report.state !== 'begun').map((report) => report.stage);
    expect(over).toEqual(['configuration', 'resolve', 'tcp', 'hostKey', 'authentication', 'engine']);
    const details = new Map(kit.stages.map((report) => [report.stage, report.detail]));
    expect(details.get('tcp')).toBe(`${host.address}:22`);
    expect(details.get('hostKey')).toBe(`ssh-ed25519 ${host.hostKeyFingerprint('ed25519')}, known`);
    expect(details.get('authentication')).toMatch(/^deploy, .*id_ed25519$/);
    expect(details.get('engine')).toBe('streamlocal to /var/run/docker.sock');
  });

  it('takes user@host:port', async () => {
    const transport = await kit.connect(`root@${host.address}:22`);
    expect(transport.info.user).toBe('root');
  });

  it('works without an ssh program, with the defaults of ssh', async () => {
    await expectDocker(kit.connect(`ssh://deploy@${host.address}`, { sshProgram: kit.path('no-ssh') }));
  });

  it.each(['ed25519', 'ecdsa', 'rsa'])('logs in by a key file of type %s', async (type) => {
    const key = makeKey(kit.path('key'), { type });
    const { config } = await door([key], { config: { IdentityFile: key } });
    await expectDocker(kit.connect('target', { sshConfig: config }));
  });

  it('logs in by the agent only', async () => {
    const key = makeKey(kit.path('key'));
    const agent = await startAgent(kit.path('agent'), [key]);
    cleanUps.push(() => agent.stop());
    const { config } = await door([key], { config: { IdentityAgent: undefined } });
    await expectDocker(kit.connect('target', { sshConfig: config, env: { SSH_AUTH_SOCK: kit.path('agent') } }));
  });

  it('uses an RSA key of the agent without SHA-1', async () => {
    const key = makeKey(kit.path('key'), { type: 'rsa' });
    const agent = await startAgent(kit.path('agent'), [key]);
    cleanUps.push(() => agent.stop());
    const { config } = await door([key], { config: { IdentityAgent: kit.path('agent') } });
    await expectDocker(kit.connect('target', { sshConfig: config }));
  });

  it('offers only the configured key of the agent under IdentitiesOnly', async () => {
    const keys = Array.from({ length: 8 }, (_, index) => makeKey(kit.path(`key${index}`)));
    const agent = await startAgent(kit.path('agent'), keys);
    cleanUps.push(() => agent.stop());
    const wanted = keys[7] as string;
    const config = { IdentityAgent: kit.path('agent'), IdentityFile: wanted, IdentitiesOnly: 'yes' };
    // sshd hangs up after 6 keys; only by choosing does the right one get its turn.
    const opened = await door([wanted], { config });
    await expectDocker(kit.connect('target', { sshConfig: opened.config }));
  });

  it('offers the configured key first even among many of the agent', async () => {
    const keys = Array.from({ length: 8 }, (_, index) => makeKey(kit.path(`key${index}`)));
    const agent = await startAgent(kit.path('agent'), keys);
    cleanUps.push(() => agent.stop());
    const wanted = keys[7] as string;
    const opened = await door([wanted], { config: { IdentityAgent: kit.path('agent'), IdentityFile: wanted } });
    await expectDocker(kit.connect('target', { sshConfig: opened.config }));
  });

  it('says what was tried when the agent has too many wrong keys', async () => {
    const keys = Array.from({ length: 8 }, (_, index) => makeKey(kit.path(`key${index}`)));
    const right = makeKey(kit.path('right'));
    const agent = await startAgent(kit.path('agent'), keys);
    cleanUps.push(() => agent.stop());
    const opened = await door([right], { config: { IdentityAgent: kit.path('agent') } });
    const error = (await failureOf(kit.connect('target', { sshConfig: opened.config }))) as OverlayError;
    expect(error.reason).toBe('authenticationFailed');
    expect(error.params.message).toMatch(/too many authentication failures/i);
    expect(error.params.items?.length).toBeGreaterThanOrEqual(5);
  });

  it('takes the order of PreferredAuthentications, past the keys of the agent', async () => {
    const keys = Array.from({ length: 8 }, (_, index) => makeKey(kit.path(`key${index}`)));
    const agent = await startAgent(kit.path('agent'), keys);
    cleanUps.push(() => agent.stop());
    const config = { IdentityAgent: kit.path('agent'), PreferredAuthentications: 'password' };
    const opened = await door([], { config });
    const user = person({ passwords: [deployPassword] });
    await expectDocker(kit.connect('target', { sshConfig: opened.config, person: user }));
    expect(user.asked.passwords).toHaveLength(1);
  });

  it('gives two keys where two are wanted', async () => {
    const keys = [makeKey(kit.path('one')), makeKey(kit.path('two'))];
    const agent = await startAgent(kit.path('agent'), keys);
    cleanUps.push(() => agent.stop());
    const { config } = await door(keys, {
      config: { IdentityAgent: kit.path('agent') },
      sshd: { AuthenticationMethods: 'publickey,publickey' },
    });
    await expectDocker(kit.connect('target', { sshConfig: config }));
  });

  it('asks for no password that the server does not take', async () => {
    const keys = [makeKey(kit.path('one'))];
    const { config } = await door(keys, {
      config: { IdentityFile: keys[0] },
      sshd: { AuthenticationMethods: 'publickey,publickey' },
    });
    const user = person({ passwords: [deployPassword] });
    const error = await failureOf(kit.connect('target', { sshConfig: config, person: user }));
    expect(error).toMatchObject({ reason: 'authenticationFailed' });
    expect(user.asked.passwords).toEqual([]);
  });

  it('asks for the passphrase of a key, and again when it is wrong', async () => {
    const key = makeKey(kit.path('key'), { passphrase: 'open sesame' });
    const { config } = await door([key], { config: { IdentityFile: key } });
    const user = person({ passphrases: ['wrong', 'open sesame'] });
    await expectDocker(kit.connect('target', { sshConfig: config, person: user }));
    expect(user.asked.passphrases).toEqual([
      { keyPath: key, previousWrong: false },
      { keyPath: key, previousWrong: true },
    ]);
  });

  it('asks for the passphrase of a key in the old PEM format', async () => {
    const key = makeKey(kit.path('key'), { type: 'rsa', passphrase: 'open sesame', format: 'PEM' });
    const { config } = await door([key], { config: { IdentityFile: key } });
    await expectDocker(kit.connect('target', { sshConfig: config, person: person({ passphrases: ['open sesame'] }) }));
  });

  it.each(['rsa', 'ecdsa'])('logs in by a key of type %s in PKCS8, with and without passphrase', async (type) => {
    for (const passphrase of ['', 'open sesame']) {
      const key = makeKey(kit.path(`key-${passphrase.length}`), { type, passphrase, format: 'PKCS8' });
      const { config } = await door([key], { config: { IdentityFile: key } });
      const user = person({ passphrases: [passphrase] });
      await expectDocker(kit.connect('target', { sshConfig: config, person: user }));
      expect(user.asked.passphrases).toHaveLength(passphrase === '' ? 0 : 1);
    }
  });

  it('leaves a key in an encryption of its own to the ssh program, and asks nobody its passphrase', async () => {
    const key = kit.path('key');
    const options = ['-t', 'ed25519', '-N', 'open sesame', '-Z', 'chacha20-poly1305@openssh.com', '-f', key];
    execFileSync('ssh-keygen', ['-q', ...options]);
    const { config } = await door([key], { config: { IdentityFile: key }, sshd: { PasswordAuthentication: 'no' } });
    const user = person({ passphrases: ['open sesame'] });
    const error = (await failureOf(kit.connect('target', { sshConfig: config, person: user }))) as OverlayError;
    expect(error).toMatchObject({ reason: 'sshProgramUnasked' });
    expect(describeError(error).remedy).toContain('ssh-add');
    expect(user.asked.passphrases).toEqual([]);
  });

  it('gives up on a key after three wrong passphrases, without repeating them', async () => {
    const key = makeKey(kit.path('key'), { passphrase: 'open sesame' });
    const { config } = await door([key], { config: { IdentityFile: key }, sshd: { PasswordAuthentication: 'no' } });
    const user = person({ passphrases: ['swordfish-1', 'swordfish-2', 'swordfish-3', 'swordfish-4'] });
    const error = await failureOf(kit.connect('target', { sshConfig: config, person: user }));
    expect(error).toMatchObject({ reason: 'keyUnreadable', params: { path: key } });
    expect(user.asked.passphrases).toHaveLength(3);
    expect(`${error.message} ${JSON.stringify(describeError(error))} ${kit.logged.join()}`).not.toContain('swordfish');
  });

  it('asks once for a key that several hosts share, and not again when it connects anew', async () => {
    const key = makeKey(kit.path('key'), { passphrase: 'open sesame' });
    const { config } = await door([key], { config: { IdentityFile: key } });
    const user = person({ passphrases: ['open sesame'] });
    const connector = kit.connector({ sshConfig: config, person: user });
    await Promise.all([
      kit.connect('target', { connector, name: 'a' }),
      kit.connect('target', { connector, name: 'b' }),
    ]);
    await kit.connect('target', { connector });
    expect(user.asked.passphrases).toHaveLength(1);
  });

  it('does not ask for the passphrase of a key the server does not want', async () => {
    const key = makeKey(kit.path('key'), { passphrase: 'open sesame' });
    const other = makeKey(kit.path('other'));
    const { config } = await door([other], { config: { IdentityFile: key }, sshd: { PasswordAuthentication: 'no' } });
    const user = person({ passphrases: ['open sesame'] });
    const error = await failureOf(kit.connect('target', { sshConfig: config, person: user }));
    expect(error).toMatchObject({ reason: 'authenticationFailed', params: { user: 'deploy', items: [key] } });
    expect(user.asked.passphrases).toEqual([]);
  });

  it('logs in by password, asked again when it is wrong', async () => {
    const { config } = await door([]);
    const user = person({ passwords: ['not it', deployPassword] });
    await expectDocker(kit.connect('target', { sshConfig: config, person: user }));
    expect(user.asked.passwords.map((question) => question.previousWrong)).toEqual([false, true]);
    expect(kit.logged.join()).not.toContain(deployPassword);
  });

  it('ends when the password is not given', async () => {
    const { config } = await door([]);
    const error = await failureOf(kit.connect('target', { sshConfig: config }));
    expect(error).toMatchObject({ reason: 'authenticationFailed', params: { message: 'no password was given' } });
  });

  it('never shows a wrong password', async () => {
    const { config } = await door([]);
    const user = person({ passwords: ['swordfish-1', 'swordfish-2', 'swordfish-3', 'swordfish-4'] });
    const error = await failureOf(kit.connect('target', { sshConfig: config, person: user }));
    expect(error).toMatchObject({ reason: 'authenticationFailed' });
    expect(user.asked.passwords).toHaveLength(3);
    expect(`${error.message} ${JSON.stringify(describeError(error))} ${kit.logged.join()}`).not.toContain('swordfish');
  });

  it('gives a key and a password where both are wanted', async () => {
    const key = makeKey(kit.path('key'));
    const { config } = await door([key], {
      config: { IdentityFile: key },
      sshd: { AuthenticationMethods: 'publickey,password' },
    });
    await expectDocker(kit.connect('target', { sshConfig: config, person: person({ passwords: [deployPassword] }) }));
  });

  it('logs in again with the answer when the server lost patience while a person was typing', async () => {
    const { config } = await door([], { sshd: { LoginGraceTime: '2' } });
    const user = person({ passwords: [deployPassword] });
    const slow: ConnectionPrompts = {
      ...user,
      async password(question) {
        // Takes longer than sshd waits.
        const hungUp = () => expect(kit.logged.join('\n')).toContain('hung up while a question was open');
        await vi.waitFor(hungUp, { timeout: 60_000, interval: 100 });
        return user.password(question);
      },
    };
    await expectDocker(kit.connect('target', { sshConfig: config, person: slow }));
    expect(user.asked.passwords).toHaveLength(1);
  });

  it('names the keys it tried when none fits', async () => {
    const right = makeKey(kit.path('right'));
    const wrong = makeKey(kit.path('wrong'));
    const { config } = await door([right], { config: { IdentityFile: wrong }, sshd: { PasswordAuthentication: 'no' } });
    const error = await failureOf(kit.connect('target', { sshConfig: config }));
    expect(error).toMatchObject({
      reason: 'authenticationFailed',
      params: { host: 'node', user: 'deploy', items: [wrong] },
    });
    expect(describeError(error).happened).toContain(wrong);
  });
});
