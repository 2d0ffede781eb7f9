import { OverlayError } from '../../../base/errors';
import { listAll } from '../../../base/text/words';
import type { HostName } from '../../../model/host/host';
import type { Cluster } from '../../../model/swarm/topology';
import { type EngineOf, askManager } from '../../askManager';
import { clusterById, requireManagers } from '../../topology/lookup';
import { defaultPlanTimes, type Planner, type PlanStep, type PlanTimes } from '../plan';
import { sendRepeatable, waitForChange } from '../sendAndWait';
import { rotationStep } from './rotationStep';

export interface AutolockRequest {
  readonly clusterId: string;
  readonly on: boolean;
}

/**
 * Sets whether managers are locked after each restart of their engine until somebody gives the unlock key. The key is
 * not part of the plan: `engine.swarm.unlockKey` reads it once autolock is on.
 *
 * @throws noReachableManager, quorumLost.
 */
export const planSetAutolock: Planner<AutolockRequest> = (
  topology,
  engineOf,
  { clusterId, on },
  times = defaultPlanTimes,
) => {
  const cluster = clusterById(topology, clusterId);
  const managers = requireManagers(cluster);
  return {
    title: `Turn autolock of ${cluster.name} ${on ? 'on' : 'off'}`,
    steps: [autolockStep(engineOf, managers, on, times)],
    effects: on
      ? [
          'Each manager is locked after a restart of its engine until it gets the unlock key',
          'The unlock key is kept in the secret storage of this editor, and shown on request',
        ]
      : ['Managers start without a key; what Raft stores can be read by whoever reads their disks'],
    warnings: on
      ? [
          'Without the unlock key a locked manager is lost: keep it in a second place, too',
          ...awayWarnings(cluster, 'is locked only after it has heard of this'),
        ]
      : awayWarnings(cluster, 'still wants the unlock key once when it is back'),
  };
};

function autolockStep(engineOf: EngineOf, managers: readonly HostName[], on: boolean, times: PlanTimes): PlanStep {
  const [host] = managers;
  return {
    id: `autolock:${on ? 'on' : 'off'}`,
    host,
    title: `Turn autolock ${on ? 'on' : 'off'}`,
    after: [],
    async run(context) {
      const { signal } = context;
      const isSo = () =>
        askManager(engineOf, managers, async (engine) => (await engine.swarm.inspect({ signal })).autolock === on);
      if (await isSo()) return 'alreadyDone';
      // Twice the same is the same: a manager that gave no answer may be followed by another one.
      await sendRepeatable(() =>
        askManager(engineOf, managers, (engine) => engine.swarm.update({ autolock: on }, { signal })),
      );
      await waitForChange(context, times, host, `autolock turned ${on ? 'on' : 'off'}`, isSo);
      return 'done';
    },
  };
}

export interface RotateUnlockKeyRequest {
  readonly clusterId: string;
}

/**
 * Makes a new unlock key. Its step fails with `autolockOff` where there is none: what a topology knows of autolock may
 * be of half a minute ago.
 *
 * @throws noReachableManager, quorumLost.
 */
export const planRotateUnlockKey: Planner<RotateUnlockKeyRequest> = (
  topology,
  engineOf,
  { clusterId },
  times = defaultPlanTimes,
) => {
  const cluster = clusterById(topology, clusterId);
  const managers = requireManagers(cluster);
  return {
    title: `Rotate the unlock key of ${cluster.name}`,
    steps: [
      rotationStep({
        engineOf,
        managers,
        id: 'rotateUnlockKey',
        title: 'Rotate the unlock key',
        change: { rotateUnlockKey: true },
        read: async (engine, options) => {
          const key = await engine.swarm.unlockKey(options);
          if (key === undefined) throw new OverlayError('autolockOff', { name: cluster.name });
          return key;
        },
        what: 'the new unlock key',
        times,
      }),
    ],
    effects: [
      'Managers are unlocked with the new key from then on',
      'The new key takes the place of the old one in the secret storage of this editor',
    ],
    warnings: [
      'Keep the old key for some minutes: a manager that restarts before it has heard of the new one still wants it',
      ...awayWarnings(cluster, 'wants the old key when it is back'),
    ],
  };
};

/** Managers that do not hear of a change now. */
function awayWarnings(cluster: Cluster, what: string): string[] {
  const away = cluster.nodes.filter(({ node }) => node.manager && node.manager.reachability !== 'reachable');
  if (away.length === 0) return [];
  return [`${listAll(away.map(({ node, host }) => host ?? node.hostname))} is not reachable now: it ${what}`];
}
