import { execFile } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { describeError, isOverlayError } from '../../../src/base/errors';
import { formatEndpoint, parseEndpoint, suggestName } from '../../../src/hosts/endpoint';

const failure = (text: string) => {
  try {
    parseEndpoint(text);
  } catch (error) {
    if (isOverlayError(error, 'hostConfigInvalid')) return error;
    throw error;
  }
  throw new Error(`${text} was accepted`);
};

describe('parseEndpoint', () => {
  it.each([
    ['node1', { kind: 'ssh', host: 'node1' }],
    ['deploy@10.0.0.5:2222', { kind: 'ssh', host: '10.0.0.5', user: 'deploy', port: 2222 }],
    ['ssh://node1', { kind: 'ssh', host: 'node1' }],
    ['ssh://me@corp.example@node1', { kind: 'ssh', host: 'node1', user: 'me@corp.example' }],
    ['ssh://[fd00::5]:22', { kind: 'ssh', host: 'fd00::5', port: 22 }],
    ['ssh://[fe80::1%25eth0]', { kind: 'ssh', host: 'fe80::1%eth0' }],
    ['[fe80::1%25]', { kind: 'ssh', host: 'fe80::1%25' }],
    ['CORP\\jdoe@node1', { kind: 'ssh', host: 'node1', user: 'CORP\\jdoe' }],
    ['ssh://CORP%5Cjdoe@node1', { kind: 'ssh', host: 'node1', user: 'CORP\\jdoe' }],
    ['me%40corp@node1', { kind: 'ssh', host: 'node1', user: 'me%40corp' }],
    ['ssh://me%40corp@node1', { kind: 'ssh', host: 'node1', user: 'me@corp' }],
    ['build#1@node1:22', { kind: 'ssh', host: 'node1', user: 'build#1', port: 22 }],
    ['ssh://build%231@node1', { kind: 'ssh', host: 'node1', user: 'build#1' }],
    ['ssh://svc$@node1', { kind: 'ssh', host: 'node1', user: 'svc$' }],
    ['svc$@node1', { kind: 'ssh', host: 'node1', user: 'svc$' }],
    ['jürgen@node1', { kind: 'ssh', host: 'node1', user: 'jürgen' }],
    ['ssh://a%2Fb@node1', { kind: 'ssh', host: 'node1', user: 'a/b' }],
    ['ssh://@node1', { kind: 'ssh', host: 'node1' }],
    ['ssh://%C3%BC.example', { kind: 'ssh', host: 'ü.example' }],
    [
      'ssh://box:/Users/u/.orbstack/run/docker.sock',
      { kind: 'ssh', host: 'box', socketPath: '/Users/u/.orbstack/run/docker.sock' },
    ],
    ['ssh://box://', { kind: 'ssh', host: 'box' }],
    ['ssh://box/a%20b.sock', { kind: 'ssh', host: 'box', socketPath: '/a b.sock' }],
    ['tcp://10.0.0.5:', { kind: 'tcp', host: '10.0.0.5', port: 2375 }],
    ['unix:///a b$c"?#%20*.sock', { kind: 'socket', path: '/a b$c"?#%20*.sock' }],
    ['npipe:////./pipe/my (engine) 1', { kind: 'pipe', path: '\\\\.\\pipe\\my (engine) 1' }],
    ['SSH://a_b.example/', { kind: 'ssh', host: 'a_b.example' }],
    [
      'ssh://u@h/run/user/1000/docker.sock',
      { kind: 'ssh', host: 'h', user: 'u', socketPath: '/run/user/1000/docker.sock' },
    ],
    ['unix:///var/run/docker.sock', { kind: 'socket', path: '/var/run/docker.sock' }],
    ['npipe:////./pipe/docker_engine', { kind: 'pipe', path: '\\\\.\\pipe\\docker_engine' }],
    ['tcp://10.0.0.5', { kind: 'tcp', host: '10.0.0.5', port: 2375 }],
    ['tcp://[::1]:2376/', { kind: 'tcp', host: '::1', port: 2376 }],
    ['ssh://10.node.example', { kind: 'ssh', host: '10.node.example' }],
    ['0xhost', { kind: 'ssh', host: '0xhost' }],
    ['tcp://1.2.3.4.example', { kind: 'tcp', host: '1.2.3.4.example', port: 2375 }],
    ['context://prod-eu', { kind: 'context', name: 'prod-eu' }],
  ] as const)('reads %s', (text, expected) => {
    const endpoint = parseEndpoint(text);
    expect(endpoint).toEqual(expected);
    expect(parseEndpoint(formatEndpoint(endpoint))).toEqual(expected);
  });

  it.each([
    ['', 'empty'],
    ['ssh://', 'missing'],
    ['-oProxyCommand=touch /tmp/x', 'begins with "-"'],
    ['ssh://-oProxyCommand=x', 'begins with "-"'],
    ['ssh://deploy@-x', 'begins with "-"'],
    ['ssh://-l@host', 'user name'],
    ['host\nProxyCommand x', 'control characters'],
    ['$(id)', 'not allowed'],
    ['`id`', 'not allowed'],
    ['host;id', 'not allowed'],
    ['ssh://host/$(id)', 'not allowed'],
    ["ssh://host/a'b", 'not allowed'],
    ['ssh://host/%0aid', 'not allowed'],
    ['ssh://host/%zz', '%-escape'],
    ['ssh://host?x=1', 'query'],
    ['ssh://host#x', 'fragment'],
    ['10.', 'IPv4'],
    ['10', 'IPv4'],
    ['1.2.3', 'IPv4'],
    ['300.1.1.1', 'IPv4'],
    ['1.2.3.4.5', 'IPv4'],
    ['1.2.3.4.', 'IPv4'],
    ['010.0.0.1', 'IPv4'],
    ['deploy@10.0.0:22', 'IPv4'],
    ['tcp://0x7f.1', 'IPv4'],
    ['tcp://2130706433:2375', 'IPv4'],
    ['ssh://host:22/sock?x', 'query'],
    ['tcp://host:2375#x', 'fragment'],
    ['tcp://-oProxyCommand=x', 'begins with "-"'],
    ['alias\nHost *', 'control characters'],
    ['alias\u0000', 'control characters'],
    ['alias$(touch /tmp/x)', 'not allowed'],
    ['$(id)@host', 'user name'],
    ['context://a/../b', 'Docker context'],
    ['context://a/b', 'Docker context'],
    ['context://..', 'Docker context'],
    ['host:0', 'port'],
    ['host:65536', 'port'],
    ['host:22x', 'port'],
    ['fd00::5', 'IPv6'],
    ['unix://relative', 'absolute'],
    ['npipe://x', 'pipe'],
    ['tcp://user@host', 'no user'],
    ['tcp://host:2375/proxy', 'path'],
    ['ssh://CORP\\jdoe@host', '%5C'],
    ['ssh://jürgen@host', '%-encoded'],
    ['ssh://a%zz@host', 'user name has a broken %-escape'],
    ['ssh://%0aid@host', 'user name'],
    ['ssh://%2Dl@host', 'user name begins with "-"'],
    ['-l@host', 'user name begins with "-"'],
    ['ssh://a%3Bid@host', 'user name'],
    ['a b -oProxyCommand=x@host', 'user name'],
    ['a/b@host', 'two ways'],
    ['ssh://h%41', 'not allowed'],
    ['ssh://a#b@host', '%23'],
    ['a?b@host?', 'query'],
    ['context://../../etc', 'Docker context'],
    ['http://host', 'tcp://'],
    ['ftp://host', 'ftp://'],
  ])('refuses %j', (text, why) => {
    expect(failure(text).params.message).toContain(why);
  });

  it.each([
    'ssh://u:hunter2@host',
    'u:hunter2@host:22',
    'tcp://u:hunter2@host:2375',
    'ssh://u:hunter2@host?x',
    'foo://u:hunter2@h',
    'ssh://u:hunter2@10.',
    'ssh://u:hunter2@-h',
    'ssh://hunter2:@h',
    'http://u:hunter2@h',
    'context://u:hunter2@h',
    'unix://u:hunter2@h',
    'ssh://h/%zz:hunter2',
    'npipe://u:hunter2@h',
  ])('never repeats the password of %s', (text) => {
    const error = failure(text);
    expect(`${error.message} ${JSON.stringify(describeError(error))}`).not.toContain('hunter2');
  });
});

