import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import type { AuthContext, Connection, ServerChannel } from 'ssh2';
import { openSocketTransport } from '../../../src/connection/direct/socketTransport';
import { openTcpTransport } from '../../../src/connection/direct/tlsTransport';
import type { Transport } from '../../../src/connection/transport';
import type { SshTransportChoice } from '../../../src/model/host/host';
import { FakeEngine } from '../../compliance/fakeEngine';
import { transportCompliance, type TransportFixture, type TransportWay } from '../../compliance/transport';
import { TestCa } from '../../integration/support/certificates';
import { LoopbackSsh } from './sshServer';

/** Through an SSH server, by one of our clients. @param forwards whether it forwards the socket of the engine */
function overSsh(transport: SshTransportChoice, forwards: boolean) {
  return async (): Promise<TransportFixture> => {
    const ssh = new LoopbackSsh();
    const engine = new FakeEngine();
    const key = ssh.makeKey('key');
    const authenticate = (context: AuthContext) =>
      context.method === 'publickey' ? context.accept() : context.reject(['publickey']);
    const onClient = (client: Connection) => {
      client.on('openssh.streamlocal', (accept, reject) => (forwards ? engine.serve(accept()) : reject()));
      client.on('session', (accept) => {
        accept().on('exec', (acceptCommand, _reject, { command }) => {
          const channel = acceptCommand();
          if (command === 'flood stderr') flood(channel);
          else dial(engine, channel);
        });
      });
    };
    const dispose = async () => ssh.dispose();
    return endsIfFails(dispose, async () => {
      const port = await ssh.serve({ authenticate, onClient });
      ssh.configure(
        `Host target\n  HostName 127.0.0.1\n  Port ${port}\n  User deploy\n  IdentityFile ${key}\n  IdentitiesOnly yes`,
      );
      return {
        transport: await ssh.connect({ transport }),
        engine,
        die: () => ssh.sockets.forEach((socket) => socket.destroy()),
        freeze: () => ssh.sockets.forEach((socket) => socket.pause()),
        dispose,
      };
    });
  };
}

/** As `docker system dial-stdio`, with a plugin that complains all the time. */
function dial(engine: FakeEngine, channel: ServerChannel): void {
  channel.stderr.write('x'.repeat(64 * 1024));
  channel.once('finish', () => {
    channel.exit(0);
    channel.close();
  });
  engine.serve(channel);
}

function flood(channel: ServerChannel): void {
  const lines = `${'x'.repeat(1023)}\n`.repeat(1024);
  channel.stderr.write(lines, () => {
    channel.write('through all that\n');
    channel.exit(3);
    channel.end();
  });
}

/** Straight to a listening engine. */
async function direct(server: Server, listen: object, engine: FakeEngine) {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(listen, resolve));
  return {
    engine,
    port: (server.address() as AddressInfo).port,
    die: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
    freeze: () => {
      server.removeAllListeners('connection');
      server.on('connection', (socket: Socket) => void sockets.add(socket));
    },
    end: () => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    },
  };
}

const { signal } = new AbortController();
const onStage = () => undefined;
const halfOpen = { allowHalfOpen: true };

/** What was made for a link that did not come is taken away again. */
async function endsIfFails<T>(dispose: () => Promise<void>, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function withTransport(
  dir: string,
  server: Awaited<ReturnType<typeof direct>>,
  open: () => Promise<Transport>,
): Promise<TransportFixture> {
  const dispose = async () => {
    server.end();
    rmSync(dir, { recursive: true, force: true });
  };
  const transport = await endsIfFails(dispose, open);
  const disposeAll = async () => {
    transport.dispose();
    await dispose();
  };
  return { ...server, transport, dispose: disposeAll };
}

async function overSocket(): Promise<TransportFixture> {
  const dir = mkdtempSync(join(tmpdir(), 'compliance-'));
  const path = join(dir, 'docker.sock');
  const engine = new FakeEngine();
  const server = await direct(net.createServer(halfOpen, engine.serve), { path }, engine);
  return withTransport(dir, server, () => openSocketTransport('node', path, signal, onStage));
}

async function overTcp(withTls: boolean): Promise<TransportFixture> {
  const dir = mkdtempSync(join(tmpdir(), 'compliance-'));
  const engine = new FakeEngine();
  const { listener, files } = withTls ? secured(dir, engine) : { listener: net.createServer(halfOpen, engine.serve) };
  const server = await direct(listener, { port: 0, host: '127.0.0.1' }, engine);
  const endpoint = { kind: 'tcp', host: '127.0.0.1', port: server.port, ...(files ? { tls: files } : {}) } as const;
  return withTransport(dir, server, () => openTcpTransport('node', endpoint, process.env, signal, onStage));
}

/** A server that wants a client certificate, and the files to reach it with. */
function secured(dir: string, engine: FakeEngine) {
  const ca = new TestCa(dir, 'own');
  const own = ca.issue('server', { usage: 'serverAuth', san: 'IP:127.0.0.1' });
  const client = ca.issue('client');
  const pair = { cert: readFileSync(own.cert), key: readFileSync(own.key), ca: readFileSync(ca.file) };
  const options = { ...pair, ...halfOpen, requestCert: true, rejectUnauthorized: true };
  const files = { ca: ca.file, cert: client.cert, key: client.key, skipVerify: false };
  return { listener: tls.createServer(options, engine.serve), files };
}

const overSshWay = { commands: true, standingLink: true, deadline: true } as const;
const ownConnections = {
  manyAtOnce: true,
  commands: { cannot: 'there is nobody to run one' },
  standingLink: { cannot: 'each stream is a connection of its own' },
} as const;
const sessions = { cannot: 'a server allows few sessions (MaxSessions)' };
const accepted = { cannot: 'the system takes connections for a server that does not react' };

const ways: readonly TransportWay[] = [
  { name: 'ssh2, streamlocal', open: overSsh('streamlocal', true), ...overSshWay, manyAtOnce: true },
  { name: 'ssh2, dial-stdio', open: overSsh('dialStdio', false), ...overSshWay, manyAtOnce: sessions },
  {
    name: 'the OpenSSH program, streamlocal',
    open: overSsh('systemSsh', true),
    ...overSshWay,
    manyAtOnce: true,
    deadline: { cannot: 'the program takes connections to the forwarded socket by itself' },
  },
  { name: 'the OpenSSH program, dial-stdio', open: overSsh('systemSsh', false), ...overSshWay, manyAtOnce: sessions },
  { name: 'a unix socket', open: overSocket, ...ownConnections, deadline: accepted },
  { name: 'TCP', open: () => overTcp(false), ...ownConnections, deadline: accepted },
  { name: 'TCP with TLS', open: () => overTcp(true), ...ownConnections, deadline: true },
];

transportCompliance(ways);
