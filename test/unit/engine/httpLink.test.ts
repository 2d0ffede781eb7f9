import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeError, type OverlayError } from '../../../src/base/errors';
import { createLogger, silentLogger } from '../../../src/base/logger';
import { Secret } from '../../../src/base/text/redact';
import { createEngine } from '../../../src/engine/createEngine';
import type { Engine } from '../../../src/engine/api';
import { SocketTransport } from './socketTransport';

/** Answers as an engine where the engine itself does not matter: headers, timing, broken streams. */
class Answerer {
  readonly requests: { method: string; url: string; body: string; headers: IncomingMessage['headers'] }[] = [];
  readonly sockets = new Set<Socket>();
  readonly server: Server;
  apiVersion = '1.41';
  answer: (request: IncomingMessage, response: ServerResponse) => void = (_, response) => response.end('[]');

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url = '', headers } = request;
        this.requests.push({ method, url, body: Buffer.concat(chunks).toString(), headers });
        if (url === '/_ping') response.setHeader('Api-Version', this.apiVersion).end('OK');
        else this.answer(request, response);
      });
    });
    this.server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  get urls(): string[] {
    return this.requests.map((request) => request.url);
  }
}

let dir: string;
let answerer: Answerer;
let transport: SocketTransport;
let engine: Engine;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'engine-'));
  answerer = new Answerer();
  await new Promise<void>((resolve) => answerer.server.listen(join(dir, 'docker.sock'), resolve));
  transport = new SocketTransport(join(dir, 'docker.sock'));
  engine = createEngine(transport, { host: 'node1', logger: silentLogger });
});

afterEach(async () => {
  vi.unstubAllEnvs();
  engine.dispose();
  transport.dispose();
  for (const socket of answerer.sockets) socket.destroy();
  await new Promise((resolve) => answerer.server.close(resolve));
  await rm(dir, { recursive: true });
});

const token = `SWMTKN-1-${'a'.repeat(50)}-${'b'.repeat(25)}`;
const id = 'a'.repeat(64);

