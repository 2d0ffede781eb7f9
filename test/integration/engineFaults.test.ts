import { afterEach, beforeEach, expect, it } from 'vitest';
import { Secret } from '../../src/base/text/redact';
import { overlayRequest } from '../unit/engine/networkRequest';
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

it('a blocked port 2377 lets the join time out, and the engine goes on by itself', async () => {
  await kit.formSwarm();
  const [first, second] = kit.members;
  const { joinTokens } = await first.engine.swarm.inspect();
  await first.host.fault.block({ protocol: 'tcp', port: 2377, direction: 'in' });
  await expect(
    second.engine.swarm.join({ remoteAddress: kit.managerAddress, token: joinTokens.worker }),
  ).rejects.toMatchObject({ reason: 'joinTimeout', params: { host: 'host2', address: kit.managerAddress } });
  expect((await second.engine.info()).swarm.state).toBe('pending');
  await first.host.fault.clear();
  await eventually('host2 joins by itself', async () =>
    (await second.engine.info()).swarm.state === 'active' ? true : undefined,
  );
});

it('a lost majority is named; a locked manager too', async () => {
  const [first, second] = kit.members;
  await first.engine.swarm.init({ advertiseAddress: first.host.address, autolock: true });
  const { joinTokens, autolock } = await first.engine.swarm.inspect();
  expect(autolock).toBe(true);
  const key = await first.engine.swarm.unlockKey();
  await second.engine.swarm.join({ remoteAddress: kit.managerAddress, token: joinTokens.manager });
  await second.host.dockerd.kill();
  const lost = { reason: 'quorumLost', params: { host: 'host1' } };
  // Until the leader has noticed it still answers from what it knows.
  const error = await eventually('the leader has noticed', () =>
    first.engine.swarm.nodes({ timeoutMs: 60_000 }).then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  );
  expect(error).toMatchObject(lost);
  await expect(first.engine.networks.create(overlayRequest('my_net'))).rejects.toMatchObject(lost);
  await second.host.dockerd.start();
  await eventually('host2 is locked', async () =>
    (await second.engine.info()).swarm.state === 'locked' ? true : undefined,
  );
  await expect(second.engine.swarm.nodes()).rejects.toMatchObject({ reason: 'swarmLocked' });
  const wrong = new Secret('SWMKEY-1-wrong');
  await expect(second.engine.swarm.unlock(wrong)).rejects.toMatchObject({ reason: 'unlockKeyRefused' });
  await second.engine.swarm.unlock(key ?? wrong);
  await eventually('the majority is back', () => second.engine.swarm.nodes().catch(() => undefined));
});
