import { OverlayError } from '../../../base/errors';
import type { CommandArguments } from '../../../contributions';
import type { Availability } from '../../../model/engine/records';
import type { Cluster, ClusterNode } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import { planRemoveGhosts, planRemoveNode, planSetAvailability, planSetRole } from '../../../swarm/plans';
import { chooseCluster, chooseNode, chooseNodes } from '../chooseNodes';
import type { JsonDocuments } from '../../vscode/jsonDocuments';
import { confirmPlan, type PlanOutcome, type PlanRunner } from '../../operations/planRunner';
import { notBack } from '../../vscode/ask';
import { pickOne } from '../../quickPick/pick';
import { previewPlan } from '../../quickPick/preview';
import { nodeName } from '../tree/swarmNode';
import { count, list } from '../../../base/text/words';
import { editLabels } from './editLabels';
import type { CommandTable } from '../../command/register';

export function nodeCommands(fleet: Fleet, runner: PlanRunner, documents: JsonDocuments) {
  return {
    'dockerOverlay.node.promote': (args) => setRole(fleet, runner, args, 'manager'),
    'dockerOverlay.node.demote': (args) => setRole(fleet, runner, args, 'worker'),
    'dockerOverlay.node.setAvailability': (args) => setAvailability(fleet, runner, args),
    'dockerOverlay.node.remove': (args) => removeNodes(fleet, runner, args),
    'dockerOverlay.node.inspect': (args) => inspectNode(fleet, documents, args),
    'dockerOverlay.node.editLabels': (args) => editLabels(fleet, runner, args),
    'dockerOverlay.node.removeGhosts': (args) => removeGhosts(fleet, runner, args),
  } satisfies Partial<CommandTable>;
}

interface NodesChosen {
  readonly cluster: Cluster;
  readonly nodeIds: readonly string[];
  /** "node1 and node2" */
  readonly names: string;
}

async function choose(
  fleet: Fleet,
  args: { clusterId?: string; nodeIds?: readonly string[] },
  title: string,
  offer: (member: ClusterNode) => boolean,
  none: string,
): Promise<NodesChosen> {
  const cluster = await chooseCluster(fleet.topology, args.clusterId, title);
  const nodes = await chooseNodes(cluster, args.nodeIds, { title, placeholder: 'Which nodes?', offer, none });
  return { cluster, nodeIds: nodes.map((one) => one.node.id), names: list(nodes.map(nodeName)) };
}

async function setRole(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.node.promote'],
  role: 'manager' | 'worker',
): Promise<PlanOutcome> {
  const isPromotion = role === 'manager';
  const { cluster, nodeIds, names } = await choose(
    fleet,
    args,
    isPromotion ? 'Promote to Manager' : 'Demote to Worker',
    ({ node }) => node.role !== role,
    isPromotion ? 'All nodes are managers.' : 'No node is a manager.',
  );
  const plan = planSetRole(fleet.topology, (one) => fleet.engine(one), { clusterId: cluster.id, nodeIds, role });
  if (!args.confirmed) {
    if (isPromotion) await previewPlan(plan, `Promote ${names}`, {});
    else await confirmPlan(plan, `Demote ${names} to worker?`, `Demote ${count(nodeIds.length, 'Manager')}`);
  }
  return runner.finish(plan, { running: `${isPromotion ? 'Promoting' : 'Demoting'} ${names}`, done: 'done' });
}

async function setAvailability(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.node.setAvailability'],
): Promise<PlanOutcome> {
  const { cluster, nodeIds, names } = await choose(fleet, args, 'Set Availability', () => true, 'There is no node.');
  const availability = args.availability ?? (await askAvailability(names));
  const plan = planSetAvailability(fleet.topology, (one) => fleet.engine(one), {
    clusterId: cluster.id,
    nodeIds,
    availability,
    wait: true,
  });
  if (!args.confirmed && availability === 'drain')
    await confirmPlan(plan, `Drain ${names}?`, `Drain ${count(nodeIds.length, 'Node')}`);
  return runner.finish(plan, { running: `Setting ${names} to ${availability}`, done: 'done' });
}

async function askAvailability(names: string): Promise<Availability> {
  return notBack(
    await pickOne<Availability>({
      title: `Availability of ${names}`,
      placeholder: 'May services place tasks there?',
      items: [
        { value: 'active', label: 'Active', description: 'takes tasks of services', icon: 'play' },
        { value: 'pause', label: 'Pause', description: 'keeps its tasks, takes no new ones', icon: 'debug-pause' },
        { value: 'drain', label: 'Drain', description: 'its tasks move to other nodes', icon: 'debug-stop' },
      ],
    }),
  );
}

async function removeNodes(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.node.remove'],
): Promise<PlanOutcome> {
  const { cluster, nodeIds, names } = await choose(fleet, args, 'Remove Nodes', () => true, 'There is no node.');
  const plan = planRemoveNode(fleet.topology, (one) => fleet.engine(one), { clusterId: cluster.id, nodeIds });
  if (!args.confirmed) {
    const button = `Remove ${count(nodeIds.length, 'Node')}`;
    await confirmPlan(plan, `Remove ${names} from ${cluster.name}?`, button);
  }
  return runner.finish(plan, { running: `Removing ${names}`, done: 'done' });
}

async function removeGhosts(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.node.removeGhosts'],
): Promise<PlanOutcome> {
  const hasGhosts = (cluster: Cluster) => cluster.nodes.some((member) => member.ghost !== undefined);
  const { topology } = fleet;
  const clusters = args.clusterId === undefined ? topology.clusters.filter(hasGhosts) : topology.clusters;
  if (clusters.length === 0) throw new OverlayError('nothingToChoose', { message: noGhost });
  const cluster = await chooseCluster({ ...topology, clusters }, args.clusterId, 'Remove Ghosts');
  const nodes = await chooseNodes(cluster, args.nodeIds, {
    title: 'Remove Ghosts',
    placeholder: 'Entries of earlier memberships; nothing runs there',
    offer: (member) => member.ghost !== undefined,
    none: noGhost,
    picked: true,
  });
  const nodeIds = nodes.map((one) => one.node.id);
  const plan = planRemoveGhosts(topology, (one) => fleet.engine(one), { clusterId: cluster.id, nodeIds });
  if (!args.confirmed) {
    const what = nodes.length === 1 ? `the ghost of ${list(nodes.map(nodeName))}` : `${nodes.length} ghosts`;
    await confirmPlan(plan, `Remove ${what} from ${cluster.name}?`, `Remove ${count(nodes.length, 'Ghost')}`);
  }
  return runner.finish(plan, { running: 'Removing ghosts', done: 'removed' });
}

const noGhost = 'No node is left over from an earlier membership.';

async function inspectNode(
  fleet: Fleet,
  documents: JsonDocuments,
  args: CommandArguments['dockerOverlay.node.inspect'],
): Promise<unknown> {
  const title = 'Inspect Node';
  const cluster = await chooseCluster(fleet.topology, args.clusterId, title);
  const member = await chooseNode(cluster, args.nodeId, { title, placeholder: 'Which node?' });
  const [manager] = cluster.managerHosts;
  // Without a manager there is only what was known last.
  const node = manager === undefined ? member.node : await fleet.engine(manager).swarm.node(member.node.id);
  await documents.show([cluster.name, 'nodes', nodeName(member)], node);
  return node;
}
