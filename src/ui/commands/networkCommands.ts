import { OverlayError } from '../../base/errors';
import type { CommandArguments } from '../../contributions';
import type { Fleet } from '../../swarm/fleet';
import { planRemoveNetworks } from '../../swarm/plans';
import { chooseNetwork, chooseNetworks, findCluster, type NetworksQuestion } from '../choose';
import type { JsonDocuments } from '../documents';
import { confirmPlan, type PlanOutcome, type PlanRunner } from '../planRunner';
import { count, list } from '../trees/words';
import type { CommandTable } from './register';

type NetworkCommands = Pick<
  CommandTable,
  | 'dockerOverlay.network.inspect'
  | 'dockerOverlay.network.remove'
  | 'dockerOverlay.network.prune'
  | 'dockerOverlay.network.connectContainer'
  | 'dockerOverlay.network.disconnectContainer'
  | 'dockerOverlay.networks.showOthers'
  | 'dockerOverlay.networks.hideOthers'
>;

export function networkCommands(fleet: Fleet, runner: PlanRunner, documents: JsonDocuments): NetworkCommands {
  return {
    'dockerOverlay.network.inspect': (args) => inspectNetwork(fleet, documents, args),
    'dockerOverlay.network.remove': (args) => removeNetworks(fleet, runner, args),
    'dockerOverlay.network.prune': () => {
      throw new OverlayError('unexpected');
    },
    'dockerOverlay.network.connectContainer': () => {
      throw new OverlayError('unexpected');
    },
    'dockerOverlay.network.disconnectContainer': () => {
      throw new OverlayError('unexpected');
    },
    'dockerOverlay.networks.showOthers': () => {
      throw new OverlayError('unexpected');
    },
    'dockerOverlay.networks.hideOthers': () => {
      throw new OverlayError('unexpected');
    },
  };
}

async function inspectNetwork(
  fleet: Fleet,
  documents: JsonDocuments,
  args: CommandArguments['dockerOverlay.network.inspect'],
): Promise<unknown> {
  const { network, clusterId } = await chooseNetwork(fleet.topology, args.networkId, {
    title: 'Inspect Network',
    placeholder: 'Which network?',
    offer: () => true,
    none: 'There is no overlay network.',
  });
  const cluster = findCluster(fleet.topology, clusterId);
  const host = cluster.managerHosts[0] ?? cluster.hosts[0];
  if (host === undefined) throw new OverlayError('noReachableManager', { name: cluster.name });
  const raw = await fleet.engine(host).networks.inspectRaw(network.id);
  await documents.show([cluster.name, 'networks', network.name], raw);
  return raw;
}

async function removeNetworks(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.network.remove'],
): Promise<PlanOutcome> {
  const question: NetworksQuestion = {
    title: 'Remove Networks',
    placeholder: 'Which networks?',
    offer: (item) => !item.network.ingress && (args.clusterId === undefined || item.clusterId === args.clusterId),
    none: 'There is no overlay network besides ingress.',
  };
  const chosen = await chooseNetworks(fleet.topology, args.networkIds, question);
  const [first] = chosen;
  if (!first) throw new OverlayError('invalidArguments', { message: 'no network is named' });
  if (chosen.some((item) => item.clusterId !== first.clusterId))
    throw new OverlayError('invalidArguments', {
      message: 'the networks are of different swarms; remove them one swarm at a time',
    });
  const names = list(chosen.map((item) => item.network.name));
  // What hangs on a network is named before it is touched: also a container that was started this very moment.
  await fleet.refresh(findCluster(fleet.topology, first.clusterId).hosts);
  const plan = planRemoveNetworks(fleet.topology, (one) => fleet.engine(one), {
    clusterId: first.clusterId,
    networkIds: chosen.map((item) => item.network.id),
  });
  if (!args.confirmed) {
    const button = `Remove ${count(chosen.length, 'Network')}`;
    await confirmPlan(plan, `Remove ${names}?`, button);
  }
  return runner.finish(plan, { running: `Removing ${names}`, done: 'removed' });
}
