import { describe, expect, test, vi } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import type { Plan, PlanStep, StepState } from '../../../src/swarm/plans/plan';
import { contextKeys } from '../../../src/contributions';
import { operationKeys } from '../../../src/ui/operations/operationsFeature';
import { operationReport, operationWords } from '../../../src/ui/operations/operation';
import { Operations } from '../../../src/ui/operations/operations';
import { buildOperationsTree } from '../../../src/ui/operations/operationsTree';
import type { TreeNode } from '../../../src/ui/tree/treeNode';
import { viewItemPattern } from '../../../src/ui/tree/viewItems';
import { toTreeItem } from '../../../src/ui/vscode/toVscode';
import { anyError } from '../anyError';

vi.mock('vscode', async () => (await import('./fakeVscode')).vscode);

const step = (id: string, after: string[] = []): PlanStep => ({
  id,
  host: `host${id}`,
  title: `Do ${id}`,
  after,
  run: vi.fn(async () => 'done' as const),
});
const plan = (...steps: PlanStep[]): Plan => ({ title: 'Form swarm', steps, effects: [], warnings: [] });
const words = { running: 'Forming swarm', done: 'joined' };
const failed: StepState = {
  kind: 'failed',
  error: new OverlayError('imageMissing', { host: 'hostb', name: 'alpine', message: 'SWMTKN-1-aaa-bbb was refused' }),
};
const interrupted: StepState = { kind: 'failed', error: new OverlayError('cancelled') };

/** One that ended with a done, two failed and not started steps. */
function broken() {
  let now = 1_000;
  const operations = new Operations(() => now);
  const run = operations.begin(plan(step('a'), step('b', ['a']), step('c', ['b'])), words);
  run.update('a', { kind: 'done' });
  run.update('b', failed);
  run.update('c', { kind: 'notStarted' });
  now = 4_500;
  return { operations, run, result: run.end() };
}

describe('operations', () => {
  test('follow the steps of a plan, before, live and after', () => {
    const operations = new Operations(() => 0);
    const changes = vi.fn();
    operations.onDidChange(changes);
    const run = operations.begin(plan(step('a'), step('b', ['a'])), words);
    expect(operations.get(run.id).steps.map(({ state }) => state.kind)).toEqual(['waiting', 'waiting']);
    run.update('a', { kind: 'running', words: 'asking 10.0.0.5:2377' });
    expect(buildOperationsTree(operations.all, 0)[0]?.children.map((one) => one.description)).toEqual([
      'asking 10.0.0.5:2377',
      'waiting',
    ]);
    run.update('a', { kind: 'alreadyDone' });
    run.update('b', { kind: 'done' });
    expect(run.end().outcome).toBe('done');
    expect(operations.get(run.id).phase).toBe('done');
    expect(changes.mock.calls.length).toBeGreaterThan(4);
  });

  test('that failed are continued: what is done is not run again, nor waited for', () => {
    const { operations, run } = broken();
    const again = operations.resume(run.id);
    expect(again.id).toBe(run.id);
    expect(again.plan.steps.map(({ id, after }) => [id, after])).toEqual([
      ['b', []],
      ['c', ['b']],
    ]);
    expect(operations.get(run.id).steps.map(({ state }) => state.kind)).toEqual(['done', 'waiting', 'waiting']);
    again.update('b', { kind: 'done' });
    again.update('c', { kind: 'done' });
    const result = again.end();
    expect([result.outcome, result.steps.map(({ state }) => state.kind)]).toEqual(['done', ['done', 'done', 'done']]);
    expect(() => operations.resume(run.id)).toThrow(/nothing to be continued/);
  });

  test('are cancelled by their signal, and then continued', () => {
    const operations = new Operations();
    const run = operations.begin(plan(step('a'), step('b')), words);
    operations.cancel(run.id);
    expect([run.signal.aborted, operations.get(run.id).phase]).toEqual([true, 'cancelling']);
    run.update('a', interrupted);
    run.update('b', { kind: 'notStarted' });
    expect(run.end().outcome).toBe('cancelled');
    expect(operationWords(operations.get(run.id))).toBe('cancelled · 0 of 2');
    expect(operations.resume(run.id).signal.aborted).toBe(false);
  });

  test('the last ten are kept, and those that run', () => {
    const operations = new Operations();
    const first = operations.begin(plan(step('a'), step('b')), words);
    for (let n = 0; n < 15; n += 1) operations.begin(plan(step('a'), step('b')), words).end();
    expect(operations.all).toHaveLength(12);
    expect(operations.all.at(-1)?.id).toBe(first.id);
    operations.dismiss();
    expect(operations.all.map((one) => one.id)).toEqual([first.id]);
  });

  test('are found behind their result and their error until they are dismissed', () => {
    const { operations, run, result } = broken();
    expect(operations.idOf(result)).toBe(run.id);
    const error = anyError('planIncomplete');
    operations.recordError(error, run.id);
    expect(operations.operationOf(error)?.id).toBe(run.id);
    expect(operations.operationOf(new Error('another'))).toBeUndefined();
    operations.dismiss([run.id]);
    expect(operations.operationOf(error)).toBeUndefined();
    expect(() => operations.get(run.id)).toThrow(/not listed/);
  });
});

