import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { describeError } from '../../../src/base/errors';
import { RecordedHostKeys, type HostKeyDecision } from '../../../src/connection/hostKeys/recordedHostKeys';
import { resolveSshSettings } from '../../../src/connection/sshConfig/sshConfig';
import { fingerprint } from '../../../src/connection/keys/publicKey';

const dir = mkdtempSync(join(tmpdir(), 'host-key-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const path = (name: string) => join(dir, name);
const env = { PATH: process.env['PATH'], HOME: dir };

function makeKey(type: string, bits?: string) {
  const file = path(`key-${type}-${bits ?? ''}-${Math.random()}`);
  execFileSync('ssh-keygen', ['-q', '-t', type, ...(bits ? ['-b', bits] : []), '-N', '', '-f', file]);
  const [name = '', base64 = ''] = readFileSync(`${file}.pub`, 'utf8').split(' ');
  return { file, text: `${name} ${base64}`, wire: Buffer.from(base64, 'base64') };
}
const key = makeKey('ed25519');
const other = makeKey('ed25519');
const rsa = makeKey('rsa', '2048');

/** What is recorded for "h", as ssh -G explains these lines. */
async function recorded(lines: string, session = new Map<string, Buffer>()): Promise<RecordedHostKeys> {
  const configFile = path('config');
  writeFileSync(configFile, `GlobalKnownHostsFile none\n${lines}\n`, { mode: 0o600 });
  return RecordedHostKeys.read('node', await resolveSshSettings({ host: 'h' }, { env, configFile }), session);
}

const summary = (decision: HostKeyDecision) => (decision.kind === 'refused' ? decision.error.reason : decision.kind);

beforeEach(() => rmSync(path('known_hosts'), { force: true }));
const usual = `UserKnownHostsFile ${path('known_hosts')}`;

describe('a known_hosts path with a space', () => {
  it('is one file: a changed key is refused, and a confirmed one is written there', async () => {
    mkdirSync(path('with space'), { recursive: true });
    const file = path('with space/known_hosts');
    const lines = `UserKnownHostsFile "${file}"`;
    writeFileSync(file, `h ${key.text}\n`);
    expect(summary((await recorded(lines)).decide(key.wire, undefined))).toBe('trusted');
    expect(summary((await recorded(lines)).decide(other.wire, undefined))).toBe('hostKeyChanged');
    writeFileSync(file, '');
    expect(await (await recorded(lines)).remember(key.wire)).toBeUndefined();
    expect(readFileSync(file, 'utf8')).toBe(`h ${key.text}\n`);
    expect(existsSync(path('with'))).toBe(false);
  });

  it('is an error, and never "unknown", where it may be two', async () => {
    writeFileSync(path('two'), '');
    const reading = recorded(`UserKnownHostsFile "${path('two words')}"`);
    await expect(reading).rejects.toMatchObject({
      reason: 'sshConfigInvalid',
      params: { message: expect.stringContaining('UserKnownHostsFile') as string },
    });
  });
});

describe('RevokedHostKeys', () => {
  const revoking = (file: string) => `${usual}\nRevokedHostKeys ${file}`;

  it('refuses a key that known_hosts has', async () => {
    writeFileSync(path('known_hosts'), `h ${key.text}\n`);
    writeFileSync(path('revoked'), `# stolen\n\n  ${rsa.text} web\n${key.text} db\r\n`);
    expect((await recorded(revoking(path('revoked')))).decide(key.wire, undefined)).toMatchObject({
      kind: 'refused',
      error: { reason: 'hostKeyRevoked', params: { host: 'node', path: path('revoked') } },
    });
  });

  it.each(['%d/revoked_%h', '~/revoked_%n'])('is one file, by tokens as well: %s', async (file) => {
    mkdirSync(path('with space'), { recursive: true });
    for (const name of ['revoked_h', 'with space/a /b']) {
      mkdirSync(join(path(name), '..'), { recursive: true });
      writeFileSync(path(name), `${key.text}\n`);
    }
    expect(summary((await recorded(revoking(file))).decide(key.wire, undefined))).toBe('hostKeyRevoked');
    const spaced = await recorded(revoking(`"${path('with space/a /b')}"`));
    expect(summary(spaced.decide(key.wire, undefined))).toBe('hostKeyRevoked');
  });

  it('lets others be', async () => {
    writeFileSync(path('known_hosts'), `h ${key.text}\n`);
    writeFileSync(path('revoked'), `${other.text}\n`);
    expect(summary((await recorded(revoking(path('revoked')))).decide(key.wire, undefined))).toBe('trusted');
    expect(summary((await recorded(revoking('/dev/null'))).decide(key.wire, undefined))).toBe('trusted');
    expect(summary((await recorded(revoking('none'))).decide(key.wire, undefined))).toBe('trusted');
  });

  it.each([
    ['a binary list', () => execFileSync('ssh-keygen', ['-q', '-k', '-f', path('krl'), `${other.file}.pub`])],
    ['lines that are no keys', () => writeFileSync(path('krl'), `${other.text}\nssh-ed25519 AAAA\n`)],
  ])('leaves %s to the ssh program', async (_what, make) => {
    writeFileSync(path('known_hosts'), `h ${key.text}\n`);
    make();
    const list = await recorded(revoking(path('krl')));
    expect(summary(list.decide(key.wire, undefined))).toBe('sshFeatureUnsupported');
    // Which has judged the key by then.
    expect(summary(list.decide(key.wire, undefined, true))).toBe('trusted');
  });

  it('lets nobody in when the file cannot be read, as ssh does', async () => {
    const error = {
      reason: 'sshConfigInvalid',
      params: { message: expect.stringContaining('RevokedHostKeys') as string },
    };
    await expect(recorded(revoking(path('missing')))).rejects.toMatchObject(error);
    await expect(recorded(revoking(dir))).rejects.toMatchObject(error);
  });
});

describe('StrictHostKeyChecking', () => {
  it.each([
    ['yes', 'hostKeyNotRecorded'],
    ['ask', 'ask'],
    ['accept-new', 'ask'],
    ['no', 'ask'],
  ])('%s: an unknown key is %s', async (strict, expected) => {
    expect(summary((await recorded(`${usual}\nStrictHostKeyChecking ${strict}`)).decide(key.wire, undefined))).toBe(
      expected,
    );
  });

  it('yes: a known key is trusted', async () => {
    writeFileSync(path('known_hosts'), `h ${key.text}\n`);
    expect(summary((await recorded(`${usual}\nStrictHostKeyChecking yes`)).decide(key.wire, undefined))).toBe(
      'trusted',
    );
  });
});

describe('a confirmed key that no file keeps', () => {
  const forgetful = 'StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nNoHostAuthenticationForLocalhost yes';

  it.each([
    ['/dev/null', forgetful],
    ['none', 'UserKnownHostsFile none'],
    ['a folder that cannot be made', `UserKnownHostsFile ${path('config')}/known_hosts`],
  ])('is kept for the session: %s', async (_what, lines) => {
    const session = new Map<string, Buffer>();
    const first = await recorded(lines, session);
    expect(summary(first.decide(key.wire, undefined))).toBe('ask');
    expect(await first.remember(key.wire)).toMatch(/^UserKnownHostsFile is|cannot be written/);
    const again = await recorded(lines, session);
    expect(summary(again.decide(key.wire, undefined))).toBe('trusted');
    // The machine was made anew, or somebody is in between.
    const changed = again.decide(other.wire, undefined);
    expect(summary(changed)).toBe('hostKeyChanged');
    const { happened, remedy, command } = describeError(changed.kind === 'refused' ? changed.error : undefined);
    expect(happened).toContain(`you have confirmed ${fingerprint(key.wire)}`);
    expect([remedy, command]).toEqual([expect.stringContaining('reload the window'), undefined]);
    // Of other hosts, and with other files, nothing is known.
    expect(summary((await recorded(`${lines}\nPort 2222`, session)).decide(key.wire, undefined))).toBe('ask');
    expect(summary((await recorded(usual, session)).decide(key.wire, undefined))).toBe('ask');
  });

  it('is kept by the file alone where that can be written', async () => {
    const session = new Map<string, Buffer>();
    expect(await (await recorded(usual, session)).remember(key.wire)).toBeUndefined();
    expect(session.size).toBe(0);
  });
});

describe('algorithms of host keys', () => {
  it('are those of the configuration in its order, recorded ones first', async () => {
    const lines = `${usual}\nHostKeyAlgorithms rsa-sha2-256,ssh-ed25519,ssh-ed25519-cert-v01@openssh.com`;
    expect((await recorded(lines)).algorithms()).toEqual(['rsa-sha2-256', 'ssh-ed25519']);
    writeFileSync(path('known_hosts'), `h ${key.text}\n`);
    expect((await recorded(lines)).algorithms()).toEqual(['ssh-ed25519', 'rsa-sha2-256']);
  });

  it('have ssh-rsa only where the configuration adds it', async () => {
    writeFileSync(path('known_hosts'), `h ${rsa.text}\n`);
    expect((await recorded(usual)).algorithms()).not.toContain('ssh-rsa');
    const added = (await recorded(`${usual}\nHostKeyAlgorithms +ssh-rsa`)).algorithms();
    // A server that can do SHA-1 only, and has other keys as well, is asked for the recorded one.
    expect(added.slice(0, 3)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa']);
    expect(added).toContain('ssh-ed25519');
  });

  it('make no key "changed" that could not be asked for', async () => {
    writeFileSync(path('known_hosts'), `h ${rsa.text}\n`);
    const list = await recorded(`${usual}\nHostKeyAlgorithms ssh-ed25519`);
    expect(summary(list.decide(key.wire, undefined))).toBe('sshFeatureUnsupported');
    expect(summary(list.decide(key.wire, undefined, true))).toBe('ask');
    expect(summary((await recorded(usual)).decide(key.wire, undefined))).toBe('hostKeyChanged');
  });
});

describe('RequiredRSASize', () => {
  it('refuses shorter host keys, also recorded ones', async () => {
    writeFileSync(path('known_hosts'), `h ${rsa.text}\n`);
    const decision = (await recorded(`${usual}\nRequiredRSASize 3072`)).decide(rsa.wire, undefined);
    expect(summary(decision)).toBe('hostKeyTooShort');
    expect(summary((await recorded(`${usual}\nRequiredRSASize 2048`)).decide(rsa.wire, undefined))).toBe('trusted');
  });
});