describe('a user name', () => {
  const printable = [...' !"#$%&\'()*+,-./0:;<=>?@A[\\]^_`a{|}~'];

  it('is refused where ssh refuses it, and nowhere else', async () => {
    const users = [...printable.map((one) => `a${one}b`), ...printable.map((one) => `${one}a`), 'a\\', 'a -b', 'a\t-b'];
    const ours = users.filter((user) => {
      try {
        parseEndpoint(`ssh://${encodeURIComponent(user).replace(/[^A-Za-z0-9%]/g, asEscape)}@h`);
        return true;
      } catch {
        return false;
      }
    });
    const open = await Promise.all(users.map(sshTakes));
    expect(ours).toEqual(users.filter((_, index) => open[index]));
  });

  const asEscape = (one: string) => `%${one.charCodeAt(0).toString(16)}`;

  const sshTakes = (user: string) =>
    new Promise<boolean>((resolve) => {
      execFile('ssh', ['-G', '-F', 'none', '-l', user, '--', 'h'], (error) => resolve(error === null));
    });
});

describe('suggestName', () => {
  it.each([
    ['ssh://deploy@node1.example.org', [], 'node1'],
    ['10.0.0.5', [], '10.0.0.5'],
    ['context://prod', ['prod'], 'prod-2'],
    ['node1', ['NODE1', 'node1-2'], 'node1-3'],
    ['unix:///var/run/docker.sock', [], 'local'],
  ])('%s with %j taken: %s', (text, taken, expected) => {
    expect(suggestName(parseEndpoint(text), taken)).toBe(expected);
  });
});