describe('the Operations view', () => {
  test('says what failed, why, and what to do', () => {
    const { operations } = broken();
    const [item] = buildOperationsTree(operations.all, 4_500);
    expect([item?.label, item?.description, item?.contextValue]).toEqual([
      'Form swarm',
      'not finished · 1 of 3 · 1 failed · 3.5 s · just now',
      'operation.unfinished',
    ]);
    expect(item?.children.map((one) => [one.description, one.icon?.id])).toEqual([
      ['done', 'pass'],
      ['failed: Image alpine not available', 'error'],
      ['not started', 'circle-slash'],
    ]);
    const [, failure] = item?.children ?? [];
    expect(failure?.contextValue).toBe('step.command');
    expect(failure?.target).toMatchObject({ remedy: 'docker pull alpine' });
    expect(failure?.children.map((one) => one.label)).toEqual([
      expect.stringContaining('hostb has no image'),
      expect.stringContaining('Load the image on one host'),
    ]);
    expect(failure?.accessibleLabel).toMatch(/failed: Image alpine not available, hostb has no image/);
    for (const one of [item, ...(item?.children ?? [])]) expect(one?.contextValue).toMatch(viewItemPattern);
  });

  test('offers below a failure what can be done about it here, and the report names it', () => {
    const operations = new Operations(() => 0);
    const run = operations.begin(plan(step('a')), words);
    run.update('a', { kind: 'failed', error: new OverlayError('joinUnreachable', { host: 'hosta' }) });
    run.end();
    const [failure] = buildOperationsTree(operations.all, 0)[0]?.children ?? [];
    const item = toTreeItem(failure?.children.find(({ command }) => command !== undefined) as TreeNode);
    const command = 'dockerOverlay.host.checkPorts';
    expect(item).toMatchObject({
      label: 'Check Ports',
      command: { title: 'Check Ports', command, arguments: [{ hosts: ['hosta'] }] },
    });
    expect(operationReport(operations.get(run.id)).split('\n')).toContain('    > Docker Overlay: Check Ports');
  });

  test('the report has every step and no secret', () => {
    const { operations, run } = broken();
    const report = operationReport(operations.get(run.id));
    expect(report.split('\n')).toEqual([
      'Form swarm: not finished · 1 of 3 · 1 failed · 1970-01-01T00:00:01.000Z · 3.5 s',
      '- [done] Do a',
      '- [failed: Image alpine not available] Do b',
      expect.stringContaining('SWMTKN-… was refused'),
      expect.stringContaining('Load the image on one host'),
      '    $ docker pull alpine',
      '- [not started] Do c',
      '',
    ]);
  });

  test('shows while there is something to show, and offers what is possible', () => {
    const on = (operations: Operations) => {
      const values = operationKeys(operations.all);
      return Object.entries(values).flatMap(([key, value]) => (value ? [key] : []));
    };
    const operations = new Operations();
    expect(on(operations)).toEqual([]);
    const run = operations.begin(plan(step('a'), step('b')), words);
    expect(on(operations)).toEqual([contextKeys.hasOperations, contextKeys.operationRunning]);
    run.update('a', failed);
    run.end();
    expect(on(operations)).toEqual([contextKeys.hasOperations, contextKeys.operationUnfinished]);
  });
});
