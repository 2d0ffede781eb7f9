import { spawn } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { labels } from '../../src/model/engine/records';
import { testContainersOf } from '../../src/probe/testContainers/names';
import { planRemoveTestContainers } from '../../src/probe/testContainers/removePlan';
import { draw, drawSeed } from '../draw';
import type { Lab } from '../lab/lab';
import { giveHelperImage } from './proofSupport';
import { Bystanders } from './support/bystanders';
import { docker } from './support/swarmKit';
import { shellWork, startTestContainers } from './support/testContainerTasks';
import { networkName, TestWindow, type Moment } from './support/testWindow';
import { swarmForAll } from './support/verifyHooks';
import { windowTasks, type WindowTask } from './support/windowTasks';

/** Long enough for a busy machine; engines let go of a network a while after it was removed. */
const patience = { timeout: 150_000, interval: 500 };
const projectRoot = path.resolve(__dirname, '../..');
/** Cases of a kind that a whole `npm test` tries; `npm test -- cleanUp` tries all. */
const drawnCases = 2;

/**
 * Whatever happens in the middle of whatever task: nothing that we have made for a while stays, and nothing that is a
 * person's is touched.
 */
describe('cleaning up', { timeout: 400_000 }, () => {
  let lab: Lab;
  let bystanders: Bystanders;
  const windows: TestWindow[] = [];
  // Below the checkout, where node_modules are found.
  const child = path.join(projectRoot, 'out/test/windowChild.cjs');

  // Once: it is started again and again, and to translate all sources each time takes longer than what it does.
  beforeAll(async () => {
    const source = path.join(__dirname, 'support/windowChild.ts');
    await build({ entryPoints: [source], outfile: child, bundle: true, platform: 'node', packages: 'external' });
  });

  swarmForAll(async (swarm, of) => {
    lab = of;
    await swarm.network(networkName);
    await giveHelperImage(swarm);
    bystanders = new Bystanders(lab);
    await bystanders.make(lab.host('host1'));
  });

  afterEach(async () => {
    await lab.clearFaults();
    for (const window of windows.splice(0)) window.dispose();
    for (const host of lab.hosts) await host.exec(['docker', 'rm', '-f', `person-${host.name}`]);
    await bystanders.expectUntouched();
  });

  async function openWindow(way: 'ssh' | 'socket' = 'ssh'): Promise<TestWindow> {
    const window = await TestWindow.open(lab, way);
    windows.push(window);
    return window;
  }

  /** A window in another process, killed at the so many-th moment. */
  async function killedWindow(way: string, task: string, moment: Moment | 'open', times = 1): Promise<void> {
    const stdio = ['ignore', 'inherit', 'inherit'] as const;
    const running = spawn(process.execPath, [child, way, task, moment, `${times}`], { stdio: [...stdio] });
    const signal = await new Promise<string | null>((resolve, reject) => {
      running.on('error', reject);
      running.on('close', (_, by) => resolve(by));
    });
    expect(signal).toBe('SIGKILL');
  }

  const nothingLeft = () => expect.poll(() => bystanders.others(), patience).toEqual([]);

  /** Runs a task in a window of ours and does something when the moment comes the so many-th time. */
  async function during(task: WindowTask, moment: Moment, times: number, deed: () => unknown, signal?: AbortSignal) {
    const window = windows.at(-1) ?? (await openWindow());
    let seen = 0;
    let done: unknown;
    window.on((now) => {
      if (now === moment && (seen += 1) === times) done = deed();
    });
    const result = await Promise.allSettled([windowTasks[task](window, signal ?? new AbortController().signal)]);
    expect(seen, `${moment} came`).toBeGreaterThanOrEqual(times);
    await done;
    return result[0];
  }

  const some = <T>(cases: readonly T[]): readonly T[] => draw(cases, drawnCases, drawSeed());

  const moments: readonly [WindowTask, Moment, number][] = [
    ['verify', 'creating', 1],
    ['verify', 'created', 2],
    ['verify', 'running', 2],
    ['read', 'creating', 2],
    ['read', 'created', 1],
    ['read', 'running', 3],
    ['ports', 'created', 3],
    ['ports', 'running', 4],
    ['prove', 'created', 4],
    ['prove', 'running', 5],
    ['twin', 'networkCreated', 1],
    ['twin', 'created', 3],
    ['twin', 'running', 4],
  ];

  describe('after a window that was killed', () => {
    it.each(some(moments))('in the middle of %s: %s, %i', async (task, moment, times) => {
      await killedWindow('ssh', task, moment, times);
      if (moment !== 'creating') expect(await bystanders.others()).not.toEqual([]);
      await openWindow();
      await nothingLeft();
    });

    it('also over sockets', async () => {
      await killedWindow('socket', 'verify', 'running', 1);
      expect((await bystanders.others()).length).toBeGreaterThanOrEqual(2);
      await openWindow('socket');
      await nothingLeft();
    });

    it('leaves to another window of this machine what that is using', async () => {
      const window = await openWindow();
      await during('verify', 'running', 1, () => killedWindow('ssh', 'read', 'running', 2));
      await nothingLeft();
      // The one that lives was not disturbed: its own containers were its own to remove.
      const report = await windowTasks.verify(window, new AbortController().signal);
      expect(report.summary.reachable).toBe(6);
    });
  });

  describe('when a task is cancelled', () => {
    it.each(some([...moments].reverse()))('%s: %s, %i', async (task, moment, times) => {
      await openWindow();
      const controller = new AbortController();
      await during(task, moment, times, () => controller.abort(), controller.signal);
      // Containers are gone when the task is over; engines let go of a network a moment later.
      expect((await bystanders.others()).filter((one) => !one.includes(' overlay-twin-'))).toEqual([]);
      await nothingLeft();
    });
  });

  describe('when the link of a host is lost', () => {
    it.each(some(['verify', 'read', 'ports', 'prove', 'twin'] as const))('in the middle of %s', async (task) => {
      await openWindow();
      await during(task, 'running', 1, () => lab.host('host3').fault.cut());
      await lab.host('host3').fault.restore();
      await nothingLeft();
    });

    it('because its SSH server was killed', async () => {
      await openWindow();
      await during('verify', 'running', 1, () => lab.host('host2').fault.kill('sshd'));
      await lab.host('host2').fault.start('sshd');
      await nothingLeft();
    });
  });

  describe('when an engine restarts', () => {
    const cases: readonly [WindowTask, Moment, string][] = [
      ['verify', 'running', 'host3'],
      ['verify', 'created', 'host2'],
      ['read', 'running', 'host3'],
      ['ports', 'running', 'host2'],
      ['prove', 'running', 'host3'],
      ['twin', 'networkCreated', 'host1'],
    ];
    it.each(some(cases))('in the middle of %s: %s, on %s', async (task, moment, host) => {
      await openWindow();
      await during(task, moment, 1, () => lab.host(host).fault.restart('dockerd'));
      await nothingLeft();
    });
  });

  describe('of test containers that a person started', () => {
    const persons = async () => {
      const lists = lab.hosts.map((host) => docker(host, 'ps', '-a', '--format', '{{.Names}}'));
      return (await Promise.all(lists)).flatMap((list) =>
        list.split('\n').filter((name) => name.startsWith('person-')),
      );
    };

    it('leaves those of a window that was killed meanwhile: they are finished or removed by a person', async () => {
      await killedWindow('ssh', 'start', 'created', 2);
      const begun = await persons();
      expect(begun.length).toBeGreaterThanOrEqual(1);
      const window = await openWindow();
      // Several looks of the reaper.
      await new Promise((resolve) => setTimeout(resolve, 10_000));
      expect(await persons()).toEqual(begun);
      expect(await startTestContainers(window)).toEqual(['person-host1', 'person-host2', 'person-host3']);
      await window.kit.until(
        'all of them',
        (topology) =>
          testContainersOf(topology).filter(({ container }) => container.name.startsWith('person-')).length === 3,
      );
      const own = testContainersOf(window.kit.topology).filter(({ container }) => container.name.startsWith('person-'));
      const plan = planRemoveTestContainers(
        window.kit.topology,
        (host) => window.kit.fleet.engine(host),
        own.map(({ host, container }) => ({ host, containerId: container.id })),
      );
      await window.kit.run(plan);
      expect(await persons()).toEqual([]);
    });

    it.each(['ssh', 'socket'])('ends the shell of a window that was killed, and nothing else (%s)', async (way) => {
      const running = () => docker(lab.host('host1'), 'exec', 'person-host1', 'ps', '-o', 'args');
      const own = 'sleep 1234';
      const opened = killedWindow(way, 'shell', 'open');
      await opened;
      await docker(lab.host('host1'), 'exec', '-d', 'person-host1', ...own.split(' '));
      await expect.poll(running, patience).not.toContain(shellWork);
      expect(await running()).toContain(own);
      const label = await docker(
        lab.host('host1'),
        'inspect',
        '-f',
        `{{index .Config.Labels "${labels.testContainer}"}}`,
        'person-host1',
      );
      expect(label).not.toBe('');
    });
  });
});
