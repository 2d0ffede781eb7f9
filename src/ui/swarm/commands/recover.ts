import { OverlayError } from '../../../base/errors';
import type { CommandArguments } from '../../../contributions';
import type { HostName } from '../../../model/host/host';
import type { Cluster, Topology } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import { planRecover, recoveryProposal } from '../../../swarm/plans';
import { chooseCluster } from '../chooseNodes';
import { findCluster, findHost } from '../../command/find';
import { showInfo } from '../../vscode/messages';
import { confirmPlan, type PlanOutcome, type PlanRunner } from '../../operations/planRunner';
import { notBack } from '../../vscode/ask';
import { pickMany, pickOne } from '../../quickPick/pick';
import { isMajorityLost } from '../../../model/swarm/clusterState';
import { count, dots } from '../../../base/text/words';

type RecoveryProposal = ReturnType<typeof recoveryProposal>;
type RecoverArguments = CommandArguments['dockerOverlay.swarm.recover'];

/** Makes a new majority of one surviving manager, after a modal that names what it drops; then re-joins the others. */
export async function recoverSwarm(fleet: Fleet, runner: PlanRunner, args: RecoverArguments): Promise<PlanOutcome> {
  const cluster = await chooseLost(fleet.topology, args);
  const proposal = recoveryProposal(fleet.topology, cluster.id);
  const host = args.host ?? (await chooseSurvivor(proposal));
  const offered = rejoinable(proposal, host);
  const rejoin = args.rejoin ?? (args.confirmed ? [] : await chooseRejoin(cluster, host, offered));
  const plan = planRecover(fleet.topology, (one) => fleet.engine(one), {
    host,
    rejoin,
    ...(args.advertiseAddress === undefined ? {} : { advertiseAddress: args.advertiseAddress }),
  });
  if (!args.confirmed) await confirmPlan(plan, `Recover the swarm ${cluster.name} on ${host}?`, `Recover on ${host}`);
  const outcome = await runner.finish(plan, { running: `Recovering ${cluster.name}`, done: 'done' });
  showInfo(
    `${cluster.name} can be changed again, with ${host} as ${rejoin.length > 0 ? 'its first manager' : 'its only manager'}.` +
      (rejoin.length > 0 ? ` ${count(rejoin.length, 'host')} joined again.` : ''),
  );
  return outcome;
}

/** The swarm named or of the host; else one that has lost its majority. */
async function chooseLost(topology: Topology, args: RecoverArguments): Promise<Cluster> {
  if (args.clusterId !== undefined) return findCluster(topology, args.clusterId);
  if (args.host !== undefined) {
    const { clusterId } = findHost(topology, args.host);
    if (clusterId === undefined) throw new OverlayError('notInSwarm', { host: args.host });
    return findCluster(topology, clusterId);
  }
  const lost = topology.clusters.filter(isMajorityLost);
  if (lost.length === 0)
    throw new OverlayError('nothingToChoose', { message: 'No swarm has lost the majority of its managers.' });
  return chooseCluster({ ...topology, clusters: lost }, undefined, 'Recover Swarm');
}

/** The best one, or asked for when there are several. @throws recoveryNotPossible. */
async function chooseSurvivor({ candidates, name }: RecoveryProposal): Promise<HostName> {
  const [best, ...others] = candidates;
  if (!best) throw new OverlayError('recoveryNotPossible', { name, message: 'none of its managers is connected' });
  if (others.length === 0) return best.host;
  return notBack(
    await pickOne({
      title: `Recover ${name}`,
      placeholder: 'Which manager carries on? What it knows counts from then on',
      items: candidates.map((one, index) => ({
        value: one.host,
        label: one.host,
        description: dots(
          index === 0 && 'proposed',
          one.wasLeader && 'was the leader',
          `knows ${count(one.knownNodes, 'node')}`,
        ),
        icon: one.wasLeader ? 'star-full' : 'star-empty',
      })),
    }),
  );
}

/** Connected hosts that would be dropped, whichever manager carries on. */
function rejoinable({ rejoin, candidates }: RecoveryProposal, host: HostName): HostName[] {
  const names = [
    ...rejoin.filter((one) => one.isConnected).map((one) => one.host),
    ...candidates.map((one) => one.host),
  ];
  return [...new Set(names)].filter((name) => name !== host);
}

async function chooseRejoin(
  cluster: Cluster,
  host: HostName,
  offered: readonly HostName[],
): Promise<readonly HostName[]> {
  if (offered.length === 0) return [];
  return notBack(
    await pickMany({
      title: `Recover ${cluster.name} on ${host}`,
      placeholder: 'Which of these join again afterwards, as managers?',
      items: offered.map((name) => ({ value: name, label: name, icon: 'server', picked: true })),
    }),
  );
}
