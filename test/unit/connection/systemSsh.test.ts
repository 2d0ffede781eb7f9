import { describe, expect, it } from 'vitest';
import type { SshSettings } from '../../../src/connection/sshConfig';
import { keyTypes, lackOfType } from '../../../src/connection/sshLacks';
import { readQuestion } from '../../../src/connection/systemSshAnswers';
import {
  learnArguments,
  masterArguments,
  privateConfig,
  sharedArguments,
} from '../../../src/connection/systemSshConfig';
import { forwardRefusal, hungUp, systemSshFailure } from '../../../src/connection/systemSshErrors';
import { SystemSshLog } from '../../../src/connection/systemSshLog';
import type { StageReport } from '../../../src/model/connectStage';

const settings: SshSettings = {
  alias: 'target',
  hostName: '10.0.0.5',
  port: 22,
  user: 'deploy',
  identityFiles: [],
  identitiesOnly: false,
  userKnownHostsFiles: [],
  globalKnownHostsFiles: [],
  hashKnownHosts: false,
  certificateFiles: [],
  mayFork: true,
  gssapiAllowed: true,
  publicKeyAllowed: true,
  passwordAllowed: true,
  keyboardInteractiveAllowed: true,
};

function read(lines: readonly string[], own: SshSettings = settings) {
  const stages: StageReport[] = [];
  const log = new SystemSshLog(own, (report) => stages.push(report), false);
  for (const line of lines) log.line(line);
  return { log, stages };
}

/** Lines of OpenSSH 9.2, where not said otherwise. */
describe('words of the ssh program', () => {
  const failureOf = (lines: string[], own = settings) => systemSshFailure(read(lines, own).log, 255, 'node1', own);

  it.each([
    ['ssh: Could not resolve hostname 10.0.0.5: Name or service not known', 'addressNotFound'],
    ['ssh: connect to host 10.0.0.5 port 22: Connection refused', 'connectionRefused'],
    ['ssh: connect to host 10.0.0.5 port 22: Connection timed out', 'addressUnreachable'],
    // macOS
    ['ssh: connect to host 10.0.0.5 port 22: Operation timed out', 'addressUnreachable'],
    ['ssh: connect to host 10.0.0.5 port 22: No route to host', 'addressUnreachable'],
    ['deploy@10.0.0.5: Permission denied (publickey,password).', 'authenticationFailed'],
    // 7.x
    ['Permission denied (publickey).', 'authenticationFailed'],
    ['Received disconnect from 10.0.0.5 port 22:2: Too many authentication failures', 'authenticationFailed'],
    ['/home/me/.ssh/config: line 3: Bad configuration option: nonsense', 'sshConfigInvalid'],
    ['Unable to negotiate with 10.0.0.5 port 22: no matching cipher found. Their offer: 3des-cbc', 'sshProtocol'],
    ['kex_exchange_identification: Connection closed by remote host', 'sshProtocol'],
    ['Connection timed out during banner exchange', 'sshProtocol'],
  ])('"%s" is %s', (line, reason) => {
    const consequence = 'Connection closed by UNKNOWN port 65535';
    expect(failureOf([line, consequence])).toMatchObject({
      kind: 'error',
      error: { reason, params: { host: 'node1' } },
    });
  });

  it.each([
    ['No ED25519 host key is known for 10.0.0.5 and you have requested strict checking.'],
    ['@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @'],
    ['@       WARNING: REVOKED HOST KEY DETECTED!               @'],
    ['Host key verification failed.'],
  ])('"%s" is about the host key', (line) => {
    expect(failureOf([line])).toMatchObject({ kind: 'hostKey' });
  });

  it.each([
    ['No ED25519 host key is known for [10.0.0.9]:2222 and you have requested strict checking.', '[10.0.0.9]:2222'],
    ['Host key for bastion has changed and you have requested strict checking.', 'bastion'],
    ['Certificate invalid: expired', undefined],
  ])('"%s" is about the key of %s', (line, name) => {
    const lines = ['@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @', line, 'Host key verification failed.'];
    expect(failureOf(lines)).toEqual({ kind: 'hostKey', ...(name === undefined ? {} : { name }) });
  });

  it('does not take the banner of a server for the cause', () => {
    const failure = failureOf([
      "debug1: Authenticating to 10.0.0.5:22 as 'deploy'",
      'Access without permission will be denied and',
      'Host key verification failed.',
      'debug1: Authentications that can continue: publickey',
      'Connection closed by 10.0.0.5 port 22',
    ]);
    const message = 'Connection closed by 10.0.0.5 port 22';
    expect(failure).toMatchObject({ error: { reason: 'authenticationFailed', params: { message } } });
  });

  it('names what was offered, and not the keys that are not there', () => {
    const failure = failureOf([
      'debug1: Authentications that can continue: publickey,password',
      'debug1: Next authentication method: publickey',
      'debug1: Offering public key: /home/me/.ssh/id_rsa RSA SHA256:abc agent',
      'debug1: Offering public key: /home/me/key ED25519 SHA256:def explicit',
      'debug1: Trying private key: /home/me/none',
      'no such identity: /home/me/none: No such file or directory',
      'debug1: Next authentication method: password',
      'deploy@10.0.0.5: Permission denied (publickey,password).',
    ]);
    const items = ['agent: /home/me/.ssh/id_rsa', '/home/me/key', 'password'];
    expect(failure).toMatchObject({ error: { params: { items, user: 'deploy' } } });
  });

  it('names the jump host that refused', () => {
    const own = { ...settings, proxyJump: 'me@bastion' };
    const denied = failureOf(['me@bastion: Permission denied (publickey).'], own);
    expect(denied).toMatchObject({ error: { params: { user: 'me', message: 'at the jump host bastion' } } });
    const unknown = failureOf(['ssh: Could not resolve hostname bastion: Name or service not known'], own);
    expect(unknown).toMatchObject({ error: { reason: 'addressNotFound', params: { address: 'bastion' } } });
  });

  it('takes a server that hangs up during the login for one that refuses it', () => {
    const lines = ['debug1: Authentications that can continue: publickey', 'Connection closed by 10.0.0.5 port 22'];
    expect(failureOf(lines)).toMatchObject({ error: { reason: 'authenticationFailed' } });
    expect(hungUp(read(lines).log)).toBe(true);
    expect(hungUp(read(['deploy@10.0.0.5: Permission denied (publickey).']).log)).toBe(false);
  });

  it.each([
    ['channel 3: open failed: administratively prohibited: open failed', 'forbidden by the server'],
    ['channel 3: open failed: connect failed: open failed', 'connect failed'],
    [
      'channel 2: open failed: unknown channel type: unsupported channel type',
      'unknown channel type: unsupported channel type',
    ],
    ['debug1: channel 3: free', undefined],
  ])('"%s" means "%s"', (line, words) => {
    expect(forwardRefusal(line)).toBe(words);
  });
});

