import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Readable } from 'node:stream';
import { labels } from '../../src/model/engine/records';
import type { ContainerCreateRequest, EngineEvent } from '../../src/engine/api';
import { testImage } from '../lab/image';
import { overlayRequest } from '../unit/engine/networkRequest';
import { EngineKit, eventually } from './support/engineKit';
import { meanwhile } from './support/meanwhile';

let kit: EngineKit;

beforeAll(async () => {
  kit = await EngineKit.attach();
  await kit.formSwarm('worker', 'worker');
});

afterAll(async () => {
  await kit.dispose();
});

const containerRequest = (
  name: string,
  network: string,
  more: Partial<ContainerCreateRequest> = {},
): ContainerCreateRequest => ({
  name,
  image: testImage,
  network,
  command: ['sleep', '600'],
  labels: { [labels.run]: 'test' },
  init: true,
  ...more,
});

/** Runs `work` with a network and a running container in it, and removes both. */
async function withContainer(name: string, work: (networkId: string, containerId: string) => Promise<void>) {
  const { containers, networks } = kit.members[0].engine;
  const networkId = await networks.create(overlayRequest(name));
  try {
    const id = await containers.create(containerRequest(`${name}_c`, networkId));
    try {
      await containers.start(id);
      await work(networkId, id);
    } finally {
      await containers.remove(id);
    }
  } finally {
    await eventually('the network is free', () =>
      networks.remove(networkId).then(
        () => true,
        () => undefined,
      ),
    );
  }
}

