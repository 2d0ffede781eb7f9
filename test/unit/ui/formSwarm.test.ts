import { expect, test, vi } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { Secret } from '../../../src/base/text/redact';
import type { Fleet } from '../../../src/swarm/fleet';
import type { Plan, PlanResult } from '../../../src/swarm/plans/plan';
import { planError } from '../../../src/swarm/plans/runPlan';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { formSwarm } from '../../../src/ui/swarm/form/formSwarm';
import type { PlanRunner } from '../../../src/ui/operations/planRunner';
import { UnlockKeys } from '../../../src/ui/swarm/unlockKeys';
import { free, swarmOf } from '../swarm/samples';

vi.mock('vscode', () => ({}));

test('the key of a swarm that locks is kept although not every host has joined it', async () => {
  let topology = buildTopology(['h1', 'h2'].map(free), [], 1);
  const fleet = {
    get topology() {
      return topology;
    },
    engine: () => ({ swarm: { unlockKey: async () => new Secret('the key') } }),
  } as unknown as Fleet;
  const runner = {
    run: async (plan: Plan): Promise<PlanResult> => {
      topology = swarmOf(['h1'], ['h1']);
      const error = new OverlayError('joinUnreachable', { host: 'h2' });
      const steps = plan.steps.map((step) => ({
        step,
        state: step.id === 'init:h1' ? ({ kind: 'done' } as const) : ({ kind: 'failed', error } as const),
      }));
      return { title: plan.title, outcome: 'incomplete', steps };
    },
    outcome: (result: PlanResult) => {
      throw planError(result) ?? new Error('The plan was done.');
    },
  } as unknown as PlanRunner;
  const values = new Map<string, string>();
  const keys = new UnlockKeys({
    get: async (key: string) => values.get(key),
    store: async (key: string, value: string) => void values.set(key, value),
    delete: async (key: string) => void values.delete(key),
    keys: () => [...values.keys()],
  });
  const args = { hosts: ['h1', 'h2'], managers: ['h1'], autolock: true, confirmed: true };
  await expect(formSwarm(fleet, runner, keys, args)).rejects.toMatchObject({ reason: 'planIncomplete' });
  expect((await keys.kept('c1'))?.reveal()).toBe('the key');
});