describe('stages read from what ssh writes', () => {
  it('reports each with what was found', () => {
    const { stages } = read([
      'debug1: Connecting to 10.0.0.5 [10.0.0.5] port 22.',
      'debug1: Connection established.',
      "debug1: Authenticating to 10.0.0.5:22 as 'deploy'",
      'debug1: Server host certificate: ssh-ed25519-cert-v01@openssh.com SHA256:abc, serial 0 ID "h" CA ssh-ed25519 SHA256:xyz valid forever',
      'debug1: Authentications that can continue: publickey',
      'debug1: Offering public key: /home/me/key ED25519 SHA256:def explicit',
      'Authenticated to 10.0.0.5 ([10.0.0.5]:22) using "publickey".',
    ]);
    const over = stages.filter((one) => one.state !== 'begun' && one.detail !== undefined);
    expect(over.map((one) => `${one.stage}: ${one.detail ?? ''}`)).toEqual([
      'resolve: 10.0.0.5 is an address',
      'hostKey: ssh-ed25519-cert-v01@openssh.com SHA256:abc, certified by ssh-ed25519 SHA256:xyz, known',
      'authentication: deploy, /home/me/key',
    ]);
    expect(stages.every((one) => one.hop === undefined)).toBe(true);
  });

  it('tells the jump host from the host', () => {
    const { stages } = read(
      [
        'debug1: Executing proxy command: exec ssh -W [10.0.0.5]:22 bastion',
        'debug1: Connecting to bastion [10.0.0.9] port 22.',
        "debug1: Authenticating to bastion:22 as 'me'",
        'debug1: Authentications that can continue: publickey',
        "debug1: Authenticating to 10.0.0.5:22 as 'deploy'",
        'debug1: Authentications that can continue: publickey',
      ],
      { ...settings, proxyJump: 'bastion' },
    );
    const logins = stages.filter((one) => one.stage === 'authentication');
    expect(logins.map((one) => one.hop)).toEqual(['bastion', undefined]);
  });

  it('knows the host by whichever letters its name is written with', () => {
    const own = { ...settings, hostName: 'Node1.Example' };
    const { stages } = read(["debug1: Authenticating to node1.example:22 as 'deploy'"], own);
    expect(stages.every((one) => one.hop === undefined)).toBe(true);
  });

  it('knows who asks, and how', () => {
    const lines = ["debug1: Authenticating to bastion:2222 as 'me'", 'debug1: Next authentication method: password'];
    expect(read(lines).log.asker).toEqual({ host: 'bastion', port: 2222, user: 'me', method: 'password' });
    const next = read([...lines, "debug1: Authenticating to 10.0.0.5:22 as 'deploy'"]);
    expect(next.log.asker).toEqual({ host: '10.0.0.5', port: 22, user: 'deploy' });
  });
});

