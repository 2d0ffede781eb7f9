import type { Secret } from '../../../base/text/redact';
import type { Engine, RequestOptions, SwarmUpdate } from '../../../engine/api';
import type { HostName } from '../../../model/host/host';
import { type EngineOf, askManager, askManagerOnce } from '../../askManager';
import type { PlanStep, PlanTimes, StepContext } from '../plan';
import { isAnswerLost, waitForChange } from '../sendAndWait';

export interface RotationOptions {
  readonly engineOf: EngineOf;
  /** Managers to ask, best first. */
  readonly managers: readonly HostName[];
  readonly id: string;
  readonly title: string;
  readonly change: SwarmUpdate;
  /** What the rotation replaces; undefined when there is nothing to replace, which the reader may refuse by throwing. */
  readonly read: (engine: Engine, options: RequestOptions) => Promise<Secret | undefined>;
  /** "a new join token", for the error when it is not seen. */
  readonly what: string;
  readonly times: PlanTimes;
}

/**
 * Replaces a secret of the swarm by a new one. What was there before is remembered from the first run of the step on: a
 * lost answer or a second run finds the new one and does not rotate again.
 */
export function rotationStep(options: RotationOptions): PlanStep {
  const { managers, id, title } = options;
  const [host] = managers;
  let before: Secret | undefined;
  return {
    id,
    host,
    title,
    after: [],
    async run(context) {
      const now = await readNow(options, context);
      if (before !== undefined && isOther(now, before)) return 'alreadyDone';
      before = now;
      context.report('rotating');
      await send(options, before, context);
      await waitForChange(context, options.times, host, options.what, async () =>
        isOther(await readNow(options, context), now),
      );
      return 'done';
    },
  };
}

const isOther = (now: Secret | undefined, before: Secret | undefined): boolean =>
  now !== undefined && now.reveal() !== before?.reveal();

function readNow({ engineOf, managers, read }: RotationOptions, { signal }: StepContext): Promise<Secret | undefined> {
  return askManager(engineOf, managers, (engine) => read(engine, { signal }));
}

/** Asks managers in turn; after an answer that was lost, first looks whether it was carried out, then asks others first. */
async function send(options: RotationOptions, before: Secret | undefined, context: StepContext): Promise<void> {
  const { engineOf, managers, change } = options;
  const rotate = (engine: Engine) => engine.swarm.update(change, { signal: context.signal });
  try {
    await askManagerOnce(engineOf, managers, rotate);
  } catch (error) {
    if (!isAnswerLost(error)) throw error;
    context.report('no answer: looking whether it was done');
    if (isOther(await readNow(options, context), before)) return;
    await askManagerOnce(engineOf, [...managers.slice(1), ...managers.slice(0, 1)], rotate);
  }
}
