import type { Reason } from '../../base/errors';
import type { SwarmStatus } from '../engine/records';

/** Why a join came to nothing: such a host has never been in the swarm, and knows nothing that could be lost. */
const joinFailures: readonly Reason[] = [
  'joinTokenRefused',
  'joinUnreachable',
  'joinTimeout',
  'managerNameUnknown',
  'advertiseAddressInvalid',
  'advertiseAddressAmbiguous',
];

/** Reasons of a host whose part of a swarm does not run; it may be the last that knows that swarm. */
export type BrokenReason = 'certificatesExpired' | 'managerStateBroken' | 'swarmPartBroken';

/**
 * Why a member's part of its swarm does not run (`Swarm.LocalNodeState` "error"); undefined when it runs, or when only a
 * join has failed. Docker tells neither node nor role in that state and lets such a host leave without a word, so what
 * cannot be told is taken for the last manager.
 */
export function brokenReason({ state, errorReason, nodeId }: SwarmStatus): BrokenReason | undefined {
  if (state !== 'error') return undefined;
  if (errorReason === 'certificatesExpired' || errorReason === 'managerStateBroken') return errorReason;
  // An id is known only of one that was a member before.
  const hasFailedToJoin = nodeId === '' && errorReason !== undefined && joinFailures.includes(errorReason);
  return hasFailedToJoin ? undefined : 'swarmPartBroken';
}

/**
 * Whether a host is just taking its place in a swarm again as a manager: it knows its node, which is among the managers,
 * and is none yet. Docker does not guard it against leaving before it is.
 */
export function isStartingManager({ state, isManager, nodeId, remoteManagers }: SwarmStatus): boolean {
  const isListed = nodeId !== '' && remoteManagers.some((manager) => manager.nodeId === nodeId);
  return state === 'pending' && !isManager && isListed;
}