describe('questions of the ssh program', () => {
  it('knows passphrases, passwords and PINs', () => {
    expect(readQuestion("Enter passphrase for key '/home/me/a key': ", settings)).toEqual({
      kind: 'passphrase',
      keyPath: '/home/me/a key',
    });
    expect(readQuestion("deploy@10.0.0.5's password: ", settings)).toEqual({
      kind: 'password',
      user: 'deploy',
      account: 'deploy@10.0.0.5:22',
      prompt: 'Password',
      reusable: true,
    });
    expect(readQuestion('(deploy@10.0.0.5) Verification code: ', settings)).toMatchObject({
      prompt: 'Verification code:',
      reusable: false,
    });
    expect(readQuestion("Enter PIN for 'token': ", settings)).toMatchObject({ kind: 'password', reusable: false });
  });

  it('does not take the password of a jump host for that of the host', () => {
    const question = readQuestion("me@bastion's password: ", settings);
    expect(question).toMatchObject({ user: 'me', account: 'me@bastion' });
  });

  it('asks on behalf of the server that is logged in to, whatever its words are', () => {
    const method = 'keyboard-interactive';
    const bastion = { host: 'bastion', port: 2222, user: 'me', method };
    // Before 8.5 nothing of ssh is in front of the server's words.
    for (const words of ['Password: ', "deploy@10.0.0.5's password: "]) {
      expect(readQuestion(words, settings, bastion)).toMatchObject({
        user: 'me',
        account: 'me@bastion:2222',
        hop: 'bastion',
      });
    }
    const target = { ...bastion, host: '10.0.0.5', port: 22, user: 'deploy' };
    expect(readQuestion('Password: ', settings, target)).toMatchObject({ account: 'deploy@10.0.0.5:22' });
    expect(readQuestion('Password: ', settings, target)).not.toHaveProperty('hop');
    const twin = { ...target, port: 2222 };
    expect(readQuestion('(deploy@10.0.0.5) Password: ', settings, twin)).toMatchObject({
      account: 'deploy@10.0.0.5:2222',
      hop: '10.0.0.5',
    });
  });

  it('gives no passphrase of a key to a server that asks in the words of ssh', () => {
    const asker = { host: '10.0.0.5', port: 22, user: 'deploy', method: 'keyboard-interactive' };
    const question = readQuestion("Enter passphrase for key '/home/me/key': ", settings, asker);
    expect(question).toMatchObject({ kind: 'password', reusable: false });
    const own = { ...asker, method: 'publickey' };
    expect(readQuestion("Enter passphrase for key '/home/me/key': ", settings, own).kind).toBe('passphrase');
  });

  it('gives nothing that was right elsewhere to somebody unknown', () => {
    expect(readQuestion('Password: ', settings)).toMatchObject({ reusable: false });
  });
});

describe('what the ssh program is run with', () => {
  it('puts what must hold before what the person configured', () => {
    const text = privateConfig({ env: {}, configFile: '/home/me/my [ssh] config' }, settings);
    expect(text.indexOf('StrictHostKeyChecking yes')).toBeLessThan(text.indexOf('Include'));
    expect(text).toContain('Include "/home/me/my [[]ssh] config"');
    expect(text).not.toContain('/etc/ssh/ssh_config');
    expect(privateConfig({ env: {} }, { ...settings, mayFork: false })).not.toContain('ForkAfterAuthentication');
  });

  it('never lets a host be an option', () => {
    const target = { host: '-oProxyCommand=x' };
    for (const args of [masterArguments('/d', target), learnArguments('/d', target, [])]) {
      expect(args.slice(-2)).toEqual(['--', '-oProxyCommand=x']);
    }
  });

  it('cannot connect by itself where the shared login refuses', () => {
    expect(sharedArguments('/d', [], 'true')).toContain('ProxyCommand=exit 1');
  });
});

describe('what ssh2 lacks', () => {
  it.each([
    ['ssh-ed25519', undefined],
    ['ssh-ed25519-cert-v01@openssh.com', 'a user certificate'],
    ['sk-ssh-ed25519@openssh.com', 'a security key'],
    ['sk-ecdsa-sha2-nistp256@openssh.com', 'a security key'],
  ])('%s: %s', (type, lack) => {
    expect(lackOfType(type)).toBe(lack);
  });

  it('reads the types of the keys of an agent, and stops where its answer is cut off', () => {
    const text = (value: string) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(value.length);
      return Buffer.concat([length, Buffer.from(value)]);
    };
    const key = (type: string) => {
      const blob = text(type);
      const length = Buffer.alloc(4);
      length.writeUInt32BE(blob.length);
      return Buffer.concat([length, blob, text('comment')]);
    };
    const answer = Buffer.concat([
      Buffer.from([12, 0, 0, 0, 2]),
      key('ssh-ed25519'),
      key('sk-ssh-ed25519@openssh.com'),
    ]);
    expect(keyTypes(answer)).toEqual(['ssh-ed25519', 'sk-ssh-ed25519@openssh.com']);
    expect(keyTypes(answer.subarray(0, answer.length - 3))).toEqual(['ssh-ed25519']);
    expect(keyTypes(Buffer.from([5]))).toEqual([]);
  });
});
