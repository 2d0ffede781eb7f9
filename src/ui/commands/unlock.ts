import { isOverlayError, OverlayError } from '../../base/errors';
import { Secret } from '../../base/redact';
import type { CommandArguments } from '../../contributions';
import type { HostName } from '../../model/host';
import type { HostView } from '../../model/topology';
import type { Fleet } from '../../swarm/fleet';
import { planUnlock } from '../../swarm/plans';
import { chooseCluster, chooseHost, chooseHosts } from '../choose';
import type { PlanOutcome, PlanRunner } from '../planRunner';
import { askSecret } from '../prompts/askSecret';
import { membershipOf } from '../trees/viewItems';
import { list } from '../trees/words';
import { likelyCluster, type UnlockKeys } from '../unlockKeys';

/** Lets locked managers take part again: with the kept key, a manager's, or one that is asked for. */
export async function unlockManagers(
  fleet: Fleet,
  runner: PlanRunner,
  keys: UnlockKeys,
  args: CommandArguments['dockerOverlay.swarm.unlock'],
): Promise<PlanOutcome> {
  const chosen = await chooseHosts(fleet.topology, args.hosts, {
    title: 'Unlock Managers',
    placeholder: 'Which managers?',
    offer: (host) => membershipOf(host) === 'locked',
    none: 'No connected host is a locked manager.',
    picked: true,
  });
  const hosts = chosen.map((host) => host.config.name);
  const run = (key: Secret) => {
    const plan = planUnlock(fleet.topology, (one) => fleet.engine(one), { hosts, key });
    return runner.finish(plan, { running: `Unlocking ${list(hosts)}`, done: 'unlocked' });
  };
  const clusterId = await clusterOf(fleet, keys, chosen);
  const known = clusterId === undefined ? undefined : await knownKey(fleet, keys, clusterId);
  if (known) {
    try {
      return await run(known);
    } catch (error) {
      // The kept key may be of before a rotation; with several managers the refusal is inside the plan's error.
      if (!isRefused(error)) throw error;
      await keys.forget(clusterId ?? '');
    }
  }
  return askAndRun(fleet, keys, hosts, run, known !== undefined);
}

/**
 * The key of the swarm that is named or asked for, or of the one a locked manager is of.
 *
 * @throws OverlayError `autolockOff`, `noReachableManager`, `unlockKeyNotKept`.
 */
export async function findUnlockKey(
  fleet: Fleet,
  keys: UnlockKeys,
  { clusterId, host }: CommandArguments['dockerOverlay.swarm.showUnlockKey'],
): Promise<{ readonly name: string; readonly key: Secret; readonly from: 'secretStorage' | 'manager' }> {
  const { topology } = fleet;
  const title = 'Show Unlock Key';
  if (clusterId === undefined && (host !== undefined || topology.clusters.length === 0)) {
    const view = await chooseHost(topology, host, {
      title,
      placeholder: 'Of which locked manager?',
      offer: (one) => membershipOf(one) === 'locked',
      none: 'No connected host is in a swarm.',
    });
    const { name } = view.config;
    const id = await clusterOf(fleet, keys, [view]);
    const known = topology.clusters.find((one) => one.id === id);
    const kept = id === undefined ? undefined : await keys.kept(id);
    const found = known ? await keys.current(fleet, known) : kept && { key: kept, from: 'secretStorage' as const };
    if (found === undefined) throw new OverlayError('unlockKeyNotKept', { host: name });
    return { name, ...found };
  }
  const cluster = await chooseCluster(topology, clusterId, title);
  const found = await keys.current(fleet, cluster);
  if (found === undefined) throw new OverlayError('autolockOff', { name: cluster.name });
  return { name: cluster.name, ...found };
}

async function askAndRun(
  fleet: Fleet,
  keys: UnlockKeys,
  hosts: readonly HostName[],
  run: (key: Secret) => Promise<PlanOutcome>,
  previousWrong: boolean,
): Promise<PlanOutcome> {
  const prompt = 'It begins with SWMKEY; another manager shows it: docker swarm unlock-key.';
  const answer = await askSecret({
    title: `Unlock key of ${list(hosts)}`,
    prompt: previousWrong ? `The kept key was refused. ${prompt}` : prompt,
    canKeep: true,
  });
  if (!answer) throw new OverlayError('cancelled');
  const key = new Secret(answer.value.trim());
  const outcome = await run(key);
  const clusterId = fleet.topology.hosts.find(({ config }) => hosts.includes(config.name))?.clusterId;
  // Only unlocked they say which swarm they are of.
  if (answer.remember && clusterId !== undefined) await keys.keep(clusterId, key, hosts);
  return outcome;
}

const isRefused = (error: unknown): boolean =>
  isOverlayError(error, 'unlockKeyRefused') ||
  (error instanceof Error && isOverlayError(error.cause, 'unlockKeyRefused'));

async function clusterOf(fleet: Fleet, keys: UnlockKeys, hosts: readonly HostView[]): Promise<string | undefined> {
  for (const host of hosts) {
    const id = (await keys.clusterOf(host.config.name)) ?? likelyCluster(fleet.topology, host)?.id;
    if (id !== undefined) return id;
  }
  return undefined;
}

/** The kept one; else what a manager that is open says. */
async function knownKey(fleet: Fleet, keys: UnlockKeys, clusterId: string): Promise<Secret | undefined> {
  const cluster = fleet.topology.clusters.find((one) => one.id === clusterId);
  const kept = await keys.kept(clusterId);
  if (kept || !cluster) return kept;
  try {
    return await keys.read(fleet, cluster);
  } catch (error) {
    if (!isOverlayError(error)) throw error;
    // No manager can say it: the person may know it.
    return undefined;
  }
}
