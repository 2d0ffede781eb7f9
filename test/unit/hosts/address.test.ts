import { describe, expect, it } from 'vitest';
import { parsePort, splitUserAtHost } from '../../../src/hosts/address';

describe('user@host:port', () => {
  it.each([
    ['host', { host: 'host', bracketed: false }],
    ['me@host', { user: 'me', host: 'host', bracketed: false }],
    ['me@host:2222', { user: 'me', host: 'host', bracketed: false, port: '2222' }],
    // User names of directories hold an @ themselves.
    ['jdoe@corp.example.com@bastion', { user: 'jdoe@corp.example.com', host: 'bastion', bracketed: false }],
    ['CORP\\jdoe@host:', { user: 'CORP\\jdoe', host: 'host', bracketed: false }],
    ['me@[fd00::1]:22', { user: 'me', host: 'fd00::1', bracketed: true, port: '22' }],
    ['@host', { user: '', host: 'host', bracketed: false }],
    ['me@', { user: 'me', host: '', bracketed: false }],
    ['[]', { host: '', bracketed: true }],
    ['host:ssh', { host: 'host', bracketed: false, port: 'ssh' }],
  ])('splits %s', (text, parts) => {
    expect(splitUserAtHost(text)).toEqual(parts);
  });

  it.each(['host/path', 'a/b:1', '[fd00::1', '[a]b', 'a[b]'])('leaves %s alone', (text) => {
    expect(splitUserAtHost(text)).toBeUndefined();
  });

  it('reads ports', () => {
    expect(['1', '022', '65535'].map(parsePort)).toEqual([1, 22, 65535]);
    expect(['0', '65536', '', '-1', '+1', '1e3', 'ssh'].map(parsePort)).toEqual(Array(7).fill(undefined));
  });
});