describe('requests', () => {
  it('negotiates once, without a version in the path, and uses what came out', async () => {
    answerer.apiVersion = '1.44';
    await Promise.all([engine.networks.list(), engine.containers.list(), engine.swarm.nodes()]);
    expect(answerer.urls.filter((url) => url === '/_ping')).toHaveLength(1);
    expect(answerer.urls.slice(1).every((url) => url.startsWith('/v1.44/'))).toBe(true);
  });

  it('refuses an engine that is too old before asking it anything', async () => {
    answerer.apiVersion = '1.40';
    await expect(engine.networks.list()).rejects.toMatchObject({ reason: 'engineTooOld', params: { host: 'node1' } });
    expect(answerer.urls).toEqual(['/_ping']);
  });

  it('says what to do when an engine takes only newer versions', async () => {
    answerer.apiVersion = '1.60';
    answerer.answer = (_, response) =>
      response.writeHead(400).end(
        JSON.stringify({
          message:
            'client version 1.51 is too old. Minimum supported API version is 1.55, please upgrade your client to a newer version',
        }),
      );
    const error = (await engine.networks.list().catch((reason: unknown) => reason)) as OverlayError;
    expect(error).toMatchObject({ reason: 'engineTooNew', params: { host: 'node1', message: '1.55' } });
    const { happened, remedy } = describeError(error);
    expect(happened).toContain('from version 1.55 on');
    expect(remedy).toContain('Update the extension');
  });

  it('takes null for an empty list, and for no record', async () => {
    answerer.answer = (_, response) => response.end('null');
    await expect(engine.networks.list()).resolves.toEqual([]);
    await expect(engine.swarm.nodes()).resolves.toEqual([]);
    await expect(engine.containers.inspect(id)).rejects.toMatchObject({ reason: 'engineError' });
    const request = { name: 'c', image: 'alpine', network: id, command: ['true'], labels: {} };
    await expect(engine.containers.create(request)).rejects.toMatchObject({ reason: 'engineError' });
  });

  it('opens no more streams than the link allows, also when that becomes less', async () => {
    let most = 0;
    answerer.answer = (_, response) => {
      most = Math.max(most, transport.open);
      setTimeout(() => response.end('[]'), 5);
    };
    const load = () => Promise.all(Array.from({ length: 20 }, () => engine.containers.list()));
    transport.maxStreams = 3;
    await load();
    expect(most).toBe(3);
    transport.maxStreams = 1;
    for (const socket of transport.opened) socket.destroy();
    await vi.waitFor(() => expect(transport.open).toBe(0));
    most = 0;
    await load();
    expect(most).toBe(1);
  });

  it('counts what upgraded requests hold', async () => {
    transport.maxStreams = 4;
    answerer.server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    });
    answerer.answer = (request, response) =>
      response.end(request.url?.includes('/exec') ? JSON.stringify({ Id: id, ID: id }) : '[]');
    const session = await engine.containers.openTerminal(id, { command: ['sh'], columns: 80, rows: 24 });
    await Promise.all(Array.from({ length: 10 }, () => engine.containers.list()));
    expect(transport.open).toBe(4);
    // One more would leave the requests too few.
    await expect(engine.containers.openTerminal(id, { command: ['sh'], columns: 80, rows: 24 })).rejects.toMatchObject({
      reason: 'noRoomForTerminal',
      params: { host: 'node1' },
    });
    session.stream.destroy();
    await vi.waitFor(async () => {
      const next = await engine.containers.openTerminal(id, { command: ['sh'], columns: 80, rows: 24 });
      next.stream.destroy();
    });
  });

  it('gives back the last stream when a terminal has taken it', { timeout: 40_000 }, async () => {
    transport.maxStreams = 4;
    answerer.server.on('upgrade', (_request, socket) => {
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    });
    answerer.answer = (request, response) => {
      // The size is never taken, as on a link that has no stream for it.
      if (request.url?.includes('/resize')) return;
      response.end(request.url?.includes('/exec') ? JSON.stringify({ Id: id, ID: id }) : '[]');
    };
    const opening = engine.containers.openTerminal(id, { command: ['sh'], columns: 80, rows: 24 });
    await expect(opening).rejects.toMatchObject({ reason: 'noRoomForTerminal' });
    // What runs in it is ended too.
    expect(answerer.urls.filter((url) => url.endsWith('/exec'))).toHaveLength(2);
  });

  it('negotiates anew after a failure', async () => {
    answerer.apiVersion = '';
    await expect(engine.networks.list()).rejects.toMatchObject({ reason: 'engineError' });
    answerer.apiVersion = '1.47';
    await expect(engine.networks.list()).resolves.toEqual([]);
  });

  it('uses one stream for requests one after another', async () => {
    for (let count = 0; count < 5; count++) await engine.containers.list();
    expect(transport.opened).toHaveLength(1);
  });

  it('goes over its link and nowhere else, whatever the environment says', async () => {
    vi.stubEnv('DOCKER_HOST', 'tcp://203.0.113.1:2375');
    vi.stubEnv('DOCKER_TLS_VERIFY', '1');
    vi.stubEnv('DOCKER_CERT_PATH', '/nonexistent');
    vi.stubEnv('DOCKER_PATH_PREFIX', '/evil');
    vi.stubEnv('http_proxy', 'http://203.0.113.1:3128');
    const other = createEngine(transport, { host: 'node1', logger: silentLogger });
    await expect(other.containers.list()).resolves.toEqual([]);
    other.dispose();
    expect(answerer.urls).toEqual(['/_ping', '/v1.41/containers/json?all=1']);
  });

  it('follows no redirect', async () => {
    answerer.answer = (_, response) => response.writeHead(301, { Location: '/v1.41/secrets' }).end();
    await expect(engine.containers.list()).rejects.toMatchObject({ reason: 'engineError', params: { status: 301 } });
    expect(answerer.urls).not.toContain('/v1.41/secrets');
  });

  it('sends no id that would change the path', async () => {
    const evil = '../containers/json?all=1#';
    const { networks, containers, images, swarm } = engine;
    const exec = { command: ['true'], onStdout() {} };
    const container = { name: 'c', image: 'alpine', command: ['true'], labels: {} };
    const calls = [
      networks.inspect(evil),
      networks.survey(evil),
      networks.remove(evil),
      networks.connect(evil, id),
      networks.connect(id, evil),
      networks.disconnect(evil, id, { force: true }),
      networks.disconnect(id, evil, { force: true }),
      containers.inspect(evil),
      containers.start(evil),
      containers.remove(evil),
      containers.exec(evil, exec),
      containers.openTerminal(evil, { command: ['sh'], columns: 80, rows: 24 }),
      containers.create({ ...container, network: evil }),
      swarm.node(evil),
      swarm.updateNode(evil, { role: 'worker' }),
      swarm.removeNode(evil, { force: true }),
      images.find(evil),
      images.save(evil),
      images.pull(evil),
    ];
    for (const call of await Promise.allSettled(calls)) {
      expect(call).toMatchObject({ status: 'rejected', reason: { reason: 'invalidArguments' } });
    }
    expect(answerer.urls.filter((url) => url !== '/_ping')).toEqual([]);
  });

  it('encodes what a reference may contain', async () => {
    answerer.answer = (_, response) =>
      response.end(JSON.stringify({ Id: `sha256:${id}`, Os: 'linux', Architecture: 'arm64' }));
    await expect(engine.images.find('host:5000/team/alpine:1@sha256:abc')).resolves.toEqual({
      id: `sha256:${id}`,
      os: 'linux',
      architecture: 'arm64',
    });
    expect(answerer.urls.at(-1)).toBe('/v1.41/images/host%3A5000%2Fteam%2Falpine%3A1%40sha256%3Aabc/json');
  });

  it('encrypts by presence: off leaves the option out, even one that was asked for', async () => {
    answerer.answer = (request, response) =>
      response.end(JSON.stringify(request.method === 'POST' ? { Id: id } : { Id: id, Driver: 'overlay' }));
    const request = {
      name: 'my_net',
      driver: 'overlay' as const,
      attachable: true,
      internal: false,
      ipv6: false,
      subnets: [],
      options: { encrypted: 'false', 'com.docker.network.driver.mtu': '1400' },
    };
    await engine.networks.create({ ...request, encrypted: false });
    await engine.networks.create({ ...request, encrypted: true });
    const sent = answerer.requests
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => (JSON.parse(body) as { Options: unknown }).Options);
    expect(sent).toEqual([
      { 'com.docker.network.driver.mtu': '1400' },
      { 'com.docker.network.driver.mtu': '1400', encrypted: '' },
    ]);
  });
});

