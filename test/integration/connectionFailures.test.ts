import net from 'node:net';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { OverlayError } from '../../src/base/errors';
import type { Transport } from '../../src/connection/transport';
import type { LabHost } from '../lab/lab';
import { connectionKitForEach } from './support/connectionHooks';
import { type ConnectionKit, engineAgent, failureOf, getText } from './support/connectionKit';
import { freshPort, knownHosts, sshConfig } from './support/connectionSsh';

describe('failures and losses over SSH (integration)', () => {
  let host: LabHost;
  let kit: ConnectionKit;
  const cleanUps = connectionKitForEach((one, lab) => {
    kit = one;
    host = lab.hosts[1] as LabHost;
  });

  const closeOf = (transport: Transport) =>
    new Promise<OverlayError>((resolve) => void transport.onDidClose((error) => resolve(error)));

  /** An sshd of the test's own, to kill and to freeze. */
  async function door() {
    const port = freshPort();
    const sshd = await host.startSshd({ port });
    cleanUps.push(() => sshd.stop());
    const config = sshConfig(kit.dir, {
      HostName: host.address,
      Port: port,
      User: 'deploy',
      IdentityFile: '~/.ssh/id_ed25519',
      UserKnownHostsFile: knownHosts(kit.path('known_hosts'), host, ['ed25519'], port),
    });
    return { config, sshd };
  }

  /** A server of the workstation that does with a connection what the test says. */
  async function listen(onConnection: (socket: net.Socket) => void): Promise<number> {
    const sockets = new Set<net.Socket>();
    const server = net.createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      onConnection(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUps.push(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return (server.address() as net.AddressInfo).port;
  }

  it('names an address that does not resolve', async () => {
    const error = await failureOf(kit.connect('deploy@nowhere.invalid'));
    expect(error).toMatchObject({ reason: 'addressNotFound', params: { address: 'nowhere.invalid:22', host: 'node' } });
  });

  it('names a port that is refused', async () => {
    const error = await failureOf(kit.connect(`deploy@${host.address}:9`));
    expect(error).toMatchObject({ reason: 'connectionRefused', params: { address: `${host.address}:9` } });
  });

  it('names an address that is silent', async () => {
    await host.fault.block({ protocol: 'tcp', port: 22, direction: 'in' });
    cleanUps.push(() => host.fault.clear());
    const config = sshConfig(kit.dir, { HostName: host.address, ConnectTimeout: 1 });
    const error = await failureOf(kit.connect('target', { sshConfig: config }));
    expect(error).toMatchObject({
      reason: 'addressUnreachable',
      params: { address: `${host.address}:22`, seconds: 1 },
    });
  });

  it('names an address without a route', async () => {
    const error = await failureOf(kit.connect('deploy@203.0.113.1'));
    expect(error).toMatchObject({ reason: 'addressUnreachable' });
  });

  it('tells a server that is no SSH server', async () => {
    const port = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const error = await failureOf(kit.connect(`deploy@127.0.0.1:${port}`));
    expect(error).toMatchObject({ reason: 'sshProtocol', params: { address: `127.0.0.1:${port}` } });
  });

  it('tells a server that closes without a greeting', async () => {
    const port = await listen((socket) => socket.destroy());
    const error = await failureOf(kit.connect(`deploy@127.0.0.1:${port}`));
    expect(error).toMatchObject({ reason: 'sshProtocol' });
  });

  it('tells a configuration that ssh does not read', async () => {
    writeFileSync(kit.path('config'), 'Host target\n  Nonsense yes\n');
    const error = await failureOf(kit.connect('target', { sshConfig: kit.path('config') }));
    expect(error).toMatchObject({ reason: 'sshConfigInvalid' });
    expect((error as OverlayError).params.message).toMatch(/nonsense/i);
  });

  it('closes its connection when it is cancelled while the server is silent', async () => {
    let closed = false;
    let arrived: () => void = () => undefined;
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const port = await listen((socket) => {
      socket.on('close', () => (closed = true));
      arrived();
    });
    const controller = new AbortController();
    const connecting = kit.connect(`deploy@127.0.0.1:${port}`, { signal: controller.signal });
    const failure = failureOf(connecting);
    await arrival;
    controller.abort();
    expect(await failure).toMatchObject({ reason: 'cancelled' });
    await expect.poll(() => closed, { timeout: 20_000 }).toBe(true);
  });

  it('ends an open question when it is cancelled', async () => {
    const controller = new AbortController();
    const config = sshConfig(kit.dir, {
      HostName: host.address,
      UserKnownHostsFile: kit.path('known_hosts'),
      GlobalKnownHostsFile: '/dev/null',
    });
    const prompts = {
      trustHostKey: () => {
        controller.abort();
        return new Promise<boolean>(() => undefined);
      },
      passphrase: async () => undefined,
      password: async () => undefined,
      consentInsecure: async () => false,
    };
    const failure = failureOf(kit.connect('target', { sshConfig: config, person: prompts, signal: controller.signal }));
    expect(await failure).toMatchObject({ reason: 'cancelled' });
  });

  it('refuses at once when it is cancelled already', async () => {
    const error = await failureOf(kit.connect(`deploy@${host.address}`, { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({ reason: 'cancelled' });
  });

  it('tells once when sshd is killed, and ends what is under way', async () => {
    const { config, sshd } = await door();
    const transport = await kit.connect('target', { sshConfig: config });
    let times = 0;
    transport.onDidClose(() => (times += 1));
    const closed = closeOf(transport);
    const agent = engineAgent(transport);
    const events = getText(agent, '/events');
    const failed = expect(events).rejects.toThrow();
    await sleep(200);
    await sshd.stop();
    expect(await closed).toMatchObject({ reason: 'linkLost', params: { host: 'node' } });
    await failed;
    await expect(transport.openEngineStream()).rejects.toMatchObject({ reason: 'linkLost' });
    expect(times).toBe(1);
    agent.destroy();
  });

  it('notices a frozen sshd', async () => {
    const { config, sshd } = await door();
    const transport = await kit.connect('target', { sshConfig: config });
    const closed = closeOf(transport);
    const agent = engineAgent(transport);
    const request = getText(agent, '/events');
    const failed = expect(request).rejects.toThrow();
    await sshd.daemon.freeze();
    cleanUps.push(() => sshd.daemon.thaw());
    expect(await closed).toMatchObject({ reason: 'linkLost' });
    await failed;
    agent.destroy();
  });

  it('ends an aborted request at once on a frozen link', async () => {
    const { config, sshd } = await door();
    const transport = await kit.connect('target', { sshConfig: config });
    const stream = await transport.openEngineStream();
    await sshd.daemon.freeze();
    cleanUps.push(() => sshd.daemon.thaw());
    const ended = new Promise((resolve) => stream.once('close', resolve));
    stream.destroy();
    await ended;
    let lost = false;
    transport.onDidClose(() => (lost = true));
    expect(lost).toBe(false);
  });

  it('is silent when it is disposed, and ends its streams', async () => {
    const { config } = await door();
    const transport = await kit.connect('target', { sshConfig: config });
    let fired = false;
    transport.onDidClose(() => (fired = true));
    const stream = await transport.openEngineStream();
    const ended = new Promise((resolve) => stream.once('close', resolve));
    transport.dispose();
    await ended;
    expect(fired).toBe(false);
    await expect(transport.openEngineStream()).rejects.toBeInstanceOf(Error);
  });

  it('comes back after the engine was started anew', async () => {
    const { config } = await door();
    const transport = await kit.connect('target', { sshConfig: config });
    const agent = engineAgent(transport);
    expect((await getText(agent, '/_ping')).status).toBe(200);
    await host.dockerd.stop();
    try {
      await expect(getText(agent, '/_ping')).rejects.toThrow();
    } finally {
      await host.dockerd.start();
    }
    expect((await getText(agent, '/_ping')).status).toBe(200);
    agent.destroy();
  });
});
