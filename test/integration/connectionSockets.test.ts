import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { listContexts } from '../../src/hosts/contexts';
import type { LabHost } from '../lab/lab';
import { TestCa } from './support/certificates';
import { connectionKitForEach } from './support/connectionHooks';
import { type ConnectionKit, engineAgent, failureOf, getText } from './support/connectionKit';

describe('sockets and contexts (integration)', () => {
  let host: LabHost;
  let kit: ConnectionKit;
  const cleanUps = connectionKitForEach((one, lab) => {
    kit = one;
    host = lab.hosts[0] as LabHost;
  });

  async function nameOf(transport: Awaited<ReturnType<ConnectionKit['connect']>>): Promise<string> {
    const agent = engineAgent(transport);
    const { body } = await getText(agent, '/info');
    agent.destroy();
    return (JSON.parse(body) as { Name: string }).Name;
  }

  /** Passes TLS connections with a client certificate of a CA of the test's own on to the engine's socket. */
  async function front(): Promise<{ port: number; certs: string }> {
    const ca = new TestCa(kit.dir, 'ca');
    const own = ca.issue('server', { usage: 'serverAuth', san: 'IP:127.0.0.1' });
    const client = ca.issue('client');
    const [authority, cert, key] = [ca.file, own.cert, own.key].map((file) => readFileSync(file));
    const server = tls.createServer(
      { ca: authority, cert, key, requestCert: true, rejectUnauthorized: true },
      (socket) => {
        const engine = net.connect(host.socketPath);
        socket.on('error', () => engine.destroy());
        engine.on('error', () => socket.destroy());
        socket.pipe(engine).pipe(socket);
      },
    );
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => server.close());
    const certs = `ca=${ca.file},cert=${client.cert},key=${client.key}`;
    return { port: (server.address() as net.AddressInfo).port, certs };
  }

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

  it('tells a refused TCP port', async () => {
    const error = await failureOf(kit.connect('tcp://127.0.0.1:9'));
    expect(error).toMatchObject({ reason: 'connectionRefused', params: { address: '127.0.0.1:9' } });
  });

  it('does not follow DOCKER_HOST of the environment', async () => {
    const env = { DOCKER_HOST: 'tcp://127.0.0.1:9' };
    expect(await nameOf(await kit.connect(`unix://${host.socketPath}`, { env }))).toBe(host.name);
  });

  it('reads the contexts that the docker command makes', async () => {
    const { port, certs } = await front();
    mkdirSync(kit.path('docker'));
    chmodSync(kit.path('docker'), 0o700);
    const env = { DOCKER_CONFIG: kit.path('docker'), DOCKER_HOST: undefined, DOCKER_CONTEXT: undefined };
    const docker = (...args: string[]) =>
      execFileSync('docker', args, { env: { ...process.env, ...env }, encoding: 'utf8' });
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