describe('secrets', () => {
  it('go in the body of a join and nowhere else', async () => {
    const lines: string[] = [];
    const sink = (line: string) => lines.push(line);
    const logger = createLogger({ debug: sink, info: sink, warn: sink, error: sink });
    const logging = createEngine(transport, { host: 'node1', logger });
    answerer.answer = (_, response) => response.writeHead(500).end(JSON.stringify({ message: `no: ${token}` }));
    const error: unknown = await logging.swarm
      .join({ remoteAddress: '10.0.0.1:2377', token: new Secret(token) })
      .catch((reason: unknown) => reason);
    logging.dispose();
    const sent = answerer.requests.at(-1);
    expect(JSON.parse(sent?.body ?? '')).toMatchObject({ JoinToken: token, RemoteAddrs: ['10.0.0.1:2377'] });
    expect(`${sent?.url} ${JSON.stringify(sent?.headers)}`).not.toContain('SWMTKN');
    expect(lines.join('\n')).toContain('swarm join');
    expect(`${lines.join('\n')} ${JSON.stringify(error)} ${String(error)}`).not.toContain('SWMTKN-1');
  });

  it('are not printed by DEBUG=*', async () => {
    answerer.answer = (_, response) => response.end();
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', join(import.meta.dirname, 'joinOnce.ts'), join(dir, 'docker.sock'), token],
      { env: { ...process.env, DEBUG: '*', NODE_DEBUG: 'modem,dockerode' }, cwd: process.cwd() },
    );
    expect(stdout).toContain('joined');
    expect(`${stdout}${stderr}`).not.toContain('SWMTKN');
  });
});

