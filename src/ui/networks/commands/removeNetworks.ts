import { OverlayError } from '../../../base/errors';
import type { CommandArguments } from '../../../contributions';
import type { ClusterNetwork } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import { surveyNetworks, usersOf } from '../../../swarm/networks/networkUsers';
import { planRemoveNetworks } from '../../../swarm/plans';
import { chooseNetworks } from '../chooseNetworks';
import { findCluster } from '../../command/find';
import type { QuestionAbout } from '../../quickPick/choose';
import { confirmPlan, type PlanOutcome, type PlanRunner } from '../../operations/planRunner';
import { count, list } from '../../../base/text/words';

/** Removes networks; what hangs on them is named first, and disconnected when that is wanted. */
export async function removeNetworks(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.network.remove'],
): Promise<PlanOutcome> {
  const question: QuestionAbout<ClusterNetwork> = {
    title: 'Remove Networks',
    placeholder: 'Which networks?',
    offer: (item) => !item.network.ingress && (args.clusterId === undefined || item.clusterId === args.clusterId),
    none: 'There is no overlay network besides ingress.',
  };
  const chosen = await chooseNetworks(fleet.topology, args.networkIds, question);
  const clusterId = clusterOf(chosen);
  const networkIds = chosen.map((item) => item.network.id);
  const names = list(chosen.map((item) => item.network.name));
  // What hangs on a network is named before it is touched: also a container that was started this very moment.
  await fleet.refresh(findCluster(fleet.topology, clusterId).hosts);
  const engineOf = (host: string) => fleet.engine(host);
  const cluster = findCluster(fleet.topology, clusterId);
  const surveys = await surveyNetworks(cluster, fleet.topology, engineOf, networkIds);
  const hanging = chosen.flatMap(({ network }) => {
    const now = cluster.networks.find((one) => one.network.id === network.id);
    // Its id tells a person nothing, and the plan knows no more of a network that is gone.
    if (!now) throw new OverlayError('networkNotFound', { name: network.name });
    const { containers, stale } = usersOf(fleet.topology, now, surveys);
    return [...containers, ...stale];
  }).length;
  const mayAsk = !args.confirmed && !args.disconnect;
  const plan = planRemoveNetworks(fleet.topology, engineOf, {
    clusterId,
    networkIds,
    disconnect: args.disconnect ?? mayAsk,
    surveys,
  });
  if (mayAsk) {
    const button =
      hanging > 0
        ? `Disconnect ${count(hanging, 'Container')} and Remove`
        : `Remove ${count(chosen.length, 'Network')}`;
    await confirmPlan(plan, `Remove ${names}?`, button);
  }
  return runner.finish(plan, { running: `Removing ${names}`, done: 'removed' });
}

function clusterOf(chosen: readonly ClusterNetwork[]): string {
  const [first] = chosen;
  if (!first) throw new OverlayError('invalidArguments', { message: 'no network is named' });
  if (chosen.some((item) => item.clusterId !== first.clusterId))
    throw new OverlayError('invalidArguments', {
      message: 'the networks are of different swarms; remove them one swarm at a time',
    });
  return first.clusterId;
}