describe('networks', () => {
  it('are created with all that was asked for, and removed', async () => {
    const { networks } = kit.members[0].engine;
    const id = await networks.create(
      overlayRequest('all_options', {
        encrypted: true,
        internal: true,
        subnets: [{ subnet: '10.60.0.0/24', gateway: '10.60.0.254', ipRange: '10.60.0.128/25' }],
        labels: { team: 'blue' },
        options: { encrypted: 'false', 'com.docker.network.driver.mtu': '1400' },
      }),
    );
    expect(await networks.inspect(id)).toMatchObject({
      id,
      name: 'all_options',
      driver: 'overlay',
      scope: 'swarm',
      attachable: true,
      internal: true,
      encrypted: true,
      subnets: [{ subnet: '10.60.0.0/24', gateway: '10.60.0.254', ipRange: '10.60.0.128/25' }],
      labels: { team: 'blue' },
      endpoints: [],
    });
    expect((await networks.survey(id)).raw).toMatchObject({
      Id: id,
      Options: { 'com.docker.network.driver.mtu': '1400' },
    });
    await networks.remove(id);
    await expect(networks.inspect(id)).rejects.toMatchObject({ reason: 'networkNotFound' });
    await expect(networks.remove(id)).rejects.toMatchObject({ reason: 'networkNotFound' });
  });

  it('are not encrypted unless asked for', async () => {
    const { networks } = kit.members[0].engine;
    const id = await networks.create(overlayRequest('plain', { options: { encrypted: 'false' } }));
    const listed = (await networks.list()).find((network) => network.id === id);
    await networks.remove(id);
    expect(listed).toMatchObject({ encrypted: false, name: 'plain' });
  });

  it('say why they cannot be created', async () => {
    const { networks } = kit.members[0].engine;
    const id = await networks.create(overlayRequest('taken', { subnets: [{ subnet: '10.61.0.0/24' }] }));
    try {
      await expect(networks.create(overlayRequest('taken'))).rejects.toMatchObject({
        reason: 'networkNameTaken',
        params: { name: 'taken', host: 'host1' },
      });
      await expect(networks.create(overlayRequest('bad name!'))).rejects.toMatchObject({
        reason: 'networkNameInvalid',
      });
      const badSubnet = overlayRequest('bad', { subnets: [{ subnet: '10.61.300.0/24' }] });
      await expect(networks.create(badSubnet)).rejects.toMatchObject({ reason: 'subnetInvalid' });
      const badGateway = overlayRequest('bad', { subnets: [{ subnet: '10.62.0.0/24', gateway: '1.2.3.4' }] });
      await expect(networks.create(badGateway)).rejects.toMatchObject({ reason: 'subnetInvalid' });
    } finally {
      await networks.remove(id);
    }
  });

  it('that overlap another are refused by name, and nothing is left of them', async () => {
    const { networks } = kit.members[0].engine;
    const id = await networks.create(overlayRequest('first', { subnets: [{ subnet: '10.63.0.0/24' }] }));
    try {
      await expect(
        networks.create(overlayRequest('second', { subnets: [{ subnet: '10.63.0.128/25' }] })),
      ).rejects.toMatchObject({
        reason: 'subnetOverlap',
        params: { address: '10.63.0.128/25', name: 'first (10.63.0.0/24)' },
      });
      const twice = [{ subnet: '10.64.0.0/24' }, { subnet: '10.64.0.0/25' }];
      await expect(networks.create(overlayRequest('third', { subnets: twice }))).rejects.toMatchObject({
        reason: 'subnetOverlap',
      });
      const names = (await networks.list()).map((network) => network.name);
      expect(names).toContain('first');
      expect(names).not.toContain('second');
      expect(names).not.toContain('third');
    } finally {
      await networks.remove(id);
    }
  });

  it('predefined ones stay', async () => {
    const { networks } = kit.members[0].engine;
    const host = (await networks.list()).find((network) => network.name === 'host');
    await expect(networks.remove(host?.id ?? '')).rejects.toMatchObject({ reason: 'networkNotRemovable' });
  });

  it('in use say by whom; containers can leave and come back', async () => {
    await withContainer('in_use', async (networkId, containerId) => {
      const { networks, containers } = kit.members[0].engine;
      await expect(networks.remove(networkId)).rejects.toMatchObject({
        reason: 'networkInUse',
        params: { items: ['in_use_c'] },
      });
      await networks.disconnect(networkId, containerId, { force: false });
      await networks.disconnect(networkId, containerId, { force: false });
      expect((await containers.inspect(containerId)).networks).toEqual([]);
      await networks.connect(networkId, containerId);
      expect((await containers.inspect(containerId)).networks.map((place) => place.networkId)).toEqual([networkId]);
      await expect(networks.connect(networkId, containerId)).rejects.toMatchObject({ reason: 'conflict' });
      await expect(networks.connect('a'.repeat(25), containerId)).rejects.toMatchObject({ reason: 'networkNotFound' });
      await expect(networks.connect(networkId, 'a'.repeat(64))).rejects.toMatchObject({ reason: 'notFound' });
    });
  });

  it('that are not attachable refuse containers', async () => {
    const { networks, containers } = kit.members[0].engine;
    const networkId = await networks.create(overlayRequest('services_only', { attachable: false }));
    try {
      const id = await containers.create(containerRequest('outsider', networkId));
      try {
        await expect(containers.start(id)).rejects.toMatchObject({
          reason: 'verifyNotAttachable',
          params: { name: networkId },
        });
      } finally {
        await containers.remove(id);
      }
    } finally {
      await networks.remove(networkId);
    }
  });
});

