import { isOverlayError, type OverlayError, type Reason } from '../../../src/base/errors';
import type { Engine } from '../../../src/engine/api';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { free, idOf } from './samples';

/** Plans are made without asking anybody: an engine that is asked is a fault. */
export const noEngine = (): Engine => {
  throw new Error('A plan asked an engine while it was made.');
};

/** "join:h2 < init:h1" */
export const ids = (plan: { steps: readonly { id: string; after: readonly string[] }[] }) =>
  plan.steps.map((step) => (step.after.length > 0 ? `${step.id} < ${step.after.join(' ')}` : step.id));

export const errorOf = (make: () => unknown): OverlayError | undefined => {
  try {
    make();
  } catch (error) {
    if (isOverlayError(error)) return error;
    throw error;
  }
  return undefined;
};

export const reasonOf = (make: () => unknown): Reason | 'made' => errorOf(make)?.reason ?? 'made';

export const nid = (...names: string[]) => names.map(idOf);
export const freeHosts = (...names: string[]) => buildTopology(names.map(free), [], 1);
