import { describe, expect, it } from 'vitest';
import { describeError } from '../../../src/base/errors';
import { parseHosts, validateHostName } from '../../../src/hosts/settings';

describe('parseHosts', () => {
  it('reads entries, keeps the endpoint as written, and sets the bad ones apart', () => {
    const { hosts, problems } = parseHosts([
      { name: ' node1 ', endpoint: 'deploy@10.0.0.5', folder: 'zone a' },
      { name: 'bad', endpoint: 'ssh://u:hunter2@h' },
      { name: 'node2', endpoint: 'context://prod' },
      { name: 'NODE1', endpoint: 'other' },
      'text',
      { endpoint: 'x' },
      { name: 'n3' },
    ]);
    expect(hosts).toEqual([
      {
        name: 'node1',
        endpoint: { kind: 'ssh', host: '10.0.0.5', user: 'deploy' },
        endpointText: 'deploy@10.0.0.5',
        folder: 'zone a',
      },
      { name: 'node2', endpoint: { kind: 'context', name: 'prod' }, endpointText: 'context://prod' },
    ]);
    expect(problems.map(({ index, name }) => [index, name])).toEqual([
      [1, 'bad'],
      [3, 'NODE1'],
      [4, 'entry 5'],
      [5, 'entry 6'],
      [6, 'n3'],
    ]);
    expect(problems.map((problem) => problem.error.reason)).toEqual(
      Array.from({ length: 5 }, () => 'hostConfigInvalid'),
    );
    expect(describeError(problems[1]?.error).happened).toContain('already used by entry 1');
    expect(JSON.stringify(problems.map((problem) => [problem.error.message, problem.error.params]))).not.toContain(
      'hunter2',
    );
  });

  it.each([undefined, null, []])('takes %j for no hosts', (raw) => {
    expect(parseHosts(raw)).toEqual({ hosts: [], problems: [] });
  });

  it('says when the setting is no list', () => {
    expect(parseHosts({}).problems[0]?.error.params.message).toContain('not a list');
  });

  it('adds TLS files to tcp endpoints, with the port of TLS', () => {
    const tls = { ca: '~/ca.pem', cert: '/c.pem', key: '/k.pem' };
    const { hosts } = parseHosts([
      { name: 'a', endpoint: 'tcp://h', tls },
      { name: 'b', endpoint: 'tcp://h:2375', tls: true },
    ]);
    expect(hosts.map((host) => host.endpoint)).toEqual([
      { kind: 'tcp', host: 'h', port: 2376, tls: { ...tls, skipVerify: false } },
      { kind: 'tcp', host: 'h', port: 2375, tls: { skipVerify: false } },
    ]);
  });

  it('refuses key material and half pairs in the settings', () => {
    const { problems } = parseHosts([
      { name: 'a', endpoint: 'tcp://h', tls: { key: '-----BEGIN PRIVATE KEY-----\nhunter2', cert: '/c' } },
      { name: 'b', endpoint: 'tcp://h', tls: { cert: '/c' } },
      { name: 'c', endpoint: 'node1', tls: true },
    ]);
    expect(problems).toHaveLength(3);
    expect(problems.map((problem) => problem.error.message).join()).not.toContain('hunter2');
  });

  it('takes the way over SSH of a host, and refuses one that there is not', () => {
    const { hosts, problems } = parseHosts([
      { name: 'a', endpoint: 'deploy@10.0.0.5', transport: 'systemSsh' },
      { name: 'b', endpoint: 'deploy@10.0.0.6', transport: 'telnet' },
    ]);
    expect(hosts).toMatchObject([{ name: 'a', transport: 'systemSsh' }]);
    expect(problems).toMatchObject([{ name: 'b', error: { reason: 'hostConfigInvalid' } }]);
  });
});

describe('validateHostName', () => {
  it('refuses empty, taken and unprintable names', () => {
    expect(validateHostName('node2', ['node1'])).toBeUndefined();
    expect(validateHostName(' ', [])).toContain('empty');
    expect(validateHostName('Node1', ['node1'])).toContain('already used');
    expect(validateHostName('a\u202eb', [])).toContain('cannot be shown');
  });
});