describe('broken and slow engines', () => {
  it('end a request in time, and its stream with it', async () => {
    answerer.answer = () => undefined;
    await engine.ping();
    await expect(engine.networks.list({ timeoutMs: 50 })).rejects.toMatchObject({
      reason: 'requestTimeout',
      params: { host: 'node1', name: 'network list', seconds: 0.1 },
    });
    await vi.waitFor(() => expect(transport.open).toBe(0));
  });

  it('end a request that is cancelled, and its stream with it, also within the answer', async () => {
    const started = new Promise<void>((resolve) => {
      answerer.answer = (_, response) => {
        response.write('[{"Id":');
        resolve();
      };
    });
    const controller = new AbortController();
    const listing = engine.networks.list({ signal: controller.signal });
    await started;
    controller.abort();
    await expect(listing).rejects.toMatchObject({ reason: 'cancelled' });
    await vi.waitFor(() => expect(transport.open).toBe(0));
  });

  it('a signal that has aborted already sends nothing', async () => {
    await expect(engine.networks.list({ signal: AbortSignal.abort() })).rejects.toMatchObject({ reason: 'cancelled' });
    expect(answerer.urls).toEqual([]);
  });

  it('one caller that gives up during the negotiation does not end it for the others', async () => {
    const controller = new AbortController();
    const first = engine.networks.list({ signal: controller.signal });
    const second = engine.containers.list();
    controller.abort();
    await expect(first).rejects.toMatchObject({ reason: 'cancelled' });
    await expect(second).resolves.toEqual([]);
  });

  it('a kept stream that died is replaced for reads', async () => {
    await engine.containers.list();
    let attempts = 0;
    answerer.answer = (request, response) => {
      attempts += 1;
      if (attempts === 1) request.socket.destroy();
      else response.end('[]');
    };
    await expect(engine.containers.list()).resolves.toEqual([]);
    expect(attempts).toBe(2);
  });

  it('what changes something is not sent twice', async () => {
    await engine.containers.list();
    let attempts = 0;
    answerer.answer = (request) => {
      attempts += 1;
      request.socket.destroy();
    };
    await expect(engine.containers.start(id)).rejects.toMatchObject({ reason: 'linkLost', params: { host: 'node1' } });
    expect(attempts).toBe(1);
  });

  it('an answer that breaks off is a lost link', async () => {
    answerer.answer = (request, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('[{', () => request.socket.destroy());
    };
    await expect(engine.networks.list()).rejects.toMatchObject({ reason: 'linkLost' });
  });

  it('an answer that is no JSON is no engine', async () => {
    answerer.answer = (_, response) => response.end('<html>');
    await expect(engine.networks.list()).rejects.toMatchObject({ reason: 'engineError' });
  });

  it('a stream that cannot be opened says why', async () => {
    const nowhere = createEngine(new SocketTransport(join(dir, 'nowhere.sock')), {
      host: 'node1',
      logger: silentLogger,
    });
    await expect(nowhere.info()).rejects.toMatchObject({ reason: 'linkLost', params: { host: 'node1' } });
    nowhere.dispose();
  });
});

describe('disposal', () => {
  it('rejects what is under way, closes all streams and takes no more', async () => {
    answerer.answer = () => undefined;
    await engine.ping();
    const pending = [engine.networks.list(), engine.containers.list(), engine.swarm.nodes()];
    await vi.waitFor(() => expect(answerer.requests).toHaveLength(4));
    engine.dispose();
    for (const each of pending) await expect(each).rejects.toMatchObject({ reason: 'linkLost' });
    await vi.waitFor(() => expect(transport.open).toBe(0));
    await expect(engine.networks.list()).rejects.toMatchObject({ reason: 'notConnected' });
  });

  it('closes a stream that opens late', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    let isAsked = false;
    const late = createEngine(
      {
        info: transport.info,
        onDidClose: transport.onDidClose,
        dispose: () => undefined,
        openEngineStream: async () => {
          isAsked = true;
          await gate;
          return transport.openEngineStream();
        },
      },
      { host: 'node1', logger: silentLogger },
    );
    const pending = late.info();
    await vi.waitFor(() => expect(isAsked).toBe(true));
    late.dispose();
    await expect(pending).rejects.toMatchObject({ reason: 'linkLost' });
    release();
    await vi.waitFor(() => expect(transport.opened).toHaveLength(1));
    await vi.waitFor(() => expect(transport.open).toBe(0));
    expect(answerer.requests).toEqual([]);
  });
});

