import { describe, expect, test } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { contextKeys } from '../../../src/contributions';
import { summarise, type VerificationReport } from '../../../src/model/matrix';
import type { PlanStep } from '../../../src/swarm/plan';
import { ContextKeys, contextValues } from '../../../src/ui/contextKeys';
import { LastReports, type Memory } from '../../../src/ui/lastResults';
import { PlanProgress } from '../../../src/ui/planProgress';
import { escapeMarkdown } from '../../../src/base/escapeMarkdown';
import { ago, list } from '../../../src/ui/trees/words';
import { cluster, clusterNetwork, host, network, ready, topology } from './topologies';

describe('context keys', () => {
  const on = (values: Record<string, boolean>) => Object.keys(values).filter((key) => values[key]);

  test('follow the first minute, step by step', () => {
    expect(on(contextValues(topology(), false))).toEqual([]);
    const idle = topology({ hosts: [host('a', { kind: 'idle' })] });
    expect(on(contextValues(idle, false))).toEqual([contextKeys.hasHosts]);
    const connected = topology({ hosts: [host('a', ready())] });
    expect(on(contextValues(connected, false))).toEqual([
      contextKeys.hasHosts,
      contextKeys.hasConnectedHosts,
      contextKeys.hasFreeHosts,
    ]);
    const member = host('a', ready({ state: 'active', isManager: true }));
    const ingress = clusterNetwork(network('ingress', { ingress: true }));
    const inSwarm = topology({ hosts: [member], clusters: [cluster({ networks: [ingress] })] });
    expect(on(contextValues(inSwarm, false))).toEqual([
      contextKeys.hasHosts,
      contextKeys.hasConnectedHosts,
      contextKeys.hasCluster,
    ]);
    const own = topology({ hosts: [member], clusters: [cluster({ networks: [clusterNetwork(network('n'))] })] });
    expect(on(contextValues(own, true))).toEqual(
      expect.arrayContaining([contextKeys.hasOverlayNetwork, contextKeys.verifying]),
    );
  });

  test('are set only when they change', () => {
    const set: [string, boolean][] = [];
    const keys = new ContextKeys((key, value) => set.push([key, value]));
    keys.update(contextValues(topology(), false));
    expect(set).toHaveLength(Object.keys(contextKeys).length);
    keys.update(contextValues(topology(), true));
    expect(set.slice(Object.keys(contextKeys).length)).toEqual([[contextKeys.verifying, true]]);
  });
});

function report(id: string, overrides: Partial<VerificationReport> = {}): VerificationReport {
  return {
    schema: 'docker-overlay/verification@1',
    id: 'run',
    startedAt: '2026-01-01T12:00:00Z',
    durationMs: 3000,
    outcome: 'finished',
    clusterId: 'c1',
    network: { id, name: id, encrypted: false, subnets: [] },
    hosts: [],
    pings: 3,
    pairs: [],
    summary: { ...summarise(3, []), reachable: 6, unknown: 0 },
    findings: [],
    cleanUp: { removed: 3, left: [] },
    ...overrides,
  };
}

function memory(initial?: unknown): Memory & { value: unknown } {
  const kept = {
    value: initial,
    get: () => kept.value,
    update: async (_: string, value: unknown) => void (kept.value = value),
  };
  return kept;
}

