import { execFileSync } from 'node:child_process';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { Worker } from 'node:worker_threads';
import { silentLogger } from '../../../src/base/logger';
import { decryptKey } from '../../../src/connection/keys/decryptKey';
import { listIdentities } from '../../../src/connection/credentials/identities';
import { readKeyFile, type KeyFile } from '../../../src/connection/keys/keyFile';
import type { SshSettings } from '../../../src/connection/sshConfig/settings';
import { unsupportedFeatures } from '../../../src/connection/sshConfig/unsupportedFeatures';

const passphrase = 'pw12345';
const signal = new AbortController().signal;
const dir = mkdtempSync(join(tmpdir(), 'keys-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const path = (name: string) => join(dir, name);

function write(name: string, text: string): string {
  writeFileSync(path(name), text, { mode: 0o600 });
  return path(name);
}

/** Made by ssh-keygen, without its .pub file. */
function keygen(name: string, options: readonly string[], secret = ''): string {
  // One round of bcrypt, unless the test is about its time.
  execFileSync('ssh-keygen', ['-q', '-N', secret, '-f', path(name), '-a', '1', ...options]);
  rmSync(`${path(name)}.pub`);
  return path(name);
}

/** Written anew by ssh-keygen in another form. */
function inForm(file: string, form: string, secret = ''): string {
  execFileSync('ssh-keygen', ['-q', '-p', '-a', '1', '-m', form, '-P', '', '-N', secret, '-f', file]);
  return file;
}

/** The public key as OpenSSH reads it out of the private one: type and base64. */
function openSsh(file: string, secret = ''): string {
  const line = execFileSync('ssh-keygen', ['-y', '-P', secret, '-f', file], { encoding: 'utf8' });
  return line.trim().split(' ').slice(0, 2).join(' ');
}

const line = (key: { type: string; getPublicSSH(): Buffer }) => `${key.type} ${key.getPublicSSH().toString('base64')}`;

const rsa = ['-t', 'rsa', '-b', '2048'];
const ecdsa = ['-t', 'ecdsa', '-b', '256'];

describe('a private key that OpenSSH reads', () => {
  const pem = (name: string) => inForm(keygen(name, rsa), 'PEM');

  it.each([
    ['OpenSSH, Ed25519', () => keygen('o1', ['-t', 'ed25519'])],
    ['OpenSSH, RSA', () => keygen('o2', rsa)],
    ['OpenSSH, ECDSA', () => keygen('o3', ['-t', 'ecdsa', '-b', '521'])],
    ['PKCS8, RSA', () => inForm(keygen('p1', rsa), 'PKCS8')],
    ['PKCS8, ECDSA', () => inForm(keygen('p2', ecdsa), 'PKCS8')],
    ['PKCS1', () => pem('p3')],
    ['SEC1', () => inForm(keygen('p4', ['-t', 'ecdsa', '-b', '384']), 'PEM')],
    [
      'SEC1 after EC PARAMETERS',
      () => {
        const key = readFileSync(inForm(keygen('p5', ecdsa), 'PEM'), 'utf8');
        return write('p6', `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${key}`);
      },
    ],
    [
      'PKCS1 after Bag Attributes',
      () => {
        const head = 'Bag Attributes\n    friendlyName: key\nKey Attributes: <No Attributes>\n';
        return write('p8', `${head}${readFileSync(pem('p7'), 'utf8')}`);
      },
    ],
    ['PKCS1 with CRLF', () => write('p10', readFileSync(pem('p9'), 'utf8').replaceAll('\n', '\r\n'))],
  ])('is read: %s', async (_form, make) => {
    const file = make();
    const read = await readKeyFile(file);
    expect(read.kind).toBe('plain');
    const { key } = read as KeyFile & { kind: 'plain' };
    expect(line(key)).toBe(openSsh(file));
    const data = Buffer.from('data');
    expect(key.verify(data, key.sign(data))).toBe(true);
  });

  it.each([
    ['OpenSSH, Ed25519', () => keygen('e1', ['-t', 'ed25519'], passphrase)],
    ['OpenSSH, RSA, AES-GCM', () => keygen('e2', [...rsa, '-Z', 'aes256-gcm@openssh.com'], passphrase)],
    ['OpenSSH, 3DES', () => keygen('e3', ['-t', 'ed25519', '-Z', '3des-cbc'], passphrase)],
    ['OpenSSH, AES-CBC', () => keygen('e4', [...ecdsa, '-Z', 'aes128-cbc'], passphrase)],
    ['PKCS8, RSA', () => inForm(keygen('e5', rsa), 'PKCS8', passphrase)],
    ['PKCS8, ECDSA', () => inForm(keygen('e6', ecdsa), 'PKCS8', passphrase)],
    ['PKCS1', () => inForm(keygen('e7', rsa), 'PEM', passphrase)],
    ['SEC1', () => inForm(keygen('e8', ecdsa), 'PEM', passphrase)],
  ])('is opened by its passphrase and by no other: %s', async (_form, make) => {
    const file = make();
    const read = await readKeyFile(file);
    expect(read.kind).toBe('encrypted');
    const { text } = read as KeyFile & { kind: 'encrypted' };
    for (const other of ['wrong', 'x', '']) expect(await decryptKey(text, other, signal)).toEqual({ kind: 'wrong' });
    const opened = await decryptKey(text, passphrase, signal);
    if (opened.kind !== 'opened') throw new Error(opened.kind);
    expect(line(opened.key)).toBe(openSsh(file, passphrase));
    const data = Buffer.from('data');
    expect(opened.key.verify(data, opened.key.sign(data))).toBe(true);
  });

  it('is read as PKCS8 of Ed25519, which only newer OpenSSH reads', async () => {
    const pair = generateKeyPairSync('ed25519');
    const read = await readKeyFile(write('d1', String(pair.privateKey.export({ type: 'pkcs8', format: 'pem' }))));
    const { key } = read as KeyFile & { kind: 'plain' };
    expect(createPublicKey(key.getPublicPEM()).equals(pair.publicKey)).toBe(true);
    const encrypted = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
    const opened = await decryptKey(String(pair.privateKey.export(encrypted)), passphrase, signal);
    expect(opened.kind === 'opened' && line(opened.key)).toBe(line(key));
  });
});

describe('a private key that is not for us', () => {
  const settings = (file: string) => ({ identityFiles: [file], certificateFiles: [], identitiesOnly: true });
  const lacks = (file: string) => unsupportedFeatures(settings(file) as unknown as SshSettings);

  it('is left to the ssh program, without asking for a passphrase', async () => {
    const file = keygen('c1', ['-t', 'ed25519', '-Z', 'chacha20-poly1305@openssh.com'], passphrase);
    expect(await readKeyFile(file)).toEqual({
      kind: 'foreign',
      path: file,
      message: 'it is encrypted with chacha20-poly1305@openssh.com',
      keyType: 'ssh-ed25519',
    });
    expect(await lacks(file)).toEqual([expect.stringMatching(`^the key ${file} .*ssh-keygen -p -f`)]);
    // What is advised does it.
    execFileSync('ssh-keygen', ['-q', '-p', '-a', '1', '-P', passphrase, '-N', passphrase, '-f', file]);
    expect((await readKeyFile(file)).kind).toBe('encrypted');
    expect(await lacks(file)).toEqual([]);
  });

  it('is of a type or an encryption that is not known here, whatever the passphrase', async () => {
    const other = generateKeyPairSync('ed448').privateKey.export({ type: 'pkcs8', format: 'pem' });
    const file = write('c2', String(other));
    expect(await readKeyFile(file)).toMatchObject({ kind: 'unusable', message: expect.stringContaining('ed448') });
    // Nor could ssh use it.
    expect(await lacks(file)).toEqual([]);
    // PBES1 with MD5 and DES, which OpenSSL 3 has no more.
    const head = '302f301b06092a864886f70d010503300e0408010203040506070802020800';
    const der = Buffer.from(`${head}0410${'5a'.repeat(16)}`, 'hex').toString('base64');
    const text = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${der}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
    expect(await decryptKey(text, passphrase, signal)).toMatchObject({ kind: 'cannot' });
  });

  it('is missed only where ssh would offer it: DSA never, unless the configuration adds it', async () => {
    const { privateKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
    const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const old = '-----BEGIN DSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END DSA PRIVATE KEY-----\n';
    for (const file of [write('id_dsa', pem), write('id_dsa_old', old)]) {
      const by = (publicKeyAlgorithms?: string[]) =>
        unsupportedFeatures({ ...settings(file), publicKeyAlgorithms } as unknown as SshSettings);
      expect([await by(), await by(['ssh-ed25519'])]).toEqual([[], []]);
      expect(await by(['ssh-ed25519', 'ssh-dss'])).toHaveLength(1);
    }
    const sk = write('sk-only', `sk-ssh-ed25519@openssh.com ${Buffer.from('x').toString('base64')} me`);
    expect(
      await unsupportedFeatures({ ...settings(sk), publicKeyAlgorithms: ['ssh-ed25519'] } as unknown as SshSettings),
    ).toEqual([]);
  });

  it.each([
    ['PPK 3', 'PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: none\r\nComment: me\r\n'],
    ['PPK 3, encrypted', 'PuTTY-User-Key-File-3: ssh-rsa\r\nEncryption: aes256-cbc\r\nComment: me\r\n'],
    ['PPK 2 of a newer type', 'PuTTY-User-Key-File-2: ssh-ed25519\r\nEncryption: none\r\nComment: me\r\n'],
    ['PPK 2 of a newer type, encrypted', 'PuTTY-User-Key-File-2: ecdsa-sha2-nistp256\r\nEncryption: aes256-cbc\r\n'],
  ])('is of PuTTY, which nobody is asked a passphrase for: %s', async (_form, text) => {
    const file = write('putty', text);
    expect(await readKeyFile(file)).toMatchObject({ kind: 'unusable', message: expect.stringContaining('PuTTYgen') });
    expect(await lacks(file)).toEqual([]);
  });

  it('is damaged', async () => {
    const whole = readFileSync(keygen('c3', ['-t', 'ed25519'], passphrase), 'utf8');
    for (const [name, text] of [
      ['cut', whole.replace(/\n[^\n]+\n-----END/, '\n-----END')],
      ['letters', whole.replace(/(BEGIN OPENSSH PRIVATE KEY-----\n)..../, '$1AAAA')],
      ['text', 'no key at all'],
      ['page', '<html>'],
    ] as const) {
      expect((await readKeyFile(write(`bad-${name}`, text))).kind, name).toBe('unusable');
    }
  });

  it('is no file, or too large; so is the .pub file beside one', async () => {
    mkdirSync(path('folder'));
    expect(await readKeyFile(path('folder'))).toMatchObject({ kind: 'unusable', message: 'it is not a file' });
    const file = inForm(keygen('c4', rsa), 'PKCS8', passphrase);
    mkdirSync(`${file}.pub`);
    expect(await readKeyFile(file)).toMatchObject({ kind: 'encrypted', publicKey: undefined });
    rmSync(`${file}.pub`, { recursive: true });
    writeFileSync(`${file}.pub`, '');
    truncateSync(`${file}.pub`, 8 * 1024 ** 3);
    expect(await readKeyFile(file)).toMatchObject({ kind: 'encrypted', publicKey: undefined });
    expect(await readKeyFile(path('none'))).toEqual({ kind: 'missing', path: path('none') });
  });

  it('is a security key', async () => {
    const line = `sk-ssh-ed25519@openssh.com ${Buffer.from('x').toString('base64')} me`;
    expect((await readKeyFile(write('sk', line))).kind).toBe('hardware');
    rmSync(path('sk'));
    write('sk.pub', line);
    expect((await readKeyFile(path('sk'))).kind).toBe('hardware');
  });
});

describe('opening a key', () => {
  it('lets everything else go on, and ends when it is cancelled', async () => {
    const file = keygen('slow', ['-t', 'ed25519', '-a', '24'], passphrase);
    const text = readFileSync(file, 'utf8');
    let beats = 0;
    const heart = setInterval(() => (beats += 1), 5);
    expect((await decryptKey(text, passphrase, signal)).kind).toBe('opened');
    // On the event loop there would be no beat at all.
    expect(beats).toBeGreaterThan(5);
    clearInterval(heart);
    const controller = new AbortController();
    const cancelled = decryptKey(text, passphrase, controller.signal);
    setTimeout(() => controller.abort(), 20);
    await expect(cancelled).rejects.toMatchObject({ reason: 'cancelled' });
  });

  it('works by the worker of the bundle', async () => {
    const { keyWorkerOptions } = await import('../../../scripts/build.mjs');
    await build({ ...keyWorkerOptions, outfile: path('keyWorker.cjs') });
    const work = { kind: 'bcrypt', passphrase: Buffer.from('secret'), salt: Buffer.from('salt'), rounds: 4, bytes: 16 };
    const answers = [path('keyWorker.cjs'), join(process.cwd(), 'src/connection/keys/keyWorker.cjs')].map((file) => {
      const worker = new Worker(file, { workerData: work });
      return new Promise<unknown>((resolve, reject) => worker.once('message', resolve).once('error', reject));
    });
    const [bundled, source] = await Promise.all(answers);
    expect(bundled).toHaveLength(16);
    expect(bundled).toEqual(source);
  });
});

describe('the list of keys', () => {
  async function notes(files: readonly string[]): Promise<unknown[]> {
    const settings = { identityFiles: files, identitiesOnly: false } as unknown as SshSettings;
    const found = [];
    for await (const one of listIdentities(settings, () => Promise.reject(new Error('asked')), silentLogger, signal)) {
      found.push(one);
    }
    return found;
  }

  it('names a file that is configured and not there, and none of those ssh looks for by itself', async () => {
    const defaults = ['id_rsa', 'id_ecdsa', 'id_ecdsa_sk', 'id_ed25519', 'id_ed25519_sk', 'id_xmss'].map(path);
    expect(await notes(defaults)).toEqual([]);
    const misspelt = path('id_ed25591');
    expect(await notes([misspelt])).toEqual([{ label: misspelt, problem: 'no such file' }]);
    expect(await notes([path('id_rsa')])).toEqual([{ label: path('id_rsa'), problem: 'no such file' }]);
    expect(await notes([...defaults, misspelt])).toContainEqual({ label: misspelt, problem: 'no such file' });
  });
});
