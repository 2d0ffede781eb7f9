import { execFileSync, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
} from '../../../src/connection/hostKeys/knownHosts';
import { fingerprint } from '../../../src/connection/keys/publicKey';

const part = (data: Buffer) => Buffer.concat([Buffer.from([0, 0, data.length >> 8, data.length & 255]), data]);
const blob = (type: string, ...parts: Buffer[]) => Buffer.concat([part(Buffer.from(type)), ...parts.map(part)]);

/** A key in wire format that differs by its seed. */
function key(type: 'ssh-ed25519' | 'ssh-rsa', seed: string): Buffer {
  return type === 'ssh-rsa'
    ? blob(type, Buffer.from([1, 0, 1]), Buffer.alloc(256, seed))
    : blob(type, Buffer.alloc(32, seed));
}

const line = (names: string, wire: Buffer) => formatKnownHostsLine(names, wire).trim();
const ours = key('ssh-ed25519', 'a');
const other = key('ssh-ed25519', 'b');
const rsa = key('ssh-rsa', 'c');
const judge = (text: string, wire = ours, names: [string, ...string[]] = ['node1']) =>
  judgeHostKey(parseKnownHosts(text, 'f'), names, wire);

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

  it('looks without the port only where the host has no key of its own', () => {
    const names: [string, ...string[]] = ['[10.0.0.5]:2222', '10.0.0.5'];
    const both = `${line('[10.0.0.5]:2222', other)}\n${line('10.0.0.5', ours)}`;
    expect(judge(both, ours, names).kind).toBe('mismatch');
    expect(judge(`${line('[10.0.0.5]:2222', rsa)}\n${line('10.0.0.5', ours)}`, ours, names).kind).toBe('otherKeyType');
    expect(knownKeyTypes(parseKnownHosts(`${line('10.0.0.5', rsa)}\n${both}`, 'f'), names)).toEqual(['ssh-ed25519']);
    // The revocation of a key holds under both names.
    expect(judge(`${line('[10.0.0.5]:2222', ours)}\n@revoked ${line('10.0.0.5', ours)}`, ours, names).kind).toBe(
      'revoked',
    );
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

const dir = mkdtempSync(join(tmpdir(), 'known-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('a line is evidence only where ssh-keygen takes its key', () => {
  const made = (type: string, bits?: string) => {
    const file = join(dir, `key-${type}-${bits ?? ''}`);
    execFileSync('ssh-keygen', ['-q', '-t', type, ...(bits ? ['-b', bits] : []), '-N', '', '-f', file]);
    const [name = '', base64 = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
    return { name, wire: Buffer.from(base64, 'base64') };
  };
  const ed25519 = made('ed25519');
  const ecdsa = made('ecdsa', '256');
  const longRsa = made('rsa', '2048');
  const curve = Buffer.from('nistp256');
  const point = ecdsa.wire.subarray(-65);
  const text = (type: string, wire: Buffer) => `h1 ${type} ${wire.toString('base64')}`;
  const changedAt = (wire: Buffer, at: number, value: number) => {
    const copy = Buffer.from(wire);
    copy[at < 0 ? copy.length + at : at] = value;
    return copy;
  };
  const skEd25519 = 'sk-ssh-ed25519@openssh.com';

  it.each([
    ['an ed25519 key', text(ed25519.name, ed25519.wire), true],
    ['one that is cut', text(ed25519.name, ed25519.wire.subarray(0, -15)), false],
    ['one cut in its base64', text(ed25519.name, ed25519.wire).slice(0, -3), false],
    ['one with something behind it', text(ed25519.name, Buffer.concat([ed25519.wire, Buffer.from('x')])), false],
    ['one without an end', text(ed25519.name, changedAt(ed25519.wire, 15 + 3, 33)), false],
    ['one of a line that lies', text('ssh-rsa', ed25519.wire), false],
    ['a security key', text(skEd25519, blob(skEd25519, Buffer.alloc(32, 7), Buffer.from('ssh:'))), true],
    ['a security key without application', text(skEd25519, blob(skEd25519, Buffer.alloc(32, 7))), false],
    ['a P-256 key', text(ecdsa.name, ecdsa.wire), true],
    ['a P-384 key', ((k) => text(k.name, k.wire))(made('ecdsa', '384')), true],
    ['a P-521 key', ((k) => text(k.name, k.wire))(made('ecdsa', '521')), true],
    ['a point that is cut', text(ecdsa.name, blob(ecdsa.name, curve, point.subarray(0, 64))), false],
    ['a point of another form', text(ecdsa.name, changedAt(ecdsa.wire, -65, 2)), false],
    ['another curve than the type says', text(ecdsa.name, blob(ecdsa.name, Buffer.from('nistp384'), point)), false],
    ['an RSA key', text(longRsa.name, longRsa.wire), true],
    ['one of 1024 bits', ((k) => text(k.name, k.wire))(made('rsa', '1024')), true],
    ['one of 512 bits', text('ssh-rsa', blob('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.alloc(64, 0x71))), false],
    ['a negative modulus', text('ssh-rsa', blob('ssh-rsa', Buffer.from([1, 0, 1]), Buffer.alloc(256, 0xf1))), false],
    ['a modulus that is cut', text(longRsa.name, longRsa.wire.subarray(0, -30)), false],
    ['a type nobody knows', text('ssh-new', blob('ssh-new', Buffer.alloc(32, 7))), false],
    ['no key at all', 'h1 ssh-ed25519', false],
  ])('%s', (_what, known, expected) => {
    const file = join(dir, 'evidence');
    writeFileSync(file, `${known}\n`);
    expect(parseKnownHosts(known, file).length > 0).toBe(expected);
    // -l reads the lines as ssh does.
    const lists = spawnSync('ssh-keygen', ['-l', '-f', file], { encoding: 'utf8' }).stdout !== '';
    expect(lists).toBe(expected);
  });

  it('takes no DSA key, which newer versions do not know', () => {
    const dsa = blob('ssh-dss', ...[128, 20, 128, 128].map((bytes) => Buffer.alloc(bytes, 0x11)));
    expect(judge(text('ssh-dss', dsa), ours, ['h1'])).toEqual({ kind: 'unknown' });
    expect(judge(text(ed25519.name, ed25519.wire.subarray(0, -15)), ours, ['h1'])).toEqual({ kind: 'unknown' });
  });
});

describe('ssh-keygen -F agrees', () => {
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
