import { afterEach, beforeEach, expect, it } from 'vitest';
import { EngineKit, eventually } from './support/engineKit';

let kit: EngineKit;

beforeEach(async () => {
  kit = await EngineKit.attach();
});

afterEach(async () => {
  await kit.dispose();
});

it('a frozen engine is a request that took too long, and its streams are closed', async () => {
  const { engine, host, transport } = kit.members[0];
  await engine.info();
  await host.dockerd.freeze();
  await expect(engine.info({ timeoutMs: 1500 })).rejects.toMatchObject({
    reason: 'requestTimeout',
    params: { host: 'host1', name: 'info', seconds: 1.5 },
  });
  expect(transport.open).toBe(0);
  await host.dockerd.thaw();
  await expect(engine.info()).resolves.toMatchObject({ hostname: 'host1' });
});

it('a frozen engine does not keep the first request of a client for ever either', async () => {
  const { engine, host } = kit.members[0];
  await host.dockerd.freeze();
  await expect(engine.networks.list({ timeoutMs: 1500 })).rejects.toMatchObject({ reason: 'requestTimeout' });
  await host.dockerd.thaw();
  await expect(engine.networks.list()).resolves.not.toEqual([]);
});

it('a killed engine is a lost link for requests and events, and can be talked to again later', async () => {
  const { engine, host, transport } = kit.members[0];
  let subscribed: () => void = () => undefined;
  const isSubscribed = new Promise<void>((resolve) => (subscribed = resolve));
  const following = engine.events({ onReady: subscribed, onEvent() {} }, new AbortController().signal);
  const lost = expect(following).rejects.toMatchObject({ reason: 'linkLost', params: { host: 'host1' } });
  await isSubscribed;
  await host.dockerd.kill();
  await lost;
  await expect(engine.info()).rejects.toMatchObject({ reason: 'linkLost', params: { host: 'host1' } });
  await eventually('no stream is left', async () => (transport.open === 0 ? true : undefined));
  await host.dockerd.start();
  await expect(engine.info()).resolves.toMatchObject({ hostname: 'host1' });
});

it('an exec whose engine dies is a lost link', async () => {
  const { engine, host } = kit.members[0];
  const id = await engine.containers.create({
    name: 'doomed',
    image: 'alpine:latest',
    network: 'host',
    command: ['sleep', '600'],
    labels: {},
  });
  await engine.containers.start(id);
  let spoke: () => void = () => undefined;
  const speaks = new Promise<void>((resolve) => (spoke = resolve));
  const running = engine.containers.exec(id, {
    command: ['sh', '-c', 'echo hello; sleep 600'],
    onStdout: () => spoke(),
  });
  const lost = expect(running).rejects.toMatchObject({ reason: 'linkLost' });
  await speaks;
  await host.dockerd.kill();
  await lost;
});
