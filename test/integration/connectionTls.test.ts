import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import tls from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeError, type OverlayError } from '../../src/base/errors';
import type { Endpoint, TlsFiles } from '../../src/model/host/host';
import { Daemon } from '../lab/daemon';
import type { Lab, LabHost } from '../lab/lab';
import { TestCa, type Issued } from './support/certificates';
import { ConnectionKit, engineAgent, failureOf, getText, person } from './support/connectionKit';
import { attachLab } from './support/connectionSsh';

const tlsPort = 2376;

describe('engines on TCP (integration)', () => {
  let lab: Lab;
  let host: LabHost;
  let kit: ConnectionKit;
  /** Of the whole file: its certificates are those of the engine. */
  let shop: ConnectionKit;
  let ca: TestCa;
  let otherCa: TestCa;
  let client: Issued;
  let engine: Daemon;
  const cleanUps: (() => unknown)[] = [];

  beforeAll(async () => {
    lab = await attachLab();
    host = lab.hosts[0] as LabHost;
    shop = new ConnectionKit();
    ca = new TestCa(shop.dir, 'right-ca');
    otherCa = new TestCa(shop.dir, 'other-ca');
    client = ca.issue('client');
    engine = tlsEngine(ca.issue('server', { usage: 'serverAuth', san: `IP:${host.address}` }));
    await engine.start();
  });
  afterAll(async () => {
    await engine?.stop();
    engine?.forget();
    shop?.dispose();
  });
  beforeEach(() => {
    kit = new ConnectionKit();
  });
  afterEach(async () => {
    kit.dispose();
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  /** A second dockerd of the host, that listens with --tlsverify. */
  function tlsEngine(server: Issued): Daemon {
    const dir = join(host.dir, 'etc/docker-tls');
    mkdirSync(dir, { recursive: true });
    cpSync(ca.file, join(dir, 'ca.pem'));
    cpSync(server.cert, join(dir, 'cert.pem'));
    cpSync(server.key, join(dir, 'key.pem'));
    return new Daemon(host, {
      name: 'dockerd-tls',
      readyWords: 'API listen on',
      command: [
        'dockerd',
        '--data-root=/var/lib/docker-tls',
        '--exec-root=/run/docker-tls',
        '--pidfile=/run/docker-tls.pid',
        '--storage-driver=vfs',
        '--bridge=none',
        '--iptables=false',
        `--host=tcp://0.0.0.0:${tlsPort}`,
        '--tlsverify',
        ...['cacert', 'cert', 'key'].map((part) => `--tls${part}=/etc/docker-tls/${part.replace('cacert', 'ca')}.pem`),
      ],
    });
  }

  const files = (changes: Partial<TlsFiles> = {}): TlsFiles => ({
    ca: ca.file,
    cert: client.cert,
    key: client.key,
    skipVerify: false,
    ...changes,
  });
  const endpoint = (tlsFiles: TlsFiles | undefined, port = tlsPort, name = host.address) =>
    ({ kind: 'tcp', host: name, port, ...(tlsFiles ? { tls: tlsFiles } : {}) }) satisfies Endpoint;

  async function expectDocker(connecting: ReturnType<ConnectionKit['connect']>) {
    const transport = await connecting;
    const agent = engineAgent(transport);
    expect(await getText(agent, '/_ping')).toEqual({ status: 200, body: 'OK' });
    agent.destroy();
    return transport;
  }

  /** Connecting must fail; gives the error, whose words hold no key. */
  async function refusal(tlsFiles: TlsFiles, port = tlsPort, name = host.address): Promise<OverlayError> {
    const error = (await failureOf(kit.connect(endpoint(tlsFiles, port, name)))) as OverlayError;
    const said = `${error.message} ${JSON.stringify(describeError(error))} ${kit.logged.join('\n')}`;
    expect(said).not.toMatch(/PRIVATE|at-sea/);
    return error;
  }

  /** Passes connections at an address of this machine on to the host's engine, and counts them. */
  async function front(server: Issued | undefined, options: tls.TlsOptions = {}, address = '127.0.0.1') {
    const opened = { count: 0 };
    const pass = (socket: net.Socket) => {
      const target = net.connect(host.socketPath);
      socket.on('error', () => target.destroy());
      target.on('error', () => socket.destroy());
      socket.pipe(target).pipe(socket);
    };
    const made = server
      ? tls.createServer({ cert: readFileSync(server.cert), key: readFileSync(server.key), ...options }, pass)
      : net.createServer(pass);
    made.on('connection', () => (opened.count += 1));
    made.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => made.listen(0, address, resolve));
    cleanUps.push(() => made.close());
    return { opened, port: (made.address() as net.AddressInfo).port };
  }

  const ownAddress = () => lab.workstation.address;

  describe('with TLS', () => {
    it('lets in who has the right client certificate', async () => {
      const transport = await expectDocker(kit.connect(endpoint(files())));
      expect(transport.info).toEqual({ description: `tcp + TLS to ${host.address}:${tlsPort}` });
      expect(kit.stages.filter((report) => report.state === 'done').map((report) => report.stage)).toEqual([
        'tcp',
        'hostKey',
        'authentication',
        'engine',
      ]);
    });

    it('takes paths in the home directory', async () => {
      for (const [name, file] of Object.entries({ ca: ca.file, cert: client.cert, key: client.key }))
        cpSync(file, kit.path(`${name}.pem`));
      const paths = { ca: '~/ca.pem', cert: '~/cert.pem', key: '~/key.pem' };
      await expectDocker(kit.connect(endpoint(files(paths)), { env: { HOME: kit.dir } }));
    });

    it('tells a client certificate of another CA, which TLS 1.3 refuses only after the handshake', async () => {
      const error = await refusal(files(otherCa.issue('stranger')));
      expect(error).toMatchObject({ reason: 'tlsClientRefused', params: { address: `${host.address}:${tlsPort}` } });
      expect(error.params.name).toBeUndefined();
      expect(describeError(error).title).toBe('Client certificate refused');
      expect(kit.stages.at(-1)).toMatchObject({ stage: 'authentication', state: 'begun' });
    });

    it('tells a client certificate that has expired', async () => {
      const error = await refusal(files(ca.issue('late', { from: -3, until: -1 })));
      expect(error).toMatchObject({ reason: 'tlsClientRefused' });
    });

    it('tells that a client certificate is wanted', async () => {
      const error = await refusal(files({ cert: undefined, key: undefined }));
      expect(error).toMatchObject({ reason: 'tlsClientRefused', params: { name: 'none' } });
      expect(describeError(error).title).toBe('Engine wants a client certificate');
    });

    it('tells a client certificate that TLS 1.2 refuses during the handshake', async () => {
      const server = ca.issue('old', { usage: 'serverAuth', san: 'IP:127.0.0.1' });
      const port = 20_000 + (process.pid % 10_000);
      const chain = ['-cert', server.cert, '-key', server.key, '-CAfile', ca.file];
      const strict = ['-tls1_2', '-Verify', '1', '-verify_return_error', '-quiet'];
      const openssl = spawn('openssl', ['s_server', '-accept', `127.0.0.1:${port}`, ...chain, ...strict]);
      cleanUps.push(async () => {
        const ended = once(openssl, 'exit');
        openssl.kill();
        await ended;
      });
      await expect.poll(() => answers(port), { timeout: 20_000 }).toBe(true);
      expect(await refusal(files(otherCa.issue('stranger')), port, '127.0.0.1')).toMatchObject({
        reason: 'tlsClientRefused',
        params: { message: expect.stringContaining('CA the engine does not know') as string },
      });
    });

    it('tells a server certificate of another CA, with the CA it was judged by', async () => {
      const error = await refusal(files({ ca: otherCa.file }));
      expect(error).toMatchObject({ reason: 'tlsServerUntrusted', params: { name: `the CA ${otherCa.file}` } });
      expect(await refusal(files({ ca: undefined }))).toMatchObject({ reason: 'tlsServerUntrusted' });
    });

    it.each([
      ['has expired', { from: -3, until: -1 }],
      ['is not valid yet', { from: 1, until: 2 }],
    ])('tells a server certificate that %s', async (message, dates) => {
      const { port } = await front(ca.issue('server', { usage: 'serverAuth', san: 'IP:127.0.0.1', ...dates }));
      const error = await refusal(files(), port, '127.0.0.1');
      expect(error).toMatchObject({ reason: 'tlsServerExpired', params: { message } });
    });

    it('tells a server certificate that is made for another name', async () => {
      const error = await refusal(files(), tlsPort, host.name);
      expect(error).toMatchObject({ reason: 'tlsServerName', params: { items: [host.address] } });
      expect(describeError(error).happened).toContain(host.address);
    });

    it.each([{ oldForm: false }, { oldForm: true }])('tells a client key with a passphrase (%o)', async (form) => {
      const issued = ca.issue('careful', { passphrase: 'at-sea', ...form });
      const error = await refusal(files(issued));
      expect(error).toMatchObject({ reason: 'tlsKeyEncrypted', params: { path: issued.key } });
      expect(describeError(error).command).toContain(`openssl pkey -in ${issued.key} `);
    });

    it.each([
      ['a key of another certificate', () => ({ key: ca.issue('other').key }), 'client key'],
      ['a key that is none', () => ({ key: client.cert }), 'client key'],
      ['a certificate that is none', () => ({ cert: client.key }), 'client certificate'],
      ['a CA that is none', () => ({ ca: client.key }), 'CA certificate'],
      ['a missing file', () => ({ ca: '/nowhere/ca.pem' }), 'CA certificate'],
      ['a folder', () => ({ cert: '/tmp' }), 'client certificate'],
      ['a certificate without its key', () => ({ key: undefined }), 'client key'],
      ['a key without its certificate', () => ({ cert: undefined }), 'client certificate'],
    ])('tells files that do not do: %s', async (_what, changes, name) => {
      expect(await refusal(files(changes()))).toMatchObject({ reason: 'tlsFilesUnusable', params: { name } });
      expect(kit.stages).toEqual([]);
    });

    it('tells TLS to a port without it, and plain TCP to a port with it', async () => {
      const { port } = await front(undefined);
      expect(await refusal(files(), port, '127.0.0.1')).toMatchObject({ reason: 'tlsFailed' });
      const agreeing = person({ consent: true });
      const error = await failureOf(kit.connect(endpoint(undefined), { person: agreeing }));
      expect(error).toMatchObject({ reason: 'tlsFailed', params: { message: 'the engine there wants TLS' } });
    });

    it('gives up on a server that says nothing, to be tried again', async () => {
      const silent = net.createServer(() => undefined);
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      cleanUps.push(() => silent.close());
      const { port } = silent.address() as net.AddressInfo;
      expect(await refusal(files(), port, '127.0.0.1')).toMatchObject({
        reason: 'requestTimeout',
        params: { name: 'TLS handshake' },
      });
    });

    it('goes through a context, and tells what is wrong with it in the same words', async () => {
      const env = { DOCKER_CONFIG: kit.path('docker') };
      const context = async (name: string, parts: Partial<TlsFiles>) => {
        const { ca: authority, cert, key } = files(parts);
        const words = [`host=tcp://${host.address}:${tlsPort}`, `ca=${authority}`, `cert=${cert}`, `key=${key}`];
        const made = spawn('docker', ['context', 'create', name, '--docker', words.join(',')], {
          env: { ...process.env, ...env, DOCKER_HOST: '', DOCKER_CONTEXT: '' },
          stdio: 'ignore',
        });
        expect(await once(made, 'exit')).toEqual([0, null]);
      };
      mkdirSync(kit.path('docker'));
      await context('right', {});
      await context('wrong', otherCa.issue('stranger'));
      await context('foreign', { ca: otherCa.file });
      await expectDocker(kit.connect('context://right', { env }));
      expect(await failureOf(kit.connect('context://wrong', { env }))).toMatchObject({ reason: 'tlsClientRefused' });
      expect(await failureOf(kit.connect('context://foreign', { env }))).toMatchObject({
        reason: 'tlsServerUntrusted',
        params: { name: expect.stringMatching(/^the CA .*ca\.pem$/) as string },
      });
    });
  });

  describe('that is not protected', () => {
    const insecure: readonly [string, string, () => Promise<{ opened: { count: number }; target: Endpoint }>][] = [
      [
        'plain TCP',
        'plain TCP, not encrypted',
        async () => {
          const { opened, port } = await front(undefined, {}, ownAddress());
          return { opened, target: endpoint(undefined, port, ownAddress()) };
        },
      ],
      [
        'a certificate that is not verified',
        'certificate not verified',
        async () => {
          const server = otherCa.issue('server', { usage: 'serverAuth', from: -3, until: -1 });
          const { opened, port } = await front(server, {}, ownAddress());
          return { opened, target: endpoint(files({ skipVerify: true }), port, ownAddress()) };
        },
      ],
    ];

    it.each(insecure)('connects over %s once it is agreed to, and says so', async (_what, why, make) => {
      const { target } = await make();
      const agreeing = person({ consent: true });
      const transport = await expectDocker(kit.connect(target, { person: agreeing }));
      expect(transport.info).toMatchObject({ insecure: why });
      const { host: name, port } = target as Endpoint & { kind: 'tcp' };
      expect(agreeing.asked.insecure).toEqual([{ host: 'node', address: `${name}:${port}`, why }]);
    });

    it.each(insecure)('sends nothing over %s when it is declined', async (_what, why, make) => {
      const { target, opened } = await make();
      expect(await failureOf(kit.connect(target))).toMatchObject({
        reason: 'insecureDeclined',
        params: { host: 'node', message: why },
      });
      expect(opened.count).toBe(0);
    });

    it.each(insecure)('asks nobody about %s when it is not to, unless consent was kept', async (_what, why, make) => {
      const { target, opened } = await make();
      const asked = person({ consent: true });
      const error = await failureOf(kit.connect(target, { person: asked, interactive: false }));
      expect(error).toMatchObject({ reason: 'interactionNeeded', params: { host: 'node' } });
      expect(describeError(error).title).toContain(why);
      expect(opened.count).toBe(0);
      expect(asked.asked.insecure).toEqual([]);
      const kept = {
        passphrase: async () => undefined,
        password: async () => undefined,
        consentInsecure: ({ why: words }: { why: string }) => words === why,
      };
      await expectDocker(kit.connect(target, { person: { ...asked, kept }, interactive: false }));
      expect(asked.asked.insecure).toEqual([]);
    });

    it('asks about a context that leads there as well', async () => {
      const { port } = await front(undefined, {}, ownAddress());
      const target = endpoint(undefined, port, ownAddress());
      const dir = kit.path('docker');
      mkdirSync(dir);
      writeFileSync(join(dir, 'config.json'), '{}');
      const env = { DOCKER_CONFIG: dir, DOCKER_HOST: `tcp://${target.host}:${port}` };
      const declining = person();
      const error = await failureOf(kit.connect('context://default', { person: declining, env }));
      expect(error).toMatchObject({ reason: 'insecureDeclined' });
      expect(declining.asked.insecure).toHaveLength(1);
    });

    it('does not ask about plain TCP that stays on this machine', async () => {
      const { port } = await front(undefined);
      const asked = person();
      const transport = await expectDocker(kit.connect(endpoint(undefined, port, '127.0.0.1'), { person: asked }));
      expect(transport.info.insecure).toBeUndefined();
      expect(transport.info.because).toContain('not encrypted');
      expect(asked.asked.insecure).toEqual([]);
    });
  });
});

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}
