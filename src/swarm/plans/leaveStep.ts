import { isOverlayError, OverlayError } from '../../base/errors';
import type { HostName } from '../../model/host';
import type { EngineOf, PlanStep, StepContext } from '../plan';
import { isAnswerLost, listOf, notSeen, waitUntil, type PlanTimes } from './support';

export interface LeaveStepOptions {
  readonly engineOf: EngineOf;
  readonly host: HostName;
  /** The node it is to leave as; not known of one that is joining or was locked when first seen. */
  readonly nodeId: string;
  readonly force: boolean;
  /** What comes before has made sure that the managers do without it: locked, it may leave by force. */
  readonly isReleased?: boolean;
  readonly after: readonly string[];
  readonly times: PlanTimes;
  /** Its leave ends the swarm of these nodes, and no others. */
  readonly endsSwarmOf?: readonly string[];
}

/** The step in which the host itself leaves; done already when it is in no swarm, or in one as another node. */
export function leaveStep(options: LeaveStepOptions): PlanStep {
  const { host, after } = options;
  return {
    id: `leave:${host}`,
    host,
    title: options.endsSwarmOf ? `Leave with ${host}, the last manager` : `Leave with ${host}`,
    after,
    run: (context) => leave(options, context),
  };
}

async function leave(options: LeaveStepOptions, context: StepContext): Promise<'done' | 'alreadyDone'> {
  const { engineOf, host, nodeId, times, endsSwarmOf } = options;
  const read = async () => (await engineOf(host).info({ signal: context.signal })).swarm;
  const isOut = ({ state, nodeId: id }: Awaited<ReturnType<typeof read>>) =>
    state === 'inactive' || (nodeId !== '' && id !== '' && id !== nodeId);
  const now = await read();
  if (isOut(now)) return 'alreadyDone';
  if (endsSwarmOf) await refuseOthers(options, endsSwarmOf, context);
  // Docker lets a locked one leave by force only, whatever role it has by now.
  const force = options.force || (options.isReleased === true && now.state === 'locked');
  if (force && !endsSwarmOf) await refuseLed(options, context);
  context.report('leaving');
  try {
    await engineOf(host).swarm.leave({ force }, { signal: context.signal });
  } catch (error) {
    // `notInSwarm`: left by somebody else in the same moment.
    if (!isAnswerLost(error) && !isOverlayError(error, 'notInSwarm')) throw error;
  }
  await waitUntil(
    context,
    { ms: times.change, look: times.look },
    async () => isOut(await read()) || undefined,
    notSeen(host, 'the leave', times.change),
  );
  return 'done';
}

/**
 * By force leaves only who has nobody to ask: a manager that has found a leader since the plan was made would go without
 * a demotion, and count for ever as one that does not answer.
 *
 * @throws nodeIsManager.
 */
async function refuseLed({ engineOf, host }: LeaveStepOptions, { signal }: StepContext): Promise<void> {
  try {
    const nodes = await engineOf(host).swarm.nodes({ signal });
    if (!nodes.some((node) => node.manager?.leader)) return;
  } catch (error) {
    if (isOverlayError(error, 'cancelled', 'unexpected') || !isOverlayError(error)) throw error;
    return;
  }
  throw new OverlayError('nodeIsManager', { host, name: host });
}

/**
 * Nodes may have come, or come back, since the plan was made; for some seconds after an election all are `unknown`.
 *
 * @throws lastManager naming them.
 */
async function refuseOthers({ engineOf, host }: LeaveStepOptions, known: readonly string[], { signal }: StepContext) {
  const nodes = await engineOf(host).swarm.nodes({ signal });
  const others = nodes.filter((node) => node.state !== 'down' && !known.includes(node.id));
  if (others.length === 0) return;
  const names = listOf(others.map((node) => node.hostname || node.id));
  throw new OverlayError('lastManager', { host, message: `its leave would end the swarm of ${names}` });
}
