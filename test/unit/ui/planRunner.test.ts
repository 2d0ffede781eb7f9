import { beforeEach, describe, expect, test, vi } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import type { Fleet } from '../../../src/swarm/fleet';
import type { Plan, PlanStep } from '../../../src/swarm/plans/plan';
import { Operations } from '../../../src/ui/operations/operations';
import { PlanRunner } from '../../../src/ui/operations/planRunner';
import { cluster, engineInfo, host, node, ready, topology } from './topologies';

// Progress is VS Code's: here it only hands over a signal that nobody aborts.
vi.mock('vscode', () => ({
  ProgressLocation: { Notification: 15 },
  window: {
    withProgress: (_: unknown, work: (progress: unknown, token: unknown) => unknown) =>
      work({ report: () => undefined }, { isCancellationRequested: false, onCancellationRequested: () => undefined }),
  },
}));

const words = { running: 'Doing', done: 'done' };
const plan = (...steps: PlanStep[]): Plan => ({ title: 'Both', steps, effects: [], warnings: [] });
const step = (id: string, run: PlanStep['run'], after: string[] = []): PlanStep => ({
  id,
  title: `Do ${id}`,
  after,
  run,
});
const refused = new OverlayError('joinTokenRefused');

describe('running plans', () => {
  let operations: Operations;
  let runner: PlanRunner;

  beforeEach(() => {
    operations = new Operations();
    const fleet = { topology: topology(), refresh: async () => undefined } as unknown as Fleet;
    runner = new PlanRunner(fleet, operations, 0);
  });

  test('of a node whose host is not known has its managers read at the end, too', async () => {
    const read: string[][] = [];
    const nodes = [{ node: node('m', 'manager'), host: 'm' }, { node: node('w', 'worker', { hostname: 'far-away' }) }];
    const view = topology({
      hosts: [host('m', ready({ state: 'active', isManager: true })), host('other', ready())],
      clusters: [cluster({ nodes, managerHosts: ['m'] })],
    });
    const fleet = { topology: view, refresh: async (hosts: string[]) => void read.push(hosts) } as unknown as Fleet;
    await new PlanRunner(fleet, operations).finish(
      plan({ ...step('labels', async () => 'done'), host: 'far-away' }),
      words,
    );
    expect(read).toEqual([['m']]);
  });

  test('one step is no operation', async () => {
    expect(await runner.finish(plan(step('a', async () => 'done')), words)).toEqual({
      outcome: 'done',
      steps: [{ title: 'Do a', state: 'done' }],
    });
    expect(operations.all).toEqual([]);
  });

  test('several are: a failure leads back to them, and they are continued without what is done', async () => {
    const first = vi.fn(async () => 'done' as const);
    const second = vi.fn<PlanStep['run']>().mockRejectedValueOnce(refused).mockResolvedValue('done');
    const error = await runner.finish(plan(step('a', first), step('b', second, ['a'])), words).catch((e: unknown) => e);
    expect(error).toMatchObject({ reason: 'planIncomplete' });
    const id = operations.operationOf(error)?.id ?? '';
    expect(await runner.continue(id)).toEqual({
      outcome: 'done',
      steps: [
        { title: 'Do a', state: 'done' },
        { title: 'Do b', state: 'done' },
      ],
    });
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 2]);
  });

  test('are not continued on another machine that has got the name of one of their hosts', async () => {
    const machine = (engineId: string, managers: string[] = ['m']) =>
      topology({
        hosts: ['a', 'm'].map((name) =>
          host(name, ready({}, { info: engineInfo({}, { engineId: `${name} ${engineId}` }) })),
        ),
        clusters: [cluster({ nodes: [{ node: node('a', 'worker'), host: 'a' }], managerHosts: managers })],
      });
    const fleet = { topology: machine('1'), refresh: async () => undefined };
    const own = new PlanRunner(fleet as unknown as Fleet, operations);
    const second = vi.fn<PlanStep['run']>().mockRejectedValueOnce(refused).mockResolvedValue('done');
    const steps = [step('a', async () => 'done'), step('b', second, ['a'])].map((one) => ({ ...one, host: 'a' }));
    const error = await own.finish(plan(...steps), words).catch((e: unknown) => e);
    const id = operations.operationOf(error)?.id ?? '';

    // The manager is none any more where its name leads to now: a step may have been meant for it all the same.
    fleet.topology = {
      ...machine('2', []),
      hosts: [...machine('1').hosts.slice(0, 1), ...machine('2').hosts.slice(1)],
    };
    await expect(own.continue(id)).rejects.toMatchObject({ cause: { reason: 'hostReplaced', params: { host: 'm' } } });
    fleet.topology = machine('2');
    await expect(own.continue(id)).rejects.toMatchObject({ cause: { reason: 'hostReplaced', params: { host: 'a' } } });
    expect(second).toHaveBeenCalledTimes(1);
    fleet.topology = machine('1');
    expect(await own.continue(id)).toMatchObject({ outcome: 'done' });
  });

  test('are cancelled from the list', async () => {
    const waits: PlanStep['run'] = ({ signal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(new OverlayError('cancelled'))));
    const running = runner.finish(
      plan(
        step('a', async () => 'done'),
        step('b', waits),
        step('c', waits, ['b']),
      ),
      words,
    );
    await vi.waitFor(() => expect(operations.all[0]?.steps[0]?.state.kind).toBe('done'));
    operations.cancel(operations.all[0]?.id ?? '');
    await expect(running).rejects.toMatchObject({ reason: 'planIncomplete' });
    expect(operations.all[0]?.phase).toBe('cancelled');
    expect(operations.all[0]?.steps.map(({ state }) => state.kind)).toEqual(['done', 'failed', 'notStarted']);
  });

  test('of one swarm run one at a time: the second is refused before it does anything', async () => {
    const member = (name: string) => host(name, ready({ state: 'active' }), { clusterId: 'c1' });
    const swarm = cluster({ id: 'c1', hosts: ['node1', 'node2'], managerHosts: [] });
    const world = topology({ hosts: [member('node1'), member('node2'), host('other', ready())], clusters: [swarm] });
    runner = new PlanRunner({ topology: world, refresh: async () => undefined } as unknown as Fleet, operations, 0);
    let finish: () => void = () => undefined;
    const waits: PlanStep['run'] = () => new Promise((resolve) => (finish = () => resolve('done')));
    const on = (name: string, run: PlanStep['run']) => plan({ ...step(name, run), host: name });
    const first = runner.finish(on('node1', waits), words);
    const second = vi.fn<PlanStep['run']>(async () => 'done');
    for (const busy of [on('node2', second), on('node1', second)])
      await expect(runner.finish(busy, words)).rejects.toMatchObject({
        reason: 'changeUnderWay',
        params: { name: 'Both' },
      });
    expect(second).not.toHaveBeenCalled();
    expect((await runner.finish(on('other', second), words)).outcome).toBe('done');
    finish();
    expect((await first).outcome).toBe('done');
    expect((await runner.finish(on('node2', second), words)).outcome).toBe('done');
  });

  test('of one swarm wait for one that is about to end, and then run one after the other', async () => {
    const patient = new PlanRunner(
      { topology: topology(), refresh: async () => undefined } as unknown as Fleet,
      operations,
    );
    const order: string[] = [];
    let finish: () => void = () => undefined;
    const on = (name: string, run: PlanStep['run']) => plan({ ...step(name, run), host: 'node1' });
    const first = patient.finish(
      on('first', () => new Promise((resolve) => (finish = () => resolve('done')))),
      words,
    );
    const others = ['second', 'third'].map((name) =>
      patient.finish(
        on(name, async () => {
          order.push(`${name} begins`);
          await new Promise((resolve) => setTimeout(resolve, 5));
          order.push(`${name} ends`);
          return 'done';
        }),
        words,
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(order).toEqual([]);
    finish();
    await Promise.all([first, ...others]);
    expect(order).toEqual(['second begins', 'second ends', 'third begins', 'third ends']);
  });

  test('that failed let others run, and are not continued beside them', async () => {
    const both = (run: PlanStep['run']) =>
      plan(
        step('a', async () => 'done'),
        { ...step('b', run), host: 'node1' },
      );
    const error = await runner
      .finish(
        both(() => Promise.reject(refused)),
        words,
      )
      .catch((e: unknown) => e);
    const id = operations.operationOf(error)?.id ?? '';
    let finish: () => void = () => undefined;
    const running = runner.finish(
      both(() => new Promise((resolve) => (finish = () => resolve('done')))),
      words,
    );
    await expect(runner.continue(id)).rejects.toMatchObject({ reason: 'changeUnderWay' });
    expect(operations.get(id).phase).toBe('incomplete');
    await vi.waitFor(() => expect(operations.all[0]?.steps[0]?.state.kind).toBe('done'));
    finish();
    await running;
  });

  test('a second try takes the place of the first', async () => {
    const bad = plan(
      step('a', async () => 'done'),
      step('b', () => Promise.reject(refused)),
    );
    const first = await runner.run(bad, words);
    await runner.run(
      plan(
        step('a', async () => 'done'),
        step('b', async () => 'done'),
      ),
      words,
      first,
    );
    expect(operations.all.map((one) => one.phase)).toEqual(['done']);
  });
});