describe('containers', () => {
  it('live: create, start, inspect, list, show in their network, remove', async () => {
    await withContainer('living', async (networkId, id) => {
      const { networks, containers } = kit.members[0].engine;
      await containers.start(id);
      const details = await containers.inspect(id);
      expect(details).toMatchObject({ name: 'living_c', state: 'running', image: testImage, exitCode: 0 });
      expect(details.pid).toBeGreaterThan(0);
      expect((await containers.list({ label: labels.run })).map((container) => container.id)).toContain(id);
      expect(await containers.list({ label: `${labels.run}=other` })).toEqual([]);
      const [place] = details.networks;
      expect((await networks.inspect(networkId)).endpoints).toEqual([
        { containerId: id, containerName: 'living_c', ipv4: place?.ipv4, ipv6: '', isTestContainer: true },
      ]);
    });
  });

  it('on a worker that has never seen the network get their place, and peers show', async () => {
    const [first, second] = kit.members;
    await withContainer('everywhere', async (networkId) => {
      const id = await second.engine.containers.create(containerRequest('remote_c', networkId));
      try {
        await second.engine.containers.start(id);
        const { peers } = await eventually('both hosts are peers', async () => {
          const details = await first.engine.networks.inspect(networkId);
          return details.peers.length === 2 ? details : undefined;
        });
        expect(peers.map((peer) => peer.address).sort()).toEqual([first.host.address, second.host.address].sort());
      } finally {
        await second.engine.containers.remove(id);
      }
    });
  });

  it('have the limits, name and capabilities that were asked for', async () => {
    const { containers } = kit.members[0].engine;
    const id = await containers.create(
      containerRequest('limited', 'host', {
        memoryLimit: 32 * 1024 * 1024,
        pidsLimit: 20,
        capAdd: ['NET_RAW'],
        hostname: 'elsewhere',
      }),
    );
    try {
      const { host } = kit.members[0];
      const shown = await host.execOk([
        'docker',
        'inspect',
        '-f',
        '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.CapAdd}} {{.Config.Hostname}} {{.HostConfig.NetworkMode}} {{.HostConfig.Init}}',
        id,
      ]);
      expect(shown.trim()).toBe('33554432 20 [NET_RAW] elsewhere host true');
    } finally {
      await containers.remove(id);
    }
  });

  it('say why they cannot be', async () => {
    await withContainer('refusing', async (networkId, id) => {
      const { containers } = kit.members[0].engine;
      await expect(containers.create(containerRequest('refusing_c', networkId))).rejects.toMatchObject({
        reason: 'conflict',
      });
      await expect(containers.create(containerRequest('other', networkId, { image: 'nope:1' }))).rejects.toMatchObject({
        reason: 'imageMissing',
        params: { name: 'nope:1', host: 'host1' },
      });
      await expect(containers.create(containerRequest('other', '../../x'))).rejects.toMatchObject({
        reason: 'invalidArguments',
      });
      await containers.remove(id);
      await containers.remove(id);
      await expect(containers.inspect(id)).rejects.toMatchObject({ reason: 'notFound' });
      await expect(containers.exec(id, { command: ['true'], onStdout() {} })).rejects.toMatchObject({
        reason: 'notFound',
      });
    });
  });
});

describe('exec', () => {
  it('passes output, errors and the exit code', async () => {
    await withContainer('speaking', async (_, id) => {
      const { containers } = kit.members[0].engine;
      const out: Buffer[] = [];
      const err: Buffer[] = [];
      const code = await containers.exec(id, {
        command: ['sh', '-c', 'echo to-out; echo to-err >&2; exit 3'],
        onStdout: (chunk) => out.push(chunk),
        onStderr: (chunk) => err.push(chunk),
      });
      expect([code, Buffer.concat(out).toString(), Buffer.concat(err).toString()]).toEqual([3, 'to-out\n', 'to-err\n']);
      let size = 0;
      await containers.exec(id, {
        command: ['sh', '-c', 'head -c 3000000 /dev/zero'],
        onStdout: (chunk) => (size += chunk.length),
      });
      expect(size).toBe(3_000_000);
    });
  });

  it('runs thirty at once, and nothing stays open', async () => {
    await withContainer('busy', async (_, id) => {
      const { engine, transport } = kit.members[0];
      const runs = Array.from({ length: 30 }, async (_each, index) => {
        let text = '';
        const code = await engine.containers.exec(id, {
          command: ['sh', '-c', `echo ${index}; exit ${index}`],
          onStdout: (chunk) => (text += chunk.toString()),
        });
        return `${code} ${text.trim()}`;
      });
      expect(await Promise.all(runs)).toEqual(Array.from({ length: 30 }, (_each, index) => `${index} ${index}`));
      // What is kept for the next requests is bounded.
      await eventually('the streams of the execs are closed', async () => (transport.open <= 8 ? true : undefined));
    });
  });

  it('streams, and ends when it is cancelled or late', async () => {
    await withContainer('endless', async (_, id) => {
      const { engine, transport } = kit.members[0];
      const command = ['sh', '-c', 'while true; do echo tick; sleep 0.1; done'];
      const controller = new AbortController();
      let ticks = 0;
      const running = engine.containers.exec(
        id,
        {
          command,
          onStdout: () => {
            ticks += 1;
            if (ticks === 2) controller.abort();
          },
        },
        { signal: controller.signal },
      );
      await expect(running).rejects.toMatchObject({ reason: 'cancelled' });
      expect(ticks).toBeGreaterThanOrEqual(2);
      await expect(engine.containers.exec(id, { command, onStdout() {} }, { timeoutMs: 1000 })).rejects.toMatchObject({
        reason: 'requestTimeout',
        params: { name: 'exec', seconds: 1 },
      });
      await eventually('the streams are closed', async () => (transport.open <= 8 ? true : undefined));
    });
  });
});

