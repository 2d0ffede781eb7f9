import { OverlayError } from '../../../base/errors';
import { listAll } from '../../../base/text/words';
import type { SwarmStatus } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import { type EngineOf, askManager } from '../../askManager';
import { quorumOfList } from '../../topology/clusterQuorum';
import type { PlanStep, PlanTimes, StepContext } from '../plan';
import { proveLeaderless } from '../proveQuorumLoss';
import { waitForChange } from '../sendAndWait';
import { sendLeave } from './sendLeave';

export interface LeaveStepOptions {
  readonly engineOf: EngineOf;
  readonly host: HostName;
  /** The node it is to leave as; not known of one that is joining or was locked when first seen. */
  readonly nodeId: string;
  readonly force: boolean;
  /** Managers that stay: once they do without it, it may leave by force when it has not heard of that, or is locked. */
  readonly managers?: readonly HostName[];
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

/** Whether a host is in no swarm, or in one as another node than this; an empty id is any. */
export const hasLeft = (swarm: SwarmStatus, nodeId: string): boolean =>
  swarm.state === 'inactive' || (nodeId !== '' && swarm.nodeId !== '' && swarm.nodeId !== nodeId);

async function leave(options: LeaveStepOptions, context: StepContext): Promise<'done' | 'alreadyDone'> {
  const { engineOf, host, nodeId, times, endsSwarmOf } = options;
  const read = async () => (await engineOf(host).info({ signal: context.signal })).swarm;
  const now = await read();
  if (hasLeft(now, nodeId)) return 'alreadyDone';
  if (endsSwarmOf) await refuseOtherNodes(options, endsSwarmOf, context);
  // Docker lets a manager and a locked one leave by force only, whatever role the others have given it by now.
  const isHeld = now.isManager || now.state === 'locked';
  const mayFollow = isHeld ? await releasedBy(options, context) : undefined;
  const force = options.force || mayFollow !== undefined;
  if (force && !endsSwarmOf) {
    const refusal = () => new OverlayError('nodeIsManager', { host, name: host });
    await proveLeaderless({ engineOf, host, times, mayFollow, refusal }, context);
  }
  context.report('leaving');
  await sendLeave(engineOf(host), force, context.signal);
  await waitForChange(context, times, host, 'the leave', async () => hasLeft(await read(), nodeId));
  return 'done';
}

/** The id of the leader of managers that hold the majority and list the node as a worker, or not at all. */
async function releasedBy(
  { engineOf, host, nodeId, managers }: LeaveStepOptions,
  { signal }: StepContext,
): Promise<string | undefined> {
  const others = managers?.filter((one) => one !== host) ?? [];
  if (nodeId === '' || others.length === 0) return undefined;
  const nodes = await askManager(engineOf, others, (engine) => engine.swarm.nodes({ signal }));
  const own = nodes.find((node) => node.id === nodeId);
  const isReleased = own === undefined || (own.manager === undefined && own.role === 'worker');
  if (!isReleased || !quorumOfList(nodes).hasMajority) return undefined;
  return nodes.find((node) => node.manager?.leader)?.id;
}

/**
 * Nodes may have come, or come back, since the plan was made; for some seconds after an election all are `unknown`.
 *
 * @throws lastManager naming them.
 */
export async function refuseOtherNodes(
  { engineOf, host }: Pick<LeaveStepOptions, 'engineOf' | 'host'>,
  known: readonly string[],
  { signal }: StepContext,
): Promise<void> {
  const nodes = await engineOf(host).swarm.nodes({ signal });
  const others = nodes.filter((node) => node.state !== 'down' && !known.includes(node.id));
  if (others.length === 0) return;
  const names = listAll(others.map((node) => node.hostname || node.id));
  throw new OverlayError('lastManager', { host, message: `its leave would end the swarm of ${names}` });
}
