import { isOverlayError, OverlayError } from '../../../base/errors';
import { Secret } from '../../../base/text/redact';
import type { CommandArguments } from '../../../contributions';
import type { HostName } from '../../../model/host/host';
import type { HostView } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import { planUnlock } from '../../../swarm/plans';
import { chooseCluster } from '../chooseNodes';
import { chooseHost, chooseHosts } from '../../hosts/chooseHosts';
import type { PlanOutcome, PlanRunner } from '../../operations/planRunner';
import { askSecret } from '../../hosts/prompts/askSecret';
import { notBack } from '../../vscode/ask';
import { pickOne, type PickItem } from '../../quickPick/pick';
import { membershipOf } from '../../../model/swarm/membership';
import { list } from '../../../base/text/words';
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
    remedy: 'If one is locked, connect it first.',
    picked: true,
  });
  const hosts = chosen.map((host) => host.config.name);
  const run = (key: Secret) => {
    const plan = planUnlock(fleet.topology, (one) => fleet.engine(one), { hosts, key });
    return runner.finish(plan, { running: `Unlocking ${list(hosts)}`, done: 'unlocked' });
  };
  const clusterId = (await clusterOf(fleet, keys, chosen)) ?? (await chooseKept(fleet, keys, hosts, anotherKey));
  const known = clusterId === undefined ? undefined : await knownKey(fleet, keys, clusterId);
  if (known) {
    try {
      return await run(known);
    } catch (error) {
      // It may be of before a rotation, or of another swarm: it stays. With several managers the refusal is inside the plan's error.
      if (!isRefused(error)) throw error;
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
      remedy: 'Connect a manager of the swarm first.',
    });
    const { name } = view.config;
    const id = (await clusterOf(fleet, keys, [view])) ?? (await chooseKept(fleet, keys, [name]));
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
  const managers = fleet.topology.hosts.filter(({ config }) => hosts.includes(config.name));
  const clusterId = managers[0]?.clusterId;
  // Only unlocked they say which swarm they are of.
  if (answer.remember && clusterId !== undefined) await keys.keep(clusterId, key, managers);
  return outcome;
}

const anotherKey: PickItem<undefined> = { value: undefined, label: 'Another key…', icon: 'edit' };

const isRefused = (error: unknown): boolean =>
  isOverlayError(error, 'unlockKeyRefused') ||
  (error instanceof Error && isOverlayError(error.cause, 'unlockKeyRefused'));

async function clusterOf(fleet: Fleet, keys: UnlockKeys, hosts: readonly HostView[]): Promise<string | undefined> {
  for (const host of hosts) {
    const id = (await keys.clusterOf(host)) ?? likelyCluster(fleet.topology, host)?.id;
    if (id !== undefined) return id;
  }
  return undefined;
}

/**
 * Which of the kept keys it is, where nobody knows the swarm of these managers. It is not tried out: a key is no other
 * swarm's business.
 *
 * @param other offered beside them. @returns the swarm's id; undefined when nothing is kept, or the other was chosen.
 */
async function chooseKept(
  { topology }: Fleet,
  keys: UnlockKeys,
  hosts: readonly HostName[],
  other?: PickItem<undefined>,
): Promise<string | undefined> {
  const items = keys.clusters().map((id): PickItem<string | undefined> => {
    const name = topology.clusters.find((one) => one.id === id)?.name;
    return { value: id, label: `Unlock key of ${name ?? 'the swarm'}`, description: id, icon: 'lock' };
  });
  if (items.length === 0) return undefined;
  return notBack(
    await pickOne<string | undefined>({
      title: `Unlock key of ${list(hosts)}`,
      placeholder: `Which kept key? It is not known which swarm ${list(hosts)} ${hosts.length === 1 ? 'is' : 'are'} of`,
      items: [...items, ...(other ? [other] : [])],
    }),
  );
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
