import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OverlayError } from '../../src/base/errors';
import { describeError } from '../../src/base/errors';
import type { ConnectionPrompts } from '../../src/connection/prompts';
import type { Transport } from '../../src/connection/transport';
import type { Lab, LabHost } from '../lab/lab';
import { deployPassword } from '../lab/users';
import { ConnectionKit, engineAgent, failureOf, getText, person } from './support/connectionKit';
import {
  attachLab,
  authorizedKeys,
  freshPort,
  knownHosts,
  makeKey,
  sshConfig,
  startAgent,
} from './support/connectionSsh';
import { privateDirs, sshProcesses } from './support/sshProcesses';

type Values = Record<string, string | undefined>;

describe('the ssh program of the system as a way to the engine (integration)', () => {
  let lab: Lab;
  let host: LabHost;
  let kit: ConnectionKit;
  const cleanUps: (() => unknown)[] = [];
  const usualTmp = process.env['TMPDIR'];

  beforeAll(async () => {
    lab = await attachLab();
    host = lab.hosts[0] as LabHost;
  });
  beforeEach(() => {
    kit = new ConnectionKit();
    // So that what is left is this test's.
    process.env['TMPDIR'] = kit.dir;
  });
  afterEach(async () => {
    const { dir } = kit;
    kit.closeAll();
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
    await nothingLeft();
    if (usualTmp === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usualTmp;
    rmSync(dir, { recursive: true, force: true });
  });

  /** Neither a process of ssh nor a directory of it. */
  async function nothingLeft(): Promise<void> {
    await expect.poll(() => [...sshProcesses(kit.dir), ...privateDirs(kit.dir)], { timeout: 10_000 }).toEqual([]);
  }

  /** An sshd that lets in only the keys given, and the configuration to get there without any agent. */
  async function door(options: { keys?: readonly string[]; sshd?: Record<string, string>; config?: Values } = {}) {
    const port = freshPort();
    const lines = (options.keys ?? []).map((key) => readFileSync(`${key}.pub`, 'utf8').trim());
    const file = await authorizedKeys(host, String(port), lines);
    const sshd = await host.startSshd({ port, options: { AuthorizedKeysFile: file, ...options.sshd } });
    cleanUps.push(() => sshd.stop());
    const config = sshConfig(kit.dir, {
      HostName: host.address,
      Port: port,
      User: 'deploy',
      IdentityAgent: 'none',
      IdentityFile: kit.path('none'),
      UserKnownHostsFile: knownHosts(kit.path('known_hosts'), host, ['ed25519'], port),
      GlobalKnownHostsFile: '/dev/null',
      HashKnownHosts: 'no',
      ...options.config,
    });
    return { config, sshd, port };
  }

  /** As {@link door}, with a key that is let in. */
  async function openDoor(sshd: Record<string, string> = {}, config: Values = {}) {
    const key = makeKey(kit.path('key'));
    return door({ keys: [key], sshd, config: { IdentityFile: key, ...config } });
  }

  async function expectDocker(transport: Transport): Promise<void> {
    const agent = engineAgent(transport);
    expect(await getText(agent, '/_ping')).toEqual({ status: 200, body: 'OK' });
    agent.destroy();
  }

  /** A certificate authority for users, trusted by an sshd, and a key with its certificate. */
  async function certifiedUser(): Promise<{ key: string; trusted: string }> {
    const authority = makeKey(kit.path('authority'));
    const key = makeKey(kit.path('certified'));
    execFileSync('ssh-keygen', ['-q', '-s', authority, '-I', 'me', '-n', 'deploy', `${key}.pub`]);
    const trusted = `/etc/ssh/authority-${freshPort()}.pub`;
    await host.execOk(['sh', '-c', `cat > ${trusted}`], { input: readFileSync(`${authority}.pub`, 'utf8') });
    return { key, trusted };
  }

  const closeOf = (transport: Transport) =>
    new Promise<OverlayError>((resolve) => void transport.onDidClose((error) => resolve(error)));

  describe('taken by itself', () => {
    it('logs in with a certificate that lies beside the key, without asking for a password', async () => {
      const { key, trusted } = await certifiedUser();
      const { config } = await door({ sshd: { TrustedUserCAKeys: trusted }, config: { IdentityFile: key } });
      const user = person();
      const transport = await kit.connect('target', { sshConfig: config, person: user });
      expect(transport.info.description).toMatch(
        new RegExp(`^system ssh \\+ streamlocal to deploy@${host.address}:\\d+$`),
      );
      expect(transport.info.because).toContain('a user certificate');
      expect(user.asked.passwords).toEqual([]);
      await expectDocker(transport);
    });

    it('logs in with a certificate that the configuration names', async () => {
      const { key, trusted } = await certifiedUser();
      const { config } = await door({
        sshd: { TrustedUserCAKeys: trusted },
        config: { IdentityFile: key, CertificateFile: `${key}-cert.pub` },
      });
      await expectDocker(await kit.connect('target', { sshConfig: config }));
    });

    it('logs in with a certificate of the agent', async () => {
      const { key, trusted } = await certifiedUser();
      const agent = await startAgent(kit.path('agent'), [key]);
      cleanUps.push(() => agent.stop());
      const { config } = await door({
        sshd: { TrustedUserCAKeys: trusted },
        config: { IdentityAgent: kit.path('agent') },
      });
      const transport = await kit.connect('target', { sshConfig: config });
      expect(transport.info.because).toContain('agent');
      await expectDocker(transport);
    });

    it('is not taken where the plain key of a certificate is enough', async () => {
      const { key } = await certifiedUser();
      const { config } = await door({ keys: [key], config: { IdentityFile: key } });
      const transport = await kit.connect('target', { sshConfig: config });
      expect(transport.info.description).toContain('ssh2 + streamlocal');
    });

    it('trusts a server by the certificate of its authority', async () => {
      const { config } = await certifiedHost();
      const user = person();
      const transport = await kit.connect('target', { sshConfig: config, person: user });
      expect(transport.info.because).toContain('host certificates');
      expect(user.asked.hostKeys).toEqual([]);
      await expectDocker(transport);
    });

    it('refuses a server without a certificate of the authority known for it', async () => {
      const { config } = await certifiedHost({ HostCertificate: 'none' });
      const user = person({ trust: true });
      const error = await failureOf(kit.connect('target', { sshConfig: config, person: user }));
      expect(error).toMatchObject({
        reason: 'hostCertificateInvalid',
        params: { fingerprint: host.hostKeyFingerprint('ed25519') },
      });
      expect(user.asked.hostKeys).toEqual([]);
    });

    it('meets a server whose algorithms our own client does not have', async () => {
      const { config } = await openDoor({ KexAlgorithms: 'sntrup761x25519-sha512@openssh.com' });
      const transport = await kit.connect('target', { sshConfig: config });
      expect(transport.info.because).toContain('key exchange');
      await expectDocker(transport);
    });

    it('says what to install where there is no ssh program', async () => {
      const { key, trusted } = await certifiedUser();
      const { port } = await door({ sshd: { TrustedUserCAKeys: trusted, PasswordAuthentication: 'no' } });
      // Without the program there is no configuration: the usual key of the person is the certified one.
      const home = kit.path('home');
      execFileSync('sh', ['-c', `mkdir -p ${home}/.ssh && cp ${key} ${home}/.ssh/id_ed25519`]);
      execFileSync('cp', [`${key}-cert.pub`, `${home}/.ssh/id_ed25519-cert.pub`]);
      const options = {
        sshProgram: kit.path('no-ssh'),
        knownHosts: kit.path('known_hosts'),
        env: { HOME: home, SSH_AUTH_SOCK: undefined },
      };
      const error = await failureOf(kit.connect(`deploy@${host.address}:${port}`, options));
      expect(error).toMatchObject({ reason: 'sshFeatureUnsupported' });
      expect(describeError(error).happened).toContain('certificate');
      expect(describeError(error).remedy).toContain('openssh-client');
    });

    /** A server with a host certificate; of it only the authority is known. */
    async function certifiedHost(sshd: Record<string, string> = {}) {
      const authority = makeKey(kit.path('authority'));
      const port = freshPort();
      writeFileSync(kit.path('host.pub'), host.publicHostKey('ed25519'));
      const names = ['-n', host.address];
      execFileSync('ssh-keygen', ['-q', '-s', authority, '-h', '-I', 'host', ...names, kit.path('host.pub')]);
      const certificate = `/etc/ssh/certificate-${port}.pub`;
      const input = readFileSync(kit.path('host-cert.pub'), 'utf8');
      await host.execOk(['sh', '-c', `cat > ${certificate}`], { input });
      const opened = await openDoor({ HostCertificate: certificate, ...sshd });
      const line = readFileSync(`${authority}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
      writeFileSync(kit.path('known_hosts'), `@cert-authority * ${line}\n`);
      return opened;
    }
  });

  describe('forced', () => {
    const transport = 'systemSsh';

    it('logs in by a key and reports its stages', async () => {
      const { config, port } = await openDoor();
      const link = await kit.connect('target', { sshConfig: config, transport });
      expect(link.info).toMatchObject({
        description: `system ssh + streamlocal to deploy@${host.address}:${port}`,
        because: 'this way is set for it',
        user: 'deploy',
      });
      await expectDocker(link);
      const over = kit.stages.filter((report) => report.state !== 'begun').map((report) => report.stage);
      expect([...new Set(over)]).toEqual(['configuration', 'resolve', 'tcp', 'hostKey', 'authentication', 'engine']);
      // What goes on inside of the program is not seen; what it says of it is not proof.
      expect(detailOf('hostKey')).toBeUndefined();
      expect(detailOf('authentication')).toBe('deploy, by the ssh program');
    });

    it('takes the setting where the host says nothing', async () => {
      const { config } = await openDoor();
      const link = await kit.connect('target', { sshConfig: config, sshTransport: 'systemSsh' });
      expect(link.info.description).toContain('system ssh');
    });

    it('logs in by the agent', async () => {
      const key = makeKey(kit.path('key'));
      const agent = await startAgent(kit.path('agent'), [key]);
      cleanUps.push(() => agent.stop());
      const { config } = await door({ keys: [key], config: { IdentityAgent: kit.path('agent') } });
      await expectDocker(await kit.connect('target', { sshConfig: config, transport }));
    });

    it('asks for no passphrase, and says what to do with the key', async () => {
      const key = makeKey(kit.path('key'), { passphrase: 'open sesame' });
      const { config } = await door({ keys: [key], config: { IdentityFile: key } });
      const user = person({ passphrases: ['open sesame'], passwords: [deployPassword] });
      const error = await failureOf(kit.connect('target', { sshConfig: config, person: user, transport }));
      expect(error).toMatchObject({ reason: 'sshProgramUnasked', params: { user: 'deploy' } });
      expect(describeError(error).remedy).toContain('ssh-add');
      expect(user.asked).toEqual({ hostKeys: [], passphrases: [], passwords: [], insecure: [] });
      await nothingLeft();
      // Which is enough.
      const plain = makeKey(kit.path('plain'));
      const agent = await startAgent(kit.path('agent'), [plain]);
      cleanUps.push(() => agent.stop());
      const opened = await door({ keys: [plain], config: { IdentityAgent: kit.path('agent') } });
      await expectDocker(await kit.connect('target', { sshConfig: opened.config, transport }));
    });

    it('asks for no password, which the server would take', async () => {
      const { config, sshd } = await door();
      const user = person({ passwords: [deployPassword] });
      const error = await failureOf(kit.connect('target', { sshConfig: config, person: user, transport }));
      expect(error).toMatchObject({ reason: 'sshProgramUnasked' });
      expect(describeError(error).happened).toContain('never given a password');
      expect(user.asked.passwords).toEqual([]);
      expect(sshd.log()).not.toContain('Failed password');
      await nothingLeft();
    });

    it('names the keys it tried when none fits', async () => {
      const wrong = makeKey(kit.path('wrong'));
      const { config } = await door({ config: { IdentityFile: wrong }, sshd: { PasswordAuthentication: 'no' } });
      const error = await failureOf(kit.connect('target', { sshConfig: config, transport }));
      expect(error).toMatchObject({ reason: 'sshProgramUnasked', params: { user: 'deploy', items: [wrong] } });
    });

    it('asks for an unknown key, remembers it, and does not ask again', async () => {
      const { config, port } = await openDoor();
      rmSync(kit.path('known_hosts'));
      const user = person({ trust: true });
      await expectDocker(await kit.connect('target', { sshConfig: config, person: user, transport }));
      const address = `[${host.address}]:${port}`;
      const fingerprint = host.hostKeyFingerprint('ed25519');
      expect(user.asked.hostKeys).toEqual([{ host: 'node', address, keyType: 'ssh-ed25519', fingerprint }]);
      const key = host.publicHostKey('ed25519').split(' ').slice(0, 2).join(' ');
      expect(readFileSync(kit.path('known_hosts'), 'utf8')).toBe(`${address} ${key}\n`);
      await kit.connect('target', { sshConfig: config, person: user, transport });
      expect(user.asked.hostKeys).toHaveLength(1);
    });

    it.each(['no', 'accept-new'])('asks also under StrictHostKeyChecking %s, and is not let in', async (strict) => {
      const { config, sshd } = await openDoor({}, { StrictHostKeyChecking: strict });
      rmSync(kit.path('known_hosts'));
      const error = await failureOf(kit.connect('target', { sshConfig: config, transport }));
      expect(error).toMatchObject({ reason: 'hostKeyUnknown' });
      expect(sshd.log()).not.toMatch(/Accepted/);
      expect(readdirSync(kit.dir)).not.toContain('known_hosts');
    });

    it('refuses a changed key with both fingerprints', async () => {
      const { config, port } = await openDoor({}, { StrictHostKeyChecking: 'no' });
      const other = readFileSync(`${makeKey(kit.path('other'))}.pub`, 'utf8')
        .split(' ')
        .slice(0, 2)
        .join(' ');
      writeFileSync(kit.path('known_hosts'), `[${host.address}]:${port} ${other}\n`);
      const expected = execFileSync('ssh-keygen', ['-l', '-f', kit.path('other.pub')], { encoding: 'utf8' });
      const user = person({ trust: true });
      const error = await failureOf(kit.connect('target', { sshConfig: config, person: user, transport }));
      expect(error).toMatchObject({
        reason: 'hostKeyChanged',
        params: {
          fingerprint: host.hostKeyFingerprint('ed25519'),
          expectedFingerprint: expected.split(' ')[1],
          path: kit.path('known_hosts'),
        },
      });
      expect(user.asked.hostKeys).toEqual([]);
    });

    it('refuses a revoked key', async () => {
      const { config } = await openDoor();
      const key = host.publicHostKey('ed25519').split(' ').slice(0, 2).join(' ');
      writeFileSync(kit.path('known_hosts'), `@revoked * ${key}\n`);
      const error = await failureOf(
        kit.connect('target', { sshConfig: config, person: person({ trust: true }), transport }),
      );
      expect(error).toMatchObject({
        reason: 'hostKeyRevoked',
        params: { fingerprint: host.hostKeyFingerprint('ed25519') },
      });
    });

    /** An sshd on another host, which {@link openDoor}'s configuration then goes through. */
    async function behindBastion(config: string, sshd: Record<string, string> = {}) {
      const bastion = lab.hosts[1] as LabHost;
      const key = readFileSync(`${kit.path('key')}.pub`, 'utf8').trim();
      const port = freshPort();
      const keys = await authorizedKeys(bastion, String(port), [key]);
      const server = await bastion.startSshd({ port, options: { AuthorizedKeysFile: keys, ...sshd } });
      cleanUps.push(() => server.stop());
      const text = readFileSync(config, 'utf8').replace('Host target\n', 'Host target\n  ProxyJump bastion\n');
      const jump = `Host bastion\n  HostName ${bastion.address}\n  Port ${port}\n  StrictHostKeyChecking no\n`;
      const shared = text.split('\n').filter((line) => /User|Identity|Known/.test(line));
      writeFileSync(config, `${text}${jump}${shared.join('\n')}\n`);
      return { bastion, port, address: `[${bastion.address}]:${port}` };
    }

    it('goes through a jump host, whose unknown key is asked for as well', async () => {
      const { config, port } = await openDoor();
      const { address } = await behindBastion(config);
      rmSync(kit.path('known_hosts'));
      const user = person({ trust: true });
      const link = await kit.connect('target', { sshConfig: config, person: user, transport });
      await expectDocker(link);
      expect(user.asked.hostKeys.map((one) => one.address)).toEqual([address, `[${host.address}]:${port}`]);
      expect(link.info.description).toContain('via bastion');
    });

    it('goes through a jump host that wants a password by a login that is there already', async () => {
      const { config } = await openDoor();
      const { bastion } = await behindBastion(config, { AuthenticationMethods: 'password' });
      const user = person({ trust: true, passwords: [deployPassword] });
      const refused = await failureOf(kit.connect('target', { sshConfig: config, person: user, transport }));
      expect(user.asked.hostKeys).toHaveLength(1);
      expect(user.asked.passwords).toEqual([]);
      expect(refused).toMatchObject({
        reason: 'sshProgramUnasked',
        params: { message: `at the jump host ${bastion.address}` },
      });
      expect(describeError(refused).remedy).toContain('ControlMaster');
      // As a person in a terminal would, whose password comes from an askpass program here.
      const askpass = kit.path('askpass');
      writeFileSync(askpass, `#!/bin/sh\necho '${deployPassword}'\n`, { mode: 0o700 });
      const control = kit.path('master');
      const text = readFileSync(config, 'utf8').replace('Host bastion\n', `Host bastion\n  ControlPath ${control}\n`);
      writeFileSync(config, text);
      const env = { ...process.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: ':0' };
      const master = ['-F', config, '-o', 'StrictHostKeyChecking=yes', '-M', '-N', '-f', 'bastion'];
      execFileSync('ssh', master, { env, stdio: 'ignore', timeout: 30_000 });
      cleanUps.push(() => execFileSync('ssh', ['-F', config, '-O', 'exit', 'bastion'], { stdio: 'ignore' }));
      await expectDocker(await kit.connect('target', { sshConfig: config, transport }));
    });

    it('asks for the key behind a jump host that is known by its authority', async () => {
      const { config, port } = await openDoor();
      const authority = makeKey(kit.path('hosts'));
      const bastion = lab.hosts[1] as LabHost;
      writeFileSync(kit.path('bastion.pub'), bastion.publicHostKey('ed25519'));
      const names = ['-n', bastion.address];
      execFileSync('ssh-keygen', ['-q', '-s', authority, '-h', '-I', 'host', ...names, kit.path('bastion.pub')]);
      const certificate = `/etc/ssh/certificate-${port}.pub`;
      const input = readFileSync(kit.path('bastion-cert.pub'), 'utf8');
      await bastion.execOk(['sh', '-c', `cat > ${certificate}`], { input });
      await behindBastion(config, { HostCertificate: certificate });
      const line = readFileSync(`${authority}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
      writeFileSync(kit.path('known_hosts'), `@cert-authority ${bastion.address},[${bastion.address}]:* ${line}\n`);
      const user = person({ trust: true });
      await expectDocker(await kit.connect('target', { sshConfig: config, person: user, transport }));
      expect(user.asked.hostKeys.map((one) => one.address)).toEqual([`[${host.address}]:${port}`]);
    });

    it('says where keys are not kept, and asks nobody in vain', async () => {
      const { config } = await openDoor({}, { UserKnownHostsFile: '/dev/null' });
      const user = person({ trust: true });
      const error = await failureOf(kit.connect('target', { sshConfig: config, person: user, transport }));
      expect(error).toMatchObject({ reason: 'sshConfigInvalid' });
      expect(describeError(error).happened).toContain('UserKnownHostsFile is /dev/null');
      expect(user.asked.hostKeys).toEqual([]);
    });

    it('takes dial-stdio over the same login where sockets are not forwarded', async () => {
      const { config, sshd } = await openDoor({ AllowStreamLocalForwarding: 'no', MaxSessions: '3' });
      const link = await kit.connect('target', { sshConfig: config, transport });
      expect(link.info.description).toContain('system ssh + docker system dial-stdio');
      expect(link.info.because).toContain('/var/run/docker.sock was refused');
      const agent = engineAgent(link);
      const answers = await Promise.all(Array.from({ length: 20 }, () => getText(agent, '/version')));
      expect(answers.every((answer) => answer.status === 200)).toBe(true);
      agent.destroy();
      expect([...sshd.log().matchAll(/Accepted publickey/g)]).toHaveLength(1);
    });

    it('answers 30 requests at the same time over one login', async () => {
      const { config, sshd } = await openDoor();
      const agent = engineAgent(await kit.connect('target', { sshConfig: config, transport }));
      const answers = await Promise.all(Array.from({ length: 30 }, () => getText(agent, '/version')));
      expect(answers.every((answer) => answer.status === 200)).toBe(true);
      agent.destroy();
      expect([...sshd.log().matchAll(/Accepted publickey/g)]).toHaveLength(1);
    });

    it('keeps its sockets from everybody else', async () => {
      const { config } = await openDoor();
      await kit.connect('target', { sshConfig: config, transport });
      const [dir = ''] = privateDirs(kit.dir);
      expect(statSync(dir).mode & 0o777).toBe(0o700);
      expect(statSync(join(dir, 'e')).mode & 0o777).toBe(0o600);
      expect(statSync(join(dir, 'c')).mode & 0o777).toBe(0o600);
    });

    it('is not disturbed by what the configuration forwards, runs and shares', async () => {
      const { config } = await openDoor(
        {},
        {
          LocalForward: `${kit.path('taken')} /var/run/docker.sock`,
          RemoteCommand: 'echo no',
          RequestTTY: 'force',
          PermitLocalCommand: 'yes',
          LocalCommand: `touch ${kit.path('ran')}`,
          ControlMaster: 'auto',
          ControlPath: kit.path('theirs'),
          ControlPersist: 'yes',
          ForkAfterAuthentication: 'yes',
        },
      );
      await expectDocker(await kit.connect('target', { sshConfig: config, transport }));
      const found = readdirSync(kit.dir);
      expect(found).not.toContain('taken');
      expect(found).not.toContain('ran');
      expect(found).not.toContain('theirs');
    });

    it('reports the user who may not use Docker, and the socket that is not there', async () => {
      const key = makeKey(kit.path('key'));
      const guest = await door({ keys: [key], config: { IdentityFile: key, User: 'guest' } });
      expect(await failureOf(kit.connect('target', { sshConfig: guest.config, transport }))).toMatchObject({
        reason: 'dockerPermissionDenied',
        params: { user: 'guest', path: '/var/run/docker.sock' },
      });
      await nothingLeft();
      const missing = kit.connect('ssh://deploy@target/run/none.sock', { sshConfig: guest.config, transport });
      expect(await failureOf(missing)).toMatchObject({
        reason: 'dockerSocketMissing',
        params: { path: '/run/none.sock' },
      });
    });

    it('finds the missing permission also without a docker command', async () => {
      const key = makeKey(kit.path('key'));
      const config = { IdentityFile: key, User: 'guest' };
      const opened = await door({ keys: [key], config, sshd: { SetEnv: 'PATH=/nowhere' } });
      const error = await failureOf(kit.connect('target', { sshConfig: opened.config, transport }));
      expect(error).toMatchObject({ reason: 'dockerPermissionDenied', params: { user: 'guest' } });
    });

    it('names a port that is refused and a name that does not resolve', async () => {
      const refused = await failureOf(kit.connect(`deploy@${host.address}:9`, { transport }));
      expect(refused).toMatchObject({ reason: 'connectionRefused', params: { address: `${host.address}:9` } });
      const unknown = await failureOf(kit.connect('deploy@nowhere.invalid', { transport }));
      expect(unknown).toMatchObject({ reason: 'addressNotFound', params: { address: 'nowhere.invalid:22' } });
    });

    it('notices a frozen sshd', async () => {
      const { config, sshd } = await openDoor();
      const link = await kit.connect('target', { sshConfig: config, transport });
      const closed = closeOf(link);
      const agent = engineAgent(link);
      const failed = expect(getText(agent, '/events')).rejects.toThrow();
      const began = performance.now();
      await sshd.daemon.freeze();
      cleanUps.push(() => sshd.daemon.thaw());
      expect(await closed).toMatchObject({ reason: 'linkLost', params: { host: 'node' } });
      console.log(`frozen sshd noticed after ${((performance.now() - began) / 1000).toFixed(1)} s`);
      await failed;
      agent.destroy();
    });

    it('tells once when sshd is killed, and leaves no process and no directory', async () => {
      const { config, sshd } = await openDoor();
      const link = await kit.connect('target', { sshConfig: config, transport });
      let times = 0;
      link.onDidClose(() => (times += 1));
      const closed = closeOf(link);
      const agent = engineAgent(link);
      const failed = expect(getText(agent, '/events')).rejects.toThrow();
      await sshd.stop();
      expect(await closed).toMatchObject({ reason: 'linkLost', params: { host: 'node' } });
      await failed;
      await expect(link.openEngineStream()).rejects.toMatchObject({ reason: 'linkLost' });
      await nothingLeft();
      expect(times).toBe(1);
      agent.destroy();
    });

    it('leaves no process and no directory when it is disposed', async () => {
      const { config } = await openDoor();
      const link = await kit.connect('target', { sshConfig: config, transport });
      let fired = false;
      link.onDidClose(() => (fired = true));
      expect(sshProcesses(kit.dir).length).toBeGreaterThan(0);
      link.dispose();
      await nothingLeft();
      expect(fired).toBe(false);
    });

    it('leaves nothing when our own process is killed', async () => {
      const { config } = await openDoor();
      const holder = spawn(process.execPath, ['--import', 'tsx', 'test/integration/support/holdLink.ts', config], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const ended = once(holder, 'exit');
      await Promise.race([once(holder.stdout, 'data'), ended]);
      expect(sshProcesses(kit.dir).length).toBeGreaterThan(0);
      holder.kill('SIGKILL');
      await ended;
      await nothingLeft();
    });

    it('leaves nothing when it is cancelled while a person is asked', async () => {
      const { config } = await door();
      rmSync(kit.path('known_hosts'));
      const controller = new AbortController();
      const never: ConnectionPrompts = {
        ...person(),
        trustHostKey: () => {
          setImmediate(() => controller.abort());
          return new Promise<boolean>(() => undefined);
        },
      };
      const options = { sshConfig: config, person: never, transport, signal: controller.signal } as const;
      expect(await failureOf(kit.connect('target', options))).toMatchObject({ reason: 'cancelled' });
      await nothingLeft();
    });

    it('leaves nothing when it is cancelled while the server is silent', async () => {
      const { config, sshd } = await openDoor();
      await sshd.daemon.freeze();
      cleanUps.push(() => sshd.daemon.thaw());
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 500);
      const error = await failureOf(kit.connect('target', { sshConfig: config, transport, signal: controller.signal }));
      expect(error).toMatchObject({ reason: 'cancelled' });
      await nothingLeft();
    });

    it('says when there is no ssh program', async () => {
      const options = { sshProgram: kit.path('no-ssh'), transport } as const;
      const error = await failureOf(kit.connect(`deploy@${host.address}`, options));
      expect(error).toMatchObject({ reason: 'sshProgramMissing', params: { path: kit.path('no-ssh') } });
    });
  });

  describe('keyboard-interactive (PAM)', () => {
    const interactive = { KbdInteractiveAuthentication: 'yes', PasswordAuthentication: 'no', UsePAM: 'yes' };

    it('answers what the server asks', async () => {
      const { config, sshd } = await door({ sshd: interactive });
      const user = person({ passwords: ['not it', deployPassword] });
      await expectDocker(await kit.connect('target', { sshConfig: config, person: user }));
      expect(user.asked.passwords.map(({ user: name, prompt }) => ({ name, prompt }))).toEqual([
        { name: 'deploy', prompt: 'Password:' },
        { name: 'deploy', prompt: 'Password:' },
      ]);
      expect(user.asked.passwords.map((question) => question.previousWrong)).toEqual([false, true]);
      expect(sshd.log()).toContain('Accepted keyboard-interactive/pam for deploy');
    });

    it('answers where a certificate lies beside the key that the server does not want', async () => {
      const { key } = await certifiedUser();
      const { config } = await door({ sshd: interactive, config: { IdentityFile: key } });
      const user = person({ passwords: [deployPassword] });
      const link = await kit.connect('target', { sshConfig: config, person: user });
      expect(link.info.description).toContain('ssh2 + streamlocal');
      expect(user.asked.passwords).toHaveLength(1);
      await nothingLeft();
    });

    it('asks nothing by the ssh program', async () => {
      const { config } = await door({ sshd: interactive });
      const user = person({ passwords: [deployPassword] });
      const error = await failureOf(kit.connect('target', { sshConfig: config, person: user, transport: 'systemSsh' }));
      expect(error).toMatchObject({ reason: 'sshProgramUnasked' });
      expect(user.asked.passwords).toEqual([]);
    });
  });

  describe('ways of our own client, forced', () => {
    it('fails where the socket is not forwarded, and says that no other way was tried', async () => {
      const { config } = await openDoor({ AllowStreamLocalForwarding: 'no' });
      const error = await failureOf(kit.connect('target', { sshConfig: config, transport: 'streamlocal' }));
      expect(error).toMatchObject({ reason: 'sshWayRefused', params: { name: 'streamlocal' } });
      expect(describeError(error).happened).toContain('no other was tried');
    });

    it('says so as well where a key may only run dial-stdio', async () => {
      const key = makeKey(kit.path('key'));
      const line = `restrict,command="docker system dial-stdio" ${readFileSync(`${key}.pub`, 'utf8').trim()}`;
      const file = await authorizedKeys(host, `restricted-${freshPort()}`, [line]);
      const { config } = await door({ sshd: { AuthorizedKeysFile: file }, config: { IdentityFile: key } });
      const error = await failureOf(kit.connect('target', { sshConfig: config, transport: 'streamlocal' }));
      expect(error).toMatchObject({ reason: 'sshWayRefused' });
      const link = await kit.connect('target', { sshConfig: config, transport: 'systemSsh' });
      expect(link.info.description).toContain('system ssh + docker system dial-stdio');
      await expectDocker(link);
    });

    it('tells the missing permission from the forbidden way', async () => {
      const key = makeKey(kit.path('key'));
      const { config } = await door({ keys: [key], config: { IdentityFile: key, User: 'guest' } });
      const error = await failureOf(kit.connect('target', { sshConfig: config, transport: 'streamlocal' }));
      expect(error).toMatchObject({ reason: 'dockerPermissionDenied' });
    });

    it('takes dial-stdio where the socket could be forwarded', async () => {
      const { config } = await openDoor();
      const link = await kit.connect('target', { sshConfig: config, transport: 'dialStdio' });
      expect(link.info.description).toContain('ssh2 + docker system dial-stdio');
      await expectDocker(link);
    });

    it('does not take the ssh program for a certificate', async () => {
      const { key, trusted } = await certifiedUser();
      const sshd = { TrustedUserCAKeys: trusted, PasswordAuthentication: 'no' };
      const { config } = await door({ sshd, config: { IdentityFile: key } });
      const error = await failureOf(kit.connect('target', { sshConfig: config, transport: 'streamlocal' }));
      expect(error).toMatchObject({ reason: 'sshFeatureUnsupported' });
      expect(sshProcesses(kit.dir)).toEqual([]);
    });
  });

  function detailOf(stage: string): string | undefined {
    return kit.stages.filter((report) => report.stage === stage && report.state === 'done').at(-1)?.detail;
  }
});
