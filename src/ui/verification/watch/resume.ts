import type { Event } from '../../../base/event';
import type { Topology } from '../../../model/swarm/topology';

/** What is needed of the fleet. */
export interface ResumeSource {
  readonly topology: Topology;
  readonly onDidChange: Event<Topology>;
}

/**
 * Whether a watch can go on after the window was reloaded: a manager knows the network, and no host is still on its way,
 * so that the first run is not one of half the hosts.
 */
export function canResume({ clusters, hosts }: Topology, networkId: string): boolean {
  const isKnown = clusters.some(({ networks }) => networks.some(({ network }) => network.id === networkId));
  return isKnown && hosts.every(({ state }) => state.kind !== 'connecting');
}

/** Resolves once the watch of a network can go on; rejects with the signal's reason when that aborts before. */
export function whenResumable(fleet: ResumeSource, networkId: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    if (canResume(fleet.topology, networkId)) return resolve();
    const listening = fleet.onDidChange(() => {
      if (!canResume(fleet.topology, networkId)) return;
      end();
      resolve();
    });
    const onAbort = () => {
      end();
      reject(signal.reason as Error);
    };
    const end = () => {
      listening.dispose();
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