describe('a terminal', () => {
  it('shows what the command prints, takes what is typed, has its size, and ends with it', async () => {
    const { containers } = kit.members[0].engine;
    const id = await containers.create(containerRequest('terminal', 'host'));
    try {
      await containers.start(id);
      const session = await containers.openTerminal(id, { command: ['sh'], columns: 123, rows: 45 });
      let shown = '';
      session.stream.on('data', (chunk: Buffer) => (shown += chunk.toString()));
      const ended = new Promise((resolve) => session.stream.on('end', resolve));
      session.stream.write('tty; stty size; exit 7\n');
      await ended;
      expect(shown).toContain('/dev/pts/');
      expect(shown).toContain('45 123');
      expect(await session.exitCode()).toBe(7);
    } finally {
      await containers.remove(id);
    }
  });
});

describe('images', () => {
  it('are found, or not', async () => {
    const { images } = kit.members[0].engine;
    expect((await images.find(testImage))?.id).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(await images.find('nope:1')).toBeUndefined();
  });

  it('cannot be pulled where no registry is', async () => {
    const { images } = kit.members[0].engine;
    await expect(images.pull('nope.invalid/nope:1')).rejects.toMatchObject({
      reason: 'imageNotPulled',
      params: { name: 'nope.invalid/nope:1' },
    });
    await expect(images.save('nope:1')).rejects.toMatchObject({ reason: 'imageMissing' });
  });

  it('are copied from host to host', async () => {
    const [first, second] = kit.members;
    await second.host.execOk(['docker', 'rmi', '-f', testImage]);
    expect(await second.engine.images.find(testImage)).toBeUndefined();
    await second.engine.images.load(await first.engine.images.save(testImage));
    expect(await second.engine.images.find(testImage)).toEqual(await first.engine.images.find(testImage));
  });

  it('that are none are refused; a source that breaks or a cancelled copy ends both sides', async () => {
    const [first, second] = kit.members;
    await expect(second.engine.images.load(Readable.from([Buffer.alloc(4096, 'x')]))).rejects.toMatchObject({
      reason: 'engineError',
    });
    const controller = new AbortController();
    const tar = await first.engine.images.save(testImage, { signal: controller.signal });
    controller.abort();
    await expect(second.engine.images.load(tar)).rejects.toMatchObject({ reason: 'cancelled' });
  });
});

describe('events', () => {
  it('tell what happens after the subscription', async () => {
    const { engine } = kit.members[0];
    const seen: EngineEvent[] = [];
    const controller = new AbortController();
    let ready: () => void = () => undefined;
    const isReady = new Promise<void>((resolve) => (ready = resolve));
    const following = meanwhile(
      engine.events({ onReady: ready, onEvent: (event) => seen.push(event) }, controller.signal),
    );
    await isReady;
    let containerId = '';
    await withContainer('eventful', async (_, id) => {
      containerId = id;
    });
    const has = (type: string, action: string, actorId?: string) =>
      seen.some((event) => event.type === type && event.action === action && (!actorId || event.actorId === actorId));
    await eventually('all events are there', async () =>
      has('container', 'start', containerId) && has('container', 'destroy', containerId) && has('network', 'remove')
        ? true
        : undefined,
    );
    expect(has('container', 'create', containerId) && has('network', 'create')).toBe(true);
    controller.abort();
    await expect(following).resolves.toBeUndefined();
  });
});
