import { describe, expect, it } from 'vitest';
import { maxLineLength } from '../../../src/base/text/lines';
import { keyTypes, unsupportedKeyType } from '../../../src/connection/sshConfig/unsupportedFeatures';
import {
  forwarding,
  scanArguments,
  masterArguments,
  privateConfig,
  sharedArguments,
} from '../../../src/connection/openssh/configFiles';
import { forwardRefusal, opensshFailure } from '../../../src/connection/openssh/errors';
import { OpensshLog } from '../../../src/connection/openssh/log';
import { cpuMs } from '../support/cpu';
import { settings } from './sshSettings';

function read(lines: readonly string[]) {
  const log = new OpensshLog();
  for (const line of lines) log.line(line);
  return log;
}

/** Lines of OpenSSH 9.2, where not said otherwise. */
describe('words of the ssh program', () => {
  const failureOf = (lines: string[], own = settings) => opensshFailure(read(lines), 255, 'node1', own);

  it.each([
    ['ssh: Could not resolve hostname 10.0.0.5: Name or service not known', 'addressNotFound'],
    ['ssh: connect to host 10.0.0.5 port 22: Connection refused', 'connectionRefused'],
    ['ssh: connect to host 10.0.0.5 port 22: Connection timed out', 'addressUnreachable'],
    // macOS
    ['ssh: connect to host 10.0.0.5 port 22: Operation timed out', 'addressUnreachable'],
    ['ssh: connect to host 10.0.0.5 port 22: No route to host', 'addressUnreachable'],
    ['deploy@10.0.0.5: Permission denied (publickey,password).', 'sshProgramUnasked'],
    // 7.x
    ['Permission denied (publickey).', 'sshProgramUnasked'],
    ['Received disconnect from 10.0.0.5 port 22:2: Too many authentication failures', 'sshProgramUnasked'],
    ['/home/me/.ssh/config: line 3: Bad configuration option: nonsense', 'sshConfigInvalid'],
    ['Unable to negotiate with 10.0.0.5 port 22: no matching cipher found. Their offer: 3des-cbc', 'sshProtocol'],
    ['kex_exchange_identification: Connection closed by remote host', 'sshProtocol'],
    ['Connection timed out during banner exchange', 'sshProtocol'],
  ])('"%s" is %s', (line, reason) => {
    const consequence = 'Connection closed by UNKNOWN port 65535';
    expect(failureOf([line, consequence])).toMatchObject({ reason, params: { host: 'node1' } });
  });

  it.each([
    ['No ED25519 host key is known for 10.0.0.5 and you have requested strict checking.'],
    ['@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @'],
    ['@       WARNING: REVOKED HOST KEY DETECTED!               @'],
    ['The ED25519 host key for 10.0.0.5 is marked as revoked.'],
    ['Host key verification failed.'],
  ])('"%s" is about the host key', (line) => {
    expect(failureOf([line])).toBe('hostKey');
  });

  it.each([
    'host key ',
    'a@',
    'a@a: ',
    'connect to host a port 1',
    'Permission denied (',
    ' A SHA256:',
    'no such identity: ',
  ])('as many lines of %j again and again as are kept take time by their length', (piece) => {
    const lines = Array.from({ length: 40 }, () => piece.repeat(maxLineLength / piece.length));
    const offers = lines.map((line, index) => `debug1: Offering public key: ${index}${line}`);
    expect(cpuMs(() => failureOf([...lines, ...offers]))).toBeLessThan(50);
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
    expect(failure).toMatchObject({ reason: 'sshProgramUnasked', params: { message } });
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
    expect(failure).toMatchObject({ params: { items, user: 'deploy' } });
  });

  it('names the jump host that refused', () => {
    const own = { ...settings, proxyJump: 'me@bastion' };
    const denied = failureOf(['me@bastion: Permission denied (publickey).'], own);
    expect(denied).toMatchObject({ params: { user: 'me', message: 'at the jump host bastion' } });
    const unknown = failureOf(['ssh: Could not resolve hostname bastion: Name or service not known'], own);
    expect(unknown).toMatchObject({ reason: 'addressNotFound', params: { address: 'bastion' } });
  });

  it('takes a server that hangs up during the login for one that refuses it', () => {
    const lines = ['debug1: Authentications that can continue: publickey', 'Connection closed by 10.0.0.5 port 22'];
    expect(failureOf(lines)).toMatchObject({ reason: 'sshProgramUnasked' });
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

describe('what the ssh program is run with', () => {
  it('puts what must hold before what the person configured', () => {
    const text = privateConfig('/d', { env: {}, configFile: '/home/me/my [ssh] config' }, settings);
    for (const rule of ['BatchMode yes', 'StrictHostKeyChecking yes']) {
      expect(text.indexOf(rule)).toBeGreaterThanOrEqual(0);
      expect(text.indexOf(rule)).toBeLessThan(text.indexOf('Include'));
    }
    // The copy of that file: by Include, ssh refuses one that the group may write to.
    expect(text).toContain('Include /d/theirs\n');
    expect(text).not.toContain('/etc/ssh/ssh_config');
    expect(privateConfig('/d', { env: {}, configFile: 'none' }, settings)).not.toContain('Include');
    expect(privateConfig('/d', { env: {} }, { ...settings, mayFork: false })).not.toContain('ForkAfterAuthentication');
  });

  it('tells the two sockets of a forwarding apart, whatever their names have in them', () => {
    expect(forwarding('/d/e', '/var/run/docker.sock')).toBe('/d/e:/var/run/docker.sock');
    expect(forwarding('/d/e', '/run/a:b\\c.sock')).toBe('/d/e:/run/a\\:b\\\\c.sock');
  });

  it('never lets a host be an option', () => {
    const target = { host: '-oProxyCommand=x' };
    for (const args of [masterArguments('/d', target), scanArguments('/d', target, [])]) {
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
    expect(unsupportedKeyType(type)).toBe(lack);
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
