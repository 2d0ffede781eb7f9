import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { describe, expect, it } from 'vitest';
import { isOverlayError } from '../../src/base/errors';
import { listContexts, readContext } from '../../src/hosts/contexts';
import { formatEndpoint, parseEndpoint } from '../../src/hosts/endpoint';
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

  it('reads an ssh:// endpoint as docker does, and refuses what docker refuses', () => {
    const bin = kit.path('bin');
    const heard = kit.path('heard');
    mkdirSync(bin);
    // Instead of connecting it notes what docker would have ssh do.
    writeFileSync(`${bin}/ssh`, `#!/bin/sh\nprintf '%s\\n' "$@" >'${heard}'\nexit 1\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, DOCKER_CONFIG: kit.path('docker') };
    /** Target of the ssh that docker starts; undefined when it starts none. */
    const byDocker = (endpoint: string) => {
      rmSync(heard, { force: true });
      rmSync(kit.path('docker'), { recursive: true, force: true });
      mkdirSync(kit.path('docker'));
      const docker = (...args: string[]) => spawnSync('docker', args, { env, timeout: 20_000 });
      docker('context', 'create', 'one', '--docker', `host=${endpoint}`);
      docker('--context', 'one', 'version');
      if (!existsSync(heard)) return undefined;
      const words = readFileSync(heard, 'utf8').trimEnd().split('\n');
      const valueOf = (option: string) => (words.includes(option) ? words[words.indexOf(option) + 1] : undefined);
      const target = words.filter((word, at) => !/^-/.test(word) && !/^-[lp]$/.test(words[at - 1] ?? ''))[0];
      return { host: target, user: valueOf('-l'), port: valueOf('-p') };
    };
    const byUs = (text: string) => {
      try {
        const endpoint = parseEndpoint(text);
        if (endpoint.kind !== 'ssh') return undefined;
        const { host: target, user, port } = endpoint;
        return { host: target, user, port: port === undefined ? undefined : String(port) };
      } catch (error) {
        return isOverlayError(error, 'hostConfigInvalid') ? undefined : error;
      }
    };
    // Without paths, which the CLI takes since 23.0 only.
    const taken = [
      ...['ssh://h', 'SSH://me@h', 'ssh://h:', 'ssh://h:22', 'ssh://CORP%5Cjdoe@h', 'ssh://a@b@h', 'ssh://a%40b@h'],
      ...['ssh://a$b@h', 'ssh://a%23b@h', 'ssh://a%2Fb@h', 'ssh://a%3Ab@h', 'ssh://@h', 'ssh://%C3%BC@h'],
      ...['ssh://[fd00::5]:22', 'ssh://[fe80::1%25eth0]', 'ssh://%C3%BC.example', 'ssh://a_b.example'],
    ];
    for (const text of taken) expect([text, byUs(text)]).toEqual([text, byDocker(text)]);
    const refused = [
      ...[
        'ssh://CORP\\jdoe@h',
        'ssh://a#b@h',
        'ssh://a?b@h',
        'ssh://ü@h',
        'ssh://a b@h',
        'ssh://a%zz@h',
        'ssh://me:pw@h',
      ],
      ...[
        'ssh://:@h',
        'ssh://h?x',
        'ssh://h#x',
        'ssh://h/%zz',
        'ssh://h:abc',
        'ssh://h%41',
        'ssh://',
        'ssh:///x',
        'ssh://:22',
      ],
    ];
    for (const text of refused) expect([text, byDocker(text), byUs(text)]).toEqual([text, undefined, undefined]);
  });

  it('takes DOCKER_HOST for what docker takes it', async () => {
    mkdirSync(kit.path('docker'));
    const env = { ...process.env, DOCKER_CONFIG: kit.path('docker'), DOCKER_CONTEXT: undefined };
    const format = ['--format', '{{.Endpoints.docker.Host}}'];
    const hosts = [
      'h:2375',
      'h',
      ':2376',
      'tcp://',
      'tcp://h',
      'tcp://h:',
      'tcp://:5',
      'tcp://[::1]:',
      ' tcp://h ',
      'unix://',
    ];
    for (const DOCKER_HOST of [...hosts, 'unix:///a b$c.sock', 'ssh://me@h:22']) {
      const all = { ...env, DOCKER_HOST };
      const said = execFileSync('docker', ['context', 'inspect', 'default', ...format], { env: all, encoding: 'utf8' });
      const ours = formatEndpoint(await readContext('default', all));
      expect({ DOCKER_HOST, endpoint: ours }).toEqual({ DOCKER_HOST, endpoint: said.trim() });
    }
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
