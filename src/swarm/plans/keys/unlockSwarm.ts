import { isOverlayError, OverlayError } from '../../../base/errors';
import { Secret } from '../../../base/text/redact';
import { listAll } from '../../../base/text/words';
import type { HostName } from '../../../model/host/host';
import type { EngineOf } from '../../askManager';
import { readyHost } from '../../topology/lookup';
import { defaultPlanTimes, distinct, type Planner, type PlanStep, type PlanTimes, type StepContext } from '../plan';
import { isAnswerLost, waitForChange } from '../sendAndWait';

export interface UnlockRequest {
  /** Hosts that are locked managers of one swarm. */
  readonly hosts: readonly HostName[];
  readonly key: Secret;
}

/**
 * Unlocks managers, all at once: a swarm whose managers are all locked has a majority only once enough of them are
 * open.
 *
 * @throws notConnected, notInSwarm, invalidArguments when no key is given.
 */
export const planUnlock: Planner<UnlockRequest> = (topology, engineOf, request, times = defaultPlanTimes) => {
  const hosts = distinct(request.hosts, 'hosts');
  // Pasted keys bring a line end along.
  const key = new Secret(request.key.reveal().trim());
  if (key.reveal() === '') throw new OverlayError('invalidArguments', { message: 'no unlock key given' });
  for (const host of hosts) {
    if (readyHost(topology, host).swarm.state === 'inactive') throw new OverlayError('notInSwarm', { host });
  }
  return {
    title: `Unlock ${listAll(hosts)}`,
    steps: hosts.map((host) => unlockStep(engineOf, host, key, times)),
    effects: [`${listAll(hosts)}: takes part in its swarm again`],
    warnings: [],
  };
};

function unlockStep(engineOf: EngineOf, host: HostName, key: Secret, times: PlanTimes): PlanStep {
  return {
    id: `unlock:${host}`,
    host,
    title: `Unlock ${host}`,
    after: [],
    async run(context) {
      const { swarm } = await engineOf(host).info({ signal: context.signal });
      if (swarm.state === 'active') return 'alreadyDone';
      if (swarm.state === 'inactive') throw new OverlayError('notInSwarm', { host });
      if (swarm.state === 'locked') await unlock(engineOf, host, key, context);
      context.report('waiting until it takes part');
      await waitForChange(context, times, host, 'it as an active manager', () => isActive(engineOf, host, context));
      return 'done';
    },
  };
}

async function unlock(engineOf: EngineOf, host: HostName, key: Secret, context: StepContext): Promise<void> {
  context.report('unlocking');
  const { signal } = context;
  try {
    await engineOf(host).swarm.unlock(key, { signal });
  } catch (error) {
    if (isAnswerLost(error)) return;
    // Unlocked by somebody else in the same moment: then a key is refused as not wanted.
    if (isOverlayError(error, 'unlockKeyRefused') || !(await isActive(engineOf, host, context))) throw error;
  }
}

/** While managers have no majority an engine may say `error` for a while and go on trying: that is not yet. */
async function isActive(engineOf: EngineOf, host: HostName, { signal }: StepContext): Promise<boolean> {
  const { swarm } = await engineOf(host).info({ signal });
  return swarm.state === 'active';
}
