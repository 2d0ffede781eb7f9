import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  formatKnownHostsLine,
  judgeHostKey,
  knownHostsName,
  knownKeyTypes,
  matchesName,
  parseKnownHosts,
} from '../../../src/connection/knownHosts';
import { fingerprint } from '../../../src/connection/text';

/** A key in wire format that differs by its seed. */
function key(type: string, seed: string): Buffer {
  const part = (data: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, data.length]), data]);
  return Buffer.concat([part(Buffer.from(type)), part(Buffer.alloc(32, seed))]);
}

const line = (names: string, blob: Buffer) => formatKnownHostsLine(names, blob).trim();
const ours = key('ssh-ed25519', 'a');
const other = key('ssh-ed25519', 'b');
const rsa = key('ssh-rsa', 'c');
const judge = (text: string, blob = ours, names: [string, ...string[]] = ['node1']) =>
  judgeHostKey(parseKnownHosts(text, 'f'), names, blob);

describe('judgeHostKey', () => {
  it.each([
    ['an exact name', line('node1', ours), { kind: 'match', file: 'f', line: 1 }],
    ['one of several names', line('x,node1,y', ours), { kind: 'match', file: 'f', line: 1 }],
    ['a wildcard', line('node*', ours), { kind: 'match', file: 'f', line: 1 }],
    ['another case', line('NODE1', ours), { kind: 'match', file: 'f', line: 1 }],
    ['a negated name', line('!node1,node*', ours), { kind: 'unknown' }],
    ['another name', line('node2', ours), { kind: 'unknown' }],
    ['nothing', '', { kind: 'unknown' }],
    ['a comment', `# ${line('node1', ours)}`, { kind: 'unknown' }],
    ['a second line', `${line('node1', other)}\n${line('node1', ours)}`, { kind: 'match', file: 'f', line: 2 }],
    [
      'a changed key',
      line('node1', other),
      { kind: 'mismatch', file: 'f', line: 1, expectedFingerprint: fingerprint(other) },
    ],
    [
      'another type',
      line('node1', rsa),
      { kind: 'otherKeyType', file: 'f', line: 1, expectedFingerprint: fingerprint(rsa), expectedType: 'ssh-rsa' },
    ],
    ['a revoked key', `${line('node1', ours)}\n@revoked ${line('*', ours)}`, { kind: 'revoked', file: 'f', line: 2 }],
    [
      'another revoked key',
      `@revoked ${line('*', other)}\n${line('node1', ours)}`,
      { kind: 'match', file: 'f', line: 2 },
    ],
    ['an authority', `@cert-authority ${line('node1', ours)}`, { kind: 'caOnly', file: 'f', line: 1 }],
    ['an unknown marker', `@other ${line('node1', ours)}`, { kind: 'unknown' }],
    ['a type that lies', `node1 ssh-rsa ${ours.toString('base64')}`, { kind: 'unknown' }],
    ['broken base64', 'node1 ssh-ed25519 !!!', { kind: 'unknown' }],
    ['CRLF', `${line('node1', ours)}\r\n`, { kind: 'match', file: 'f', line: 1 }],
  ])('%s', (_what, text, expected) => {
    expect(judge(text)).toEqual(expected);
  });

  it('takes a match under the name without port, but no mismatch', () => {
    const names: [string, ...string[]] = ['[node1]:2222', 'node1'];
    expect(judge(line('node1', ours), ours, names).kind).toBe('match');
    expect(judge(line('node1', other), ours, names).kind).toBe('unknown');
    expect(judge(line('[node1]:2222', other), ours, names).kind).toBe('mismatch');
    expect(judge(`@revoked ${line('node1', ours)}`, ours, names).kind).toBe('revoked');
    expect(judge(line('[node1]:2222', ours), ours, ['node1']).kind).toBe('unknown');
  });

  it('matches hashed names', () => {
    const hashed = formatKnownHostsLine('node1', ours, randomBytes(20));
    expect(hashed).not.toContain('node1');
    expect(judge(hashed).kind).toBe('match');
    expect(judge(hashed, ours, ['node2']).kind).toBe('unknown');
  });

  it('lists the types recorded', () => {
    const lines = parseKnownHosts(`${line('node1', rsa)}\n${line('node1', ours)}\n${line('node1', other)}`, 'f');
    expect(knownKeyTypes(lines, ['node1'])).toEqual(['ssh-rsa', 'ssh-ed25519']);
  });

  it('survives patterns made to be slow', () => {
    expect(matchesName(`${'*a'.repeat(200)}*b`, 'a'.repeat(400))).toBe(false);
  });
});

describe('knownHostsName', () => {
  it.each([
    ['Node1', 22, 'node1'],
    ['node1', 2222, '[node1]:2222'],
    ['fd00::5', 22, 'fd00::5'],
    ['fd00::5', 2222, '[fd00::5]:2222'],
  ])('%s %i: %s', (host, port, expected) => expect(knownHostsName(host, port)).toBe(expected));
});

describe('ssh-keygen -F agrees', () => {
  const dir = mkdtempSync(join(tmpdir(), 'known-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const keygenFinds = (file: string, name: string) => {
    try {
      return execFileSync('ssh-keygen', ['-F', name, '-f', file], { encoding: 'utf8', stdio: 'pipe' }).includes(
        'found',
      );
    } catch {
      return false;
    }
  };

  it.each([
    ['node1', 'node1'],
    ['node1', 'node2'],
    ['node?', 'node1'],
    ['n*1,!node1', 'node1'],
    ['n*1,!node1', 'nodes1'],
    ['*.example,!db.*', 'web.example'],
    ['*.example,!db.*', 'db.example'],
    ['[node1]:2222', '[node1]:2222'],
    ['[node1]:2222', 'node1'],
    ['[*]:2222', '[node1]:2222'],
    ['10.0.0.*', '10.0.0.5'],
    ['hash:node1', 'node1'],
    ['hash:node1', 'node2'],
    ['hash:[node1]:2222', '[node1]:2222'],
  ])('%s for %s', (names, name) => {
    const hash = names.startsWith('hash:');
    const text = hash ? formatKnownHostsLine(names.slice(5), ours, randomBytes(20)) : formatKnownHostsLine(names, ours);
    const file = join(dir, 'known_hosts');
    writeFileSync(file, text);
    const found = parseKnownHosts(text, file).some((one) => matchesName(one.names, name));
    expect(found).toBe(keygenFinds(file, name));
  });
});
