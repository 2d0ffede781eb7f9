import { describe, expect, test, vi } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { contextKeys } from '../../../src/contributions';
import type { Topology } from '../../../src/model/swarm/topology';
import type { PlanStep } from '../../../src/swarm/plans/plan';
import { ContextKeys } from '../../../src/ui/contextKeys';
import { hostKeys } from '../../../src/ui/hosts/hostsFeature';
import { networkKeys } from '../../../src/ui/networks/networksFeature';
import { swarmKeys } from '../../../src/ui/swarm/swarmFeature';
import { PlanProgress } from '../../../src/ui/operations/planProgress';
import { escapeMarkdown } from '../../../src/base/text/escapeMarkdown';
import { ago, list } from '../../../src/base/text/words';
import { cluster, clusterNetwork, host, network, ready, topology } from './topologies';

vi.mock('vscode', async () => (await import('./fakeVscode')).vscode);

describe('context keys', () => {
  const contextValues = (world: Topology, verifying: boolean) => ({
    ...hostKeys(world),
    ...swarmKeys(world),
    ...networkKeys(world),
    [contextKeys.verifying]: verifying,
  });
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
    const first = contextValues(topology(), false);
    keys.update(first);
    expect(set).toHaveLength(Object.keys(first).length);
    keys.update(contextValues(topology(), true));
    expect(set.slice(Object.keys(first).length)).toEqual([[contextKeys.verifying, true]]);
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
