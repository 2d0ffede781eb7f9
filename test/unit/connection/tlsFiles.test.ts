import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOverlayError, describeError, type OverlayError } from '../../../src/base/errors';
import { openTcpTransport } from '../../../src/connection/direct/tlsTransport';
import { readTlsFiles } from '../../../src/connection/direct/tlsFiles';
import type { TlsFiles } from '../../../src/model/host/host';
import { TestCa, type Issued } from '../../integration/support/certificates';

describe('the files of a TLS endpoint', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tls-'));
  let ca: TestCa;
  let client: Issued;

  beforeAll(() => {
    ca = new TestCa(dir, 'own');
    client = ca.issue('client');
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const files = (changes: Partial<TlsFiles> = {}): TlsFiles => ({
    ca: ca.file,
    cert: client.cert,
    key: client.key,
    skipVerify: false,
    ...changes,
  });

  function write(name: string, text: string): string {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  }

  function shortKey(): Issued {
    const [cert, key] = [join(dir, 'short.pem'), join(dir, 'short-key.pem')];
    const options = ['-newkey', 'rsa:512', '-subj', '/CN=x', '-nodes', '-keyout', key, '-out', cert];
    execFileSync('openssl', ['req', '-x509', ...options], { stdio: 'pipe' });
    return { cert, key };
  }

  async function refusal(changes: Partial<TlsFiles>): Promise<OverlayError> {
    const error: unknown = await readTlsFiles('node', files(changes), {}).catch((caught: unknown) => caught);
    if (!isOverlayError(error)) throw new Error('it was taken');
    expect(`${error.message} ${JSON.stringify(describeError(error))}`).not.toContain('PRIVATE');
    return error;
  }

  it('are taken when they fit', async () => {
    expect(await readTlsFiles('node', files(), {})).toMatchObject({ hasClientCertificate: true, outdated: {} });
  });

  it.each<[string, () => Partial<TlsFiles>, keyof TlsFiles, string]>([
    ['a key of another certificate', () => ({ key: ca.issue('other').key }), 'key', 'does not belong'],
    ['a certificate in the place of the key', () => ({ key: client.cert }), 'key', 'not a private key in PEM form'],
    [
      'a key that is damaged',
      () => ({ key: write('bad-key', readFileSync(client.key, 'utf8').replace(/\n.{20}/, '\nAAAA')) }),
      'key',
      'cannot be read',
    ],
    ['a key in the place of the certificate', () => ({ cert: client.key }), 'cert', 'not a certificate in PEM form'],
    ['a CA that is text', () => ({ ca: write('text', 'hello') }), 'ca', 'not a certificate in PEM form'],
    ['no CA file', () => ({ ca: join(dir, 'none') }), 'ca', 'no such file'],
    ['a folder', () => ({ cert: dir }), 'cert', 'not a file'],
    ['something huge', () => ({ key: write('huge', ' '.repeat(1024 * 1024 + 1)) }), 'key', 'larger'],
    ['a short key', shortKey, 'cert', 'too short'],
  ])('tell which of them is wrong and why: %s', async (_what, changes, part, why) => {
    const changed = changes();
    const error = await refusal(changed);
    expect(error).toMatchObject({ reason: 'tlsFilesUnusable', params: { path: changed[part] } });
    expect(error.params.message).toContain(why);
  });

  it.each([true, false])('tell a key with a passphrase (old form: %s)', async (oldForm) => {
    const issued = ca.issue('careful', { passphrase: 'at-sea', oldForm });
    expect(await refusal(issued)).toMatchObject({ reason: 'tlsKeyEncrypted', params: { path: issued.key } });
  });

  describe('that are outside of their time', () => {
    /** The error of a connection to a server of ours. */
    async function failure(server: Issued, clientFiles: TlsFiles): Promise<OverlayError> {
      const options = { requestCert: true, rejectUnauthorized: true, ca: readFileSync(ca.file) };
      const pair = { cert: readFileSync(server.cert), key: readFileSync(server.key) };
      const engine = tls.createServer({ ...pair, ...options }, (socket) => socket.on('error', () => undefined));
      await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve));
      const { port } = engine.address() as { port: number };
      const endpoint = { kind: 'tcp', host: '127.0.0.1', port, tls: clientFiles } as const;
      const { signal } = new AbortController();
      const opening = openTcpTransport('node', endpoint, {}, signal, () => undefined);
      const error: unknown = await opening.catch((caught: unknown) => caught);
      engine.close();
      if (isOverlayError(error)) return error;
      throw new Error('it was taken');
    }

    it('are named when the engine refuses: the client certificate', async () => {
      const server = ca.issue('server', { usage: 'serverAuth', san: 'IP:127.0.0.1' });
      const error = await failure(server, files(ca.issue('late', { from: -3, until: -1 })));
      expect(error).toMatchObject({ reason: 'tlsClientRefused' });
      expect(error.params.message).toMatch(/^it has expired \(.* GMT\)$/);
      const early = await failure(server, files(ca.issue('early', { from: 1, until: 2 })));
      expect(early.params.message).toMatch(/^it is not valid before .* GMT$/);
    });

    it('are named when the server is not trusted: the CA, not the certificate of the server', async () => {
      const dates = { from: -3, until: -1, selfSigned: true };
      const old = ca.issue('old', { usage: 'serverAuth', san: 'IP:127.0.0.1', ...dates });
      const error = await failure(old, files({ ca: old.cert }));
      expect(error).toMatchObject({ reason: 'tlsFilesUnusable', params: { name: 'CA certificate', path: old.cert } });
      expect(error.params.message).toContain('it has expired');
    });
  });
});
