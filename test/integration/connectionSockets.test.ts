import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OverlayError } from '../../src/base/errors';
import { listContexts } from '../../src/hosts/contexts';
import type { Lab, LabHost } from '../lab/lab';
import { ConnectionKit, engineAgent, failureOf, getText } from './support/connectionKit';
import { attachLab } from './support/connectionSsh';

describe('sockets, TLS and contexts (integration)', () => {
  let lab: Lab;
  let host: LabHost;
  let kit: ConnectionKit;
  const cleanUps: (() => unknown)[] = [];

  beforeAll(async () => {
    lab = await attachLab();
    host = lab.hosts[0] as LabHost;
  });
  beforeEach(() => {
    kit = new ConnectionKit();
  });
  afterEach(async () => {
    kit.dispose();
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  async function nameOf(transport: Awaited<ReturnType<ConnectionKit['connect']>>): Promise<string> {
    const agent = engineAgent(transport);
    const { body } = await getText(agent, '/info');
    agent.destroy();
    return (JSON.parse(body) as { Name: string }).Name;
  }

  /** Certificates of a CA of the test's own. */
  function certificates(): void {
    const run = (...args: string[]) => execFileSync('openssl', args, { cwd: kit.dir, stdio: 'pipe' });
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    run('req', '-x509', ...newKey, '-keyout', 'ca-key.pem', '-out', 'ca.pem', '-subj', '/CN=test ca', '-days', '2');
    for (const name of ['server', 'client']) {
      writeFileSync(
        kit.path(`${name}.ext`),
        name === 'server' ? 'subjectAltName=IP:127.0.0.1\n' : 'extendedKeyUsage=clientAuth\n',
      );
      run('req', ...newKey, '-keyout', `${name}-key.pem`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
      run(
        'x509',
        '-req',
        '-in',
        `${name}.csr`,
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca-key.pem',
        '-CAcreateserial',
        '-days',
        '2',
        '-extfile',
        `${name}.ext`,
        '-out',
        `${name}.pem`,
      );
    }
  }

  /** Passes connections on to the engine's socket; TLS with client certificates in front of it when wanted. */
  async function front(secure: boolean): Promise<number> {
    const pass = (client: net.Socket) => {
      const engine = net.connect(host.socketPath);
      client.on('error', () => engine.destroy());
      engine.on('error', () => client.destroy());
      client.pipe(engine).pipe(client);
    };
    const pem = (name: string) => readFileSync(kit.path(name));
    const server = secure
      ? tls.createServer(
          {
            ca: pem('ca.pem'),
            cert: pem('server.pem'),
            key: pem('server-key.pem'),
            requestCert: true,
            rejectUnauthorized: true,
          },
          pass,
        )
      : net.createServer(pass);
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => server.close());
    return (server.address() as net.AddressInfo).port;
  }

  const tlsFiles = (changes: Record<string, string | boolean | undefined> = {}) => ({
    ca: kit.path('ca.pem'),
    cert: kit.path('client.pem'),
    key: kit.path('client-key.pem'),
    skipVerify: false,
    ...changes,
  });

  it('uses a Unix socket', async () => {
    expect(await nameOf(await kit.connect(`unix://${host.socketPath}`))).toBe(host.name);
  });

  it('tells a socket that is missing', async () => {
    const error = await failureOf(kit.connect(`unix://${kit.path('none.sock')}`));
    expect(error).toMatchObject({ reason: 'dockerSocketMissing', params: { path: kit.path('none.sock') } });
  });

  it('tells a socket that nobody listens at', async () => {
    writeFileSync(kit.path('dead.sock'), '');
    const error = await failureOf(kit.connect(`unix://${kit.path('dead.sock')}`));
    expect(error).toMatchObject({ reason: 'dockerSocketMissing' });
  });

  it('tells a socket behind which is no engine', async () => {
    const server = net.createServer((socket) => socket.end('hello\n'));
    await new Promise<void>((resolve) => server.listen(kit.path('other.sock'), resolve));
    cleanUps.push(() => server.close());
    const error = await failureOf(kit.connect(`unix://${kit.path('other.sock')}`));
    expect(error).toMatchObject({ reason: 'dockerSocketMissing' });
  });

  it('uses plain TCP and says that it is not protected', async () => {
    const transport = await kit.connect(`tcp://127.0.0.1:${await front(false)}`);
    expect(await nameOf(transport)).toBe(host.name);
    expect(transport.info.because).toContain('not encrypted');
  });

  it('uses TLS with client certificates', async () => {
    certificates();
    const endpoint = { kind: 'tcp', host: '127.0.0.1', port: await front(true), tls: tlsFiles() } as const;
    expect(await nameOf(await kit.connect(endpoint))).toBe(host.name);
  });

  it.each([
    ['no client certificate', { cert: undefined, key: undefined }],
    ['an unknown CA', { ca: undefined }],
    ['a missing file', { ca: '/nowhere/ca.pem' }],
  ])('tells TLS that fails: %s', async (_what, changes) => {
    certificates();
    const endpoint = { kind: 'tcp', host: '127.0.0.1', port: await front(true), tls: tlsFiles(changes) } as const;
    const error = await failureOf(kit.connect(endpoint));
    expect(error).toMatchObject({ reason: 'tlsFailed' });
    expect((error as OverlayError).params.message).not.toContain('PRIVATE');
  });

  it('tells a server certificate made for another name, unless it is not to be verified', async () => {
    certificates();
    const endpoint = { kind: 'tcp', host: 'localhost', port: await front(true), tls: tlsFiles() } as const;
    const error = await failureOf(kit.connect(endpoint));
    expect(error).toMatchObject({
      reason: 'tlsFailed',
      params: { message: expect.stringContaining('another name') as string },
    });
    const insecure = await kit.connect({ ...endpoint, tls: tlsFiles({ skipVerify: true }) });
    expect(insecure.info.because).toContain('not verified');
  });

  it('tells TLS to a port without it, and plain TCP to a port with it', async () => {
    certificates();
    const plain = { kind: 'tcp', host: '127.0.0.1', port: await front(false), tls: tlsFiles() } as const;
    expect(await failureOf(kit.connect(plain))).toMatchObject({ reason: 'tlsFailed' });
    expect(await failureOf(kit.connect(`tcp://127.0.0.1:${await front(true)}`))).toBeInstanceOf(Error);
  });

  it('tells a refused TCP port', async () => {
    const error = await failureOf(kit.connect('tcp://127.0.0.1:9'));
    expect(error).toMatchObject({ reason: 'connectionRefused', params: { address: '127.0.0.1:9' } });
  });

  it('does not follow DOCKER_HOST of the environment', async () => {
    const env = { DOCKER_HOST: 'tcp://127.0.0.1:9' };
    expect(await nameOf(await kit.connect(`unix://${host.socketPath}`, { env }))).toBe(host.name);
  });

  it('reads the contexts that the docker command makes', async () => {
    certificates();
    const port = await front(true);
    mkdirSync(kit.path('docker'));
    chmodSync(kit.path('docker'), 0o700);
    const env = { DOCKER_CONFIG: kit.path('docker'), DOCKER_HOST: undefined, DOCKER_CONTEXT: undefined };
    const docker = (...args: string[]) =>
      execFileSync('docker', args, { env: { ...process.env, ...env }, encoding: 'utf8' });
    const certs = `ca=${kit.path('ca.pem')},cert=${kit.path('client.pem')},key=${kit.path('client-key.pem')}`;
    docker(
      'context',
      'create',
      'by-socket',
      '--docker',
      `host=unix://${host.socketPath}`,
      '--description',
      'the first',
    );
    docker('context', 'create', 'by-ssh', '--docker', `host=ssh://deploy@${host.address}`);
    docker('context', 'create', 'by-tls', '--docker', `host=tcp://127.0.0.1:${port},${certs}`);
    docker('context', 'use', 'by-ssh');

    const said = docker('context', 'ls', '--format', '{{json .}}')
      .trim()
      .split('\n')
      .map(
        (line) => JSON.parse(line) as { Name: string; Current: boolean; DockerEndpoint: string; Description: string },
      );
    const ours = await listContexts({ ...process.env, ...env });
    const sorted = (list: { name: string }[]) => [...list].sort((a, b) => a.name.localeCompare(b.name));
    expect(
      sorted(
        ours.map(({ name, current, target }) => ({
          name,
          current,
          endpoint: target.kind === 'usable' ? target.endpointText : 'broken',
        })),
      ),
    ).toEqual(
      sorted(
        said.map(({ Name, Current, DockerEndpoint }) => ({ name: Name, current: Current, endpoint: DockerEndpoint })),
      ),
    );
    expect(ours.find((context) => context.name === 'by-socket')?.description).toBe('the first');

    for (const name of ['by-socket', 'by-ssh', 'by-tls']) {
      expect(await nameOf(await kit.connect(`context://${name}`, { env }))).toBe(host.name);
    }
    expect(await failureOf(kit.connect('context://none', { env }))).toMatchObject({
      reason: 'contextNotFound',
      params: { name: 'none', host: 'node' },
    });
  });
});
