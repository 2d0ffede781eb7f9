import { isOverlayError, OverlayError, type Reason } from '../base/errors';
import type { Engine } from '../engine/api';
import type { SwarmNode } from '../model/engine/records';
import type { HostName } from '../model/host/host';

/** Gives the engine of a connected host. @throws OverlayError `notConnected`. */
export type EngineOf = (host: HostName) => Engine;

/** What a manager answers that has not even looked at the request. */
const notTaken: readonly Reason[] = ['notConnected', 'notManager', 'notInSwarm', 'managerNotReady'];

/**
 * Asks the first manager that can answer; the next one when a manager is not connected, gone, or no manager any more.
 * For reads and for changes that may be made twice.
 */
export function askManager<T>(
  engineOf: EngineOf,
  managers: readonly HostName[],
  ask: (engine: Engine, host: HostName) => Promise<T>,
): Promise<T> {
  return askInTurn(engineOf, managers, ask, [...notTaken, 'linkLost', 'requestTimeout']);
}

/** The same for a change that must not be made twice: whose answer is lost may have made it, and no other is asked. */
export function askManagerOnce<T>(
  engineOf: EngineOf,
  managers: readonly HostName[],
  ask: (engine: Engine, host: HostName) => Promise<T>,
): Promise<T> {
  return askInTurn(engineOf, managers, ask, notTaken);
}

async function askInTurn<T>(
  engineOf: EngineOf,
  managers: readonly HostName[],
  ask: (engine: Engine, host: HostName) => Promise<T>,
  passing: readonly Reason[],
): Promise<T> {
  let last: unknown = new OverlayError('noReachableManager');
  for (const host of managers) {
    try {
      return await ask(engineOf(host), host);
    } catch (error) {
      if (!isOverlayError(error, ...passing)) throw error;
      last = error;
    }
  }
  throw last;
}

/** The node as a manager sees it now; undefined when no manager knows it. */
export async function findNode(
  engineOf: EngineOf,
  managers: readonly HostName[],
  nodeId: string,
  signal: AbortSignal,
): Promise<SwarmNode | undefined> {
  const nodes = await askManager(engineOf, managers, (engine) => engine.swarm.nodes({ signal }));
  return nodes.find((node) => node.id === nodeId);
}