describe('last reports', () => {
  test('survive a restart', async () => {
    const store = memory();
    await new LastReports(store).keep(report('n1'));
    const again = new LastReports(store);
    expect(again.result('n1')).toEqual({
      at: Date.parse('2026-01-01T12:00:03Z'),
      pairs: 6,
      reachable: 6,
      findings: [],
    });
    expect(again.get('n2')).toBeUndefined();
  });

  test('are bounded in number and size, the newest stay', async () => {
    const store = memory();
    const reports = new LastReports(store);
    for (let index = 0; index < 25; index += 1) await reports.keep(report(`n${index}`));
    expect((store.value as unknown[]).length).toBe(20);
    expect(new LastReports(store).get('n24')).toBeDefined();
    expect(new LastReports(store).get('n0')).toBeUndefined();
    const huge = { rule: 'x'.repeat(1_500_000) } as unknown as VerificationReport['findings'][number];
    await reports.keep(report('big1', { findings: [huge] }));
    await reports.keep(report('big2', { findings: [huge] }));
    expect(new LastReports(store).all().map((one) => one.network.id)).toEqual(['big2']);
  });

  test('have the one to compare a report with: of the same network, before it, and finished', async () => {
    const store = memory();
    const reports = new LastReports(store);
    const of = (id: string, minute: number, more: Partial<VerificationReport> = {}) =>
      report('n1', { id, startedAt: `2026-01-01T12:0${minute}:00.000Z`, ...more });
    expect(reports.before(of('a', 1))).toBeUndefined();
    await reports.keep(of('a', 1));
    await reports.keep(report('n2', { id: 'other' }));
    await reports.keep(of('b', 2, { outcome: 'failed' }));
    // While it is shown it may or may not be kept yet.
    expect(reports.before(of('c', 3))?.id).toBe('a');
    await reports.keep(of('c', 3));
    expect(reports.before(of('c', 3))?.id).toBe('a');
    await reports.keep(of('d', 4));
    const again = new LastReports(store);
    expect([again.get('n1')?.id, again.before(of('d', 4))?.id]).toEqual(['d', 'c']);
    expect(again.all().map((one) => one.id)).toEqual(['d', 'other']);
  });

  test('of many networks are kept before earlier ones of the same', async () => {
    const store = memory();
    const reports = new LastReports(store);
    for (let index = 0; index < 12; index += 1) {
      await reports.keep(report(`n${index}`, { id: `old${index}` }));
      await reports.keep(report(`n${index}`, { id: `new${index}` }));
    }
    const again = new LastReports(store);
    expect(again.all()).toHaveLength(12);
    expect(again.before(report('n11', { id: 'x' }))?.id).toBe('new11');
    expect(again.get('n0')?.id).toBe('new0');
    expect((store.value as unknown[]).length).toBe(20);
  });

  test('leave out what is not one, and do not colour a network by a run that failed as a whole', () => {
    const failed = report('n1', { outcome: 'failed' });
    const reports = new LastReports(memory(['x', null, { schema: 'other' }, failed]));
    expect(reports.all()).toEqual([failed]);
    expect(reports.result('n1')).toBeUndefined();
    expect(new LastReports(memory('broken')).all()).toEqual([]);
  });
});

describe('progress of a plan', () => {
  const step = (name: string): PlanStep => ({
    id: name,
    host: name,
    title: `Join ${name}`,
    after: [],
    run: async () => 'done',
  });

  test('counts what is done and says what is waited for', () => {
    const steps = ['host1', 'host2', 'host3'].map(step);
    const [one, two, three] = steps as [PlanStep, PlanStep, PlanStep];
    const progress = new PlanProgress(steps, { running: 'Forming swarm', done: 'joined' });
    expect(progress.text()).toBe('0 of 3 joined');
    expect(progress.update(one, { kind: 'running' })).toBe('0 of 3 joined · Join host1');
    progress.update(one, { kind: 'done' });
    progress.update(two, { kind: 'alreadyDone' });
    const words = progress.update(three, { kind: 'running', words: 'waiting for 2377/tcp' });
    expect(words).toBe('2 of 3 joined · host3: waiting for 2377/tcp');
    expect(progress.update(three, { kind: 'failed', error: new OverlayError('joinTimeout') })).toBe('2 of 3 joined');
  });
});

describe('words', () => {
  test('name a few and count the rest', () => {
    expect(list([])).toBe('');
    expect(list(['a'])).toBe('a');
    expect(list(['a', 'b', 'c'])).toBe('a, b and c');
    expect(list(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c and 3 more');
  });

  test('tell how long ago', () => {
    expect([0, 59_000, 120_000, 3_600_000, 86_400_000 * 3].map((ms) => ago(0, ms))).toEqual([
      'just now',
      'just now',
      '2 min ago',
      '1 h ago',
      '3 days ago',
    ]);
  });

  test('escape all of Markdown', () => {
    expect(escapeMarkdown('a|b\n[x](y) `c` <i>')).toBe('a\\|b \\[x\\]\\(y) \\`c\\` &lt;i\\>');
  });
});
