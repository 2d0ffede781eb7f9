import { describeError, isOverlayError, OverlayError } from '../../../base/errors';
import type { CommandArguments, ContainerOnHost } from '../../../contributions';
import type { ClusterNetwork, Topology } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import type { PlanResult } from '../../../swarm/plans/plan';
import { planDisconnectContainers } from '../../../swarm/plans';
import { planError } from '../../../swarm/plans/runPlan';
import { chooseNetwork } from '../chooseNetworks';
import { findCluster } from '../../command/find';
import { confirm } from '../../vscode/messages';
import { confirmPlan, type PlanOutcome, type PlanRunner } from '../../operations/planRunner';
import { disconnectable, pickContainers } from './pickContainers';
import { count } from '../../../base/text/words';

/** Disconnects containers, which go on running; by force where the engine cannot do it otherwise and that is wanted. */
export async function disconnectContainers(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.network.disconnectContainer'],
): Promise<PlanOutcome> {
  const item = await chooseNetwork(fleet.topology, args.networkId, {
    title: 'Disconnect Containers from Network',
    placeholder: 'From which network?',
    offer: (one) =>
      !one.network.ingress &&
      (args.clusterId === undefined || one.clusterId === args.clusterId) &&
      offeredIn(fleet.topology, one).length > 0,
    none: 'No container of a connected host is in an overlay network.',
    remedy: 'If there is one on another host, connect that first.',
  });
  const containers = args.containers ?? (await ask(fleet.topology, item));
  const { network, clusterId } = item;
  const plan = (force: boolean) =>
    planDisconnectContainers(fleet.topology, (host) => fleet.engine(host), {
      clusterId,
      networkId: network.id,
      containers,
      force,
    });
  const what = count(containers.length, 'Container');
  const words = { running: `Disconnecting ${what.toLowerCase()} from ${network.name}`, done: 'disconnected' };
  const first = plan(args.force ?? false);
  if (!args.confirmed) await confirmPlan(first, `${first.title}?`, `Disconnect ${what}`);
  const result = await runner.run(first, words);
  if (args.force || args.confirmed || !isRefused(result)) return runner.outcome(result);
  const error = planError(result);
  const happened = error ? describeError(error).happened : '';
  const detail = `${happened}\nForce makes the network forget the connection, also where its host has lost track of it.`;
  if (!(await confirm(`Disconnect from ${network.name} by force?`, detail, 'Disconnect by Force')))
    return runner.outcome(result);
  return runner.outcome(await runner.run(plan(true), words, result));
}

/** The engine said no; a host that does not answer would not answer to force either. */
function isRefused({ steps }: PlanResult): boolean {
  return steps.some(
    ({ state }) =>
      state.kind === 'failed' &&
      !isOverlayError(state.error, 'cancelled', 'notConnected', 'linkLost', 'requestTimeout', 'changeNotSeen'),
  );
}

const offeredIn = (topology: Topology, { network, clusterId }: ClusterNetwork) =>
  disconnectable(topology, findCluster(topology, clusterId), network);

async function ask(topology: Topology, item: ClusterNetwork): Promise<readonly ContainerOnHost[]> {
  const offered = offeredIn(topology, item);
  const { name } = item.network;
  if (offered.length === 0)
    throw new OverlayError('nothingToChoose', {
      message: `No container of a connected host can be disconnected from ${name}.`,
      remedy: 'If there is one on another host, connect that first.',
    });
  return pickContainers(`Disconnect from ${name}`, 'Which containers? They go on running', offered);
}
