import { isOverlayError } from '../../../base/errors';
import type { Engine } from '../../../engine/api';
import { sendOnce } from '../sendAndWait';

/** Each takes 15 s when Docker's node does not stop. */
const attempts = 3;

/**
 * Lets a host leave its swarm; that it has left already is no failure.
 *
 * A leave asks no manager. What sounds like a majority that is lost ("deadline exceeded") is Docker's own node that took
 * more than 15 s to stop: it then stops all the same, but Docker has not forgotten the swarm and would be back in it after a
 * restart, so it is told again (moby, daemon/cluster: `Leave` returns before it clears its state). At once: what was proved
 * before a leave by force is of this moment.
 */
export async function sendLeave(engine: Engine, force: boolean, signal: AbortSignal): Promise<void> {
  const send = () => sendOnce(() => engine.swarm.leave({ force }, { signal }), 'notInSwarm');
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (error) {
      if (attempt === attempts || !isOverlayError(error, 'quorumLost')) throw error;
    }
  }
}
