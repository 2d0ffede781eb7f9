import { describeError, isOverlayError, OverlayError } from '../../../base/errors';
import type { CommandArguments } from '../../../contributions';
import type { ClusterNetwork } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import { surveyNetworks } from '../../../swarm/networks/networkUsers';
import type { PlanResult } from '../../../swarm/plans/plan';
import { planPruneNetworks, pruneProposal } from '../../../swarm/plans';
import { chooseCluster } from '../../swarm/chooseNodes';
import { findCluster } from '../../command/find';
import { showInfo, showWarning } from '../../vscode/messages';
import type { PlanRunner } from '../../operations/planRunner';
import { notBack } from '../../vscode/ask';
import { pickMany } from '../../quickPick/pick';
import { ago, count, dots, list } from '../../../base/text/words';

/** What became of the networks, by name. */
export interface PruneOutcome {
  readonly removed: readonly string[];
  /** `reason`: what uses it. */
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
}

/** Removes networks that nothing uses; one that is used by then is skipped and named. */
export async function pruneNetworks(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.network.prune'],
): Promise<PruneOutcome> {
  const { id } = await chooseCluster(fleet.topology, args.clusterId, 'Prune Unused Networks');
  await fleet.refresh(findCluster(fleet.topology, id).hosts);
  const cluster = findCluster(fleet.topology, id);
  const engineOf = (host: string) => fleet.engine(host);
  const ids = cluster.networks.map(({ network }) => network.id);
  const surveys = await surveyNetworks(cluster, fleet.topology, engineOf, ids);
  const { unused, used, unseen } = pruneProposal(fleet.topology, cluster, surveys);
  const named = args.networkIds;
  const known = named === undefined ? unused : unused.filter((item) => named.includes(item.network.id));
  const skipped = used
    .filter(({ item }) => named?.includes(item.network.id))
    .map(({ item, by }) => ({ name: item.network.name, reason: `used by ${list(by)}` }));
  if (known.length === 0 && skipped.length === 0)
    throw new OverlayError('nothingToChoose', { message: `${cluster.name} has no unused network.` });
  const networks = args.confirmed || known.length === 0 ? known : await ask(cluster.name, known, unseen);
  const tried =
    networks.length === 0
      ? { removed: [], skipped: [] }
      : outcomeOf(
          await runner.run(planPruneNetworks(fleet.topology, engineOf, { clusterId: id, networks }), {
            running: `Pruning ${count(networks.length, 'network')}`,
            done: 'removed',
          }),
          runner,
          networks,
        );
  const outcome = { removed: tried.removed, skipped: [...skipped, ...tried.skipped] };
  tell(outcome);
  return outcome;
}

async function ask(
  cluster: string,
  unused: readonly ClusterNetwork[],
  unseen: readonly string[],
): Promise<readonly ClusterNetwork[]> {
  const unknown = unseen.length > 0 ? ` Not asked, for they are not connected: ${list(unseen)}.` : '';
  const detail =
    unseen.length > 0 ? `not known: what runs on ${list(unseen)}; Docker refuses what is used there` : undefined;
  return notBack(
    await pickMany({
      title: `Prune Unused Networks of ${cluster}`,
      placeholder: `No container and no service uses these.${unknown} Tick what is to be removed`,
      items: unused.map((item) => ({
        value: item,
        label: item.network.name,
        description: dots(
          item.network.subnets.map((one) => one.subnet).join(', '),
          `created ${ago(Date.parse(item.network.createdAt), Date.now())}`,
        ),
        ...(detail === undefined ? {} : { detail }),
        icon: item.network.encrypted ? 'lock' : 'globe',
      })),
      titleFor: (ticked) => `Prune Unused Networks of ${cluster}: ${ticked.length} of ${unused.length}`,
      validate: (ticked) => (ticked.length === 0 ? 'Tick at least one network' : undefined),
    }),
  );
}

/** Used meanwhile, or another one by now: skipped. Anything else that was not done is an error. */
function outcomeOf(result: PlanResult, runner: PlanRunner, networks: readonly ClusterNetwork[]): PruneOutcome {
  const nameOf = (stepId: string) =>
    networks.find(({ network }) => stepId.endsWith(`:${network.id}`))?.network.name ?? stepId;
  const skipped = result.steps.flatMap(({ step, state }) =>
    state.kind === 'failed' &&
    isOverlayError(state.error, 'networkInUse', 'networkHasServices', 'networkHeldElsewhere', 'networkReplaced')
      ? [{ name: nameOf(step.id), reason: describeError(state.error).happened }]
      : [],
  );
  const done = result.steps.filter(({ state }) => state.kind === 'done' || state.kind === 'alreadyDone');
  if (done.length + skipped.length < result.steps.length) runner.outcome(result);
  return { removed: done.map(({ step }) => nameOf(step.id)), skipped };
}

function tell({ removed, skipped }: PruneOutcome): void {
  const gone = removed.length > 0 ? `Removed ${list(removed)}.` : 'No network was removed.';
  if (skipped.length === 0) return showInfo(gone);
  showWarning(`${gone} Skipped ${skipped.map(({ name, reason }) => `${name}: ${reason}`).join(' ')}`);
}