describe('events', () => {
  const event = { Type: 'network', Action: 'create', Actor: { ID: id, Attributes: { name: 'n' } } };

  it('come as they are sent, in whatever pieces, after the subscription', async () => {
    const seen: string[] = [];
    answerer.answer = (_, response) => {
      const text = `${JSON.stringify(event)}\n${JSON.stringify({ ...event, Action: 'remove' })}\n`;
      response.flushHeaders();
      response.write(text.slice(0, 30), () => response.write(text.slice(30)));
    };
    const controller = new AbortController();
    const following = engine.events(
      { onReady: () => seen.push('ready'), onEvent: ({ action }) => seen.push(action) },
      controller.signal,
    );
    await vi.waitFor(() => expect(seen).toEqual(['ready', 'create', 'remove']));
    controller.abort();
    await expect(following).resolves.toBeUndefined();
    await vi.waitFor(() => expect(transport.open).toBe(0));
  });

  it('reject when the stream breaks, and when it ends', async () => {
    answerer.answer = (request, response) => response.write('\n', () => request.socket.destroy());
    const never = new AbortController().signal;
    await expect(engine.events({ onEvent() {} }, never)).rejects.toMatchObject({ reason: 'linkLost' });
    answerer.answer = (_, response) => response.end('\n');
    await expect(engine.events({ onEvent() {} }, never)).rejects.toMatchObject({ reason: 'linkLost' });
  });

  it('end with the engine', async () => {
    let ready: () => void = () => undefined;
    const isReady = new Promise<void>((resolve) => (ready = resolve));
    answerer.answer = (_, response) => response.flushHeaders();
    const following = engine.events({ onReady: ready, onEvent() {} }, new AbortController().signal);
    const settled = expect(following).rejects.toMatchObject({ reason: 'linkLost' });
    await isReady;
    engine.dispose();
    await settled;
  });
});

describe('an engine, or what stands before it, that breaks the rules', () => {
  it('may upgrade what asked for none, without keeping streams and places', async () => {
    answerer.server.on('connection', (socket: Socket) => {
      socket.on('data', (data) => {
        if (data.includes('/_ping')) return;
        // The server takes the request as well, and its answer is too late.
        socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
      });
    });
    answerer.answer = () => undefined;
    for (let attempt = 0; attempt < 70; attempt++) {
      await expect(engine.info({ timeoutMs: 3_000 })).rejects.toMatchObject({
        reason: 'engineError',
        params: { status: 101 },
      });
    }
    await vi.waitFor(() => expect(transport.open).toBeLessThan(3));
  });

  it('may answer a terminal without upgrading: its stream is ended', async () => {
    const held: Socket[] = [];
    answerer.answer = (request, response) => {
      if (request.url?.endsWith('/exec')) response.statusCode = 201;
      if (request.url?.endsWith('/start')) {
        held.push(request.socket);
        response.writeHead(200, { 'Content-Type': 'application/vnd.docker.raw-stream' });
        response.write('never ends');
      } else response.end(JSON.stringify({ Id: id }));
    };
    const opening = engine.containers.openTerminal(
      id,
      { command: ['sh'], columns: 80, rows: 24 },
      { timeoutMs: 3_000 },
    );
    await expect(opening).rejects.toMatchObject({
      reason: 'engineError',
      params: { message: 'its answer is not a stream' },
    });
    expect(held.length).toBeGreaterThan(0);
    await vi.waitFor(() => expect(held.every((socket) => socket.destroyed)).toBe(true));
  });

  it('may give an error without end: a few kilobytes of it are read', async () => {
    let written = 0;
    const flood = (response: ServerResponse) => {
      const more = () => {
        while (!response.destroyed && written < 64 * 1024 * 1024) {
          written += 64 * 1024;
          if (!response.write(Buffer.alloc(64 * 1024, 'a.'))) return;
        }
      };
      response.on('drain', more);
      more();
    };
    answerer.answer = (_, response) => {
      response.statusCode = 500;
      flood(response);
    };
    await expect(engine.info()).rejects.toMatchObject({ reason: 'engineError', params: { status: 500 } });
    expect(written).toBeLessThan(8 * 1024 * 1024);
    await vi.waitFor(() => expect(transport.open).toBe(0));
  });

  it('may write records in a new way: what was left out is in the log', async () => {
    const lines: string[] = [];
    const sink = (line: string) => lines.push(line);
    const logger = createLogger({ debug: sink, info: sink, warn: sink, error: sink });
    const watched = createEngine(transport, { host: 'node1', logger });
    answerer.answer = (_, response) => response.end(JSON.stringify([{ Id: 'a new form' }, { ID: 7 }]));
    expect(await watched.networks.list()).toEqual([]);
    expect(lines).toContain('node1: 2 records of a list of networks could not be read and were left out');
    watched.dispose();
  });
});
