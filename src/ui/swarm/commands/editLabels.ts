import type { CommandArguments } from '../../../contributions';
import { chooseCluster, chooseNode } from '../chooseNodes';
import type { Fleet } from '../../../swarm/fleet';
import { planSetLabels } from '../../../swarm/plans';
import type { PlanOutcome, PlanRunner } from '../../operations/planRunner';
import { askLabels } from './askLabels';
import { nodeName } from '../tree/swarmNode';

/** Changes the labels of a node: zone and region for the managers' places, others for services. */
export async function editLabels(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.node.editLabels'],
): Promise<PlanOutcome> {
  const title = 'Edit Labels';
  const cluster = await chooseCluster(fleet.topology, args.clusterId, title);
  const member = await chooseNode(cluster, args.nodeId, { title, placeholder: 'Of which node?' });
  const name = nodeName(member);
  const labels = args.labels ?? (await askLabels(name, member.node.labels, labelsElsewhere(cluster.nodes)));
  const plan = planSetLabels(fleet.topology, (one) => fleet.engine(one), {
    clusterId: cluster.id,
    nodeId: member.node.id,
    labels,
  });
  return runner.finish(plan, { running: `Labelling ${name}`, done: 'done' });
}

/** Values in use by key, to choose from: a zone that is spelled in two ways is two zones. */
function labelsElsewhere(
  nodes: readonly { node: { labels: Readonly<Record<string, string>> } }[],
): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, string[]>();
  for (const [key, value] of nodes.flatMap(({ node }) => Object.entries(node.labels))) {
    const values = result.get(key) ?? [];
    if (value !== '' && !values.includes(value)) result.set(key, [...values, value].sort());
  }
  return result;
}
