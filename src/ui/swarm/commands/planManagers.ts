import type { CommandArguments } from '../../../contributions';
import { ratePlacement } from '../../../model/swarm/placement';
import type { Cluster } from '../../../model/swarm/topology';
import { isOverlayError } from '../../../base/errors';
import type { Fleet } from '../../../swarm/fleet';
import { placedNodes, planSetManagers, proposeManagersOf } from '../../../swarm/plans';
import { chooseCluster, nodeItem } from '../chooseNodes';
import { findNode } from '../../command/find';
import { showInfo } from '../../vscode/messages';
import type { PlanOutcome, PlanRunner } from '../../operations/planRunner';
import { managersAdvice } from '../form/managerWords';
import { compareMajorities, ratingWords } from '../form/managerTable';
import { back, type StepPlace } from '../../vscode/ask';
import { pickMany, pickOne, type PickItem } from '../../quickPick/pick';
import { previewPlan, type PreviewSection } from '../../quickPick/preview';
import { runSteps, type Step } from '../../quickPick/steps';

interface Choice {
  /** Managers wanted; undefined while none was chosen. */
  readonly wanted?: number;
  readonly nodeIds: readonly string[];
}

/** Shows what the managers of now and better ones are worth, and makes the chosen nodes managers. */
export async function planManagers(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.swarm.planManagers'],
): Promise<PlanOutcome> {
  const cluster = await chooseCluster(fleet.topology, args.clusterId, 'Plan Managers');
  args.nodeIds?.forEach((id) => findNode(cluster, id));
  const plan = (nodeIds: readonly string[]) =>
    planSetManagers(fleet.topology, (one) => fleet.engine(one), { clusterId: cluster.id, nodeIds });
  const preview: Step<Choice> = {
    ask: async (choice, place) => {
      const made = plan(choice.nodeIds);
      const button = made.steps.length === 0 ? 'Nothing to change: these are the managers' : made.title;
      const sections = [tableSection(cluster, choice.nodeIds)];
      const answer = await previewPlan(made, button, { place, sections });
      return answer === back ? back : choice;
    },
  };
  const asked: Step<Choice>[] = [
    { ask: (choice, place) => askNumber(cluster, choice, place) },
    { ask: (choice, place) => askNodes(cluster, choice, place) },
  ];
  const steps = [...(args.nodeIds ? [] : asked), ...(args.confirmed ? [] : [preview])];
  const { nodeIds } = await runSteps<Choice>({ nodeIds: args.nodeIds ?? [] }, steps);
  const outcome = await runner.finish(plan(nodeIds), {
    running: `Setting the managers of ${cluster.name}`,
    done: 'done',
  });
  const rating = ratePlacement(withManagers(cluster, nodeIds));
  showInfo(`${cluster.name}: ${ratingWords(rating)}.`);
  return outcome;
}

const withManagers = (cluster: Cluster, nodeIds: readonly string[]) =>
  placedNodes(cluster).map((node) => ({ ...node, isManager: nodeIds.includes(node.id) }));

/** 1, 3, 5 and 7, as far as there are nodes for them, each with what it would be worth. */
async function askNumber(cluster: Cluster, choice: Choice, place: StepPlace) {
  const current = placedNodes(cluster).filter((node) => node.isManager).length;
  const usual = proposeManagersOf(cluster).managers.length;
  const items = [1, 3, 5, 7].flatMap((wanted): PickItem<number>[] => {
    const proposal = proposalOf(cluster, wanted);
    if (!proposal) return [];
    const marks = [...(wanted === current ? ['now'] : []), ...(wanted === usual ? ['proposed'] : [])];
    return [
      {
        value: wanted,
        label: `${wanted} manager${wanted === 1 ? '' : 's'}`,
        ...(marks.length > 0 ? { description: marks.join(' · ') } : {}),
        detail: ratingWords(proposal.rating),
        icon: wanted === 1 ? 'warning' : 'organization',
      },
    ];
  });
  // What Enter takes comes first.
  items.sort((a, b) => Number(b.value === usual) - Number(a.value === usual));
  const now = ratingWords(ratePlacement(placedNodes(cluster)));
  const answer = await pickOne({
    title: `Managers of ${cluster.name}: ${now}`,
    placeholder: 'How many managers? Zones and regions come from the labels of the nodes',
    items,
    place,
  });
  return typeof answer === 'symbol'
    ? answer
    : { wanted: answer, nodeIds: proposalOf(cluster, answer)?.managers ?? choice.nodeIds };
}

/** Undefined when there are not that many nodes. */
function proposalOf(cluster: Cluster, wanted: number) {
  try {
    return proposeManagersOf(cluster, wanted);
  } catch (error) {
    if (isOverlayError(error, 'invalidArguments')) return undefined;
    throw error;
  }
}

async function askNodes(cluster: Cluster, choice: Choice, place: StepPlace) {
  const items = cluster.nodes
    .filter(({ node }) => node.state === 'ready' || node.manager !== undefined)
    .map((member) => ({
      ...nodeItem(member),
      value: member.node.id,
      icon: member.node.manager ? 'star-full' : 'circle-outline',
      picked: choice.nodeIds.includes(member.node.id),
    }));
  const answer = await pickMany<string>({
    title: '',
    titleFor: (ticked) => nodesTitle(cluster, ticked),
    placeholder: 'Which nodes are managers? The proposal is ticked',
    items,
    place,
    validate: (ticked) => (ticked.length === 0 ? `Managers: ${managersAdvice(0, items.length) ?? ''}` : undefined),
  });
  return typeof answer === 'symbol' ? answer : { ...choice, nodeIds: answer };
}

function nodesTitle(cluster: Cluster, ticked: readonly string[]): string {
  const advice = managersAdvice(ticked.length, cluster.nodes.length);
  if (ticked.length === 0) return `Managers: ${advice ?? ''}`;
  return `${ratingWords(ratePlacement(withManagers(cluster, ticked)))}${advice ? `: ${advice}` : ''}`;
}

/** The majority table of now and of the proposal. */
function tableSection(cluster: Cluster, nodeIds: readonly string[]): PreviewSection {
  return {
    title: 'Now → then',
    rows: compareMajorities(placedNodes(cluster), nodeIds).map(({ about, now, then, isBad }) => ({
      label: about,
      description: now === then || now === '' ? then : `${now} → ${then}`,
      icon: isBad ? 'warning' : 'pass',
    })),
  };
}
