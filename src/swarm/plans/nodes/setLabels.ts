import { OverlayError } from '../../../base/errors';
import type { LabelChange } from '../../../engine/api';
import { findNode } from '../../askManager';
import { clusterById, requireManagers, nodeById } from '../../topology/lookup';
import { defaultPlanTimes, type Planner, type PlanStep } from '../plan';
import { nodeStep, nodeStepOptions, updateNode, type NodeStepOptions } from './nodeSteps';

type Labels = Readonly<Record<string, string>>;

export interface LabelsRequest {
  readonly clusterId: string;
  readonly nodeId: string;
  /** All labels the node shall have, as a person has edited those that are shown. */
  readonly labels: Labels;
}

/**
 * Sets the labels of a node. Only what differs from the topology is changed, so that labels somebody else sets at the
 * same time stay, as do role, availability and name.
 *
 * @throws quorumLost, noReachableManager, invalidArguments.
 */
export const planSetLabels: Planner<LabelsRequest> = (topology, engineOf, request, times = defaultPlanTimes) => {
  const cluster = clusterById(topology, request.clusterId);
  const { node, name } = nodeById(cluster, request.nodeId);
  requireManagers(cluster);
  for (const key of Object.keys(request.labels)) {
    if (key.trim() !== key || key === '' || key.includes('=')) {
      throw new OverlayError('invalidArguments', { message: `"${key}" cannot be the name of a label` });
    }
  }
  const change = labelChange(node.labels, request.labels);
  return {
    title: `Set the labels of ${name}`,
    steps: [labelsStep(nodeStepOptions(topology, engineOf, cluster, node.id, times), change)],
    effects: [
      ...Object.entries(change.set).map(([key, value]) => `${key}=${value}`),
      ...change.remove.map((key) => `${key} is removed`),
      ...(isNothing(change) ? ['The labels stay as they are'] : []),
    ],
    warnings: [],
  };
};

/** What leads from one set of labels to the other. */
function labelChange(before: Labels, after: Labels): LabelChange {
  return {
    set: Object.fromEntries(Object.entries(after).filter(([key, value]) => valueOf(before, key) !== value)),
    remove: Object.keys(before).filter((key) => !Object.hasOwn(after, key)),
  };
}

const isNothing = ({ set, remove }: LabelChange): boolean => Object.keys(set).length === 0 && remove.length === 0;

const valueOf = (labels: Labels, key: string): string | undefined =>
  Object.hasOwn(labels, key) ? labels[key] : undefined;

function labelsStep(options: NodeStepOptions, change: LabelChange): PlanStep {
  const { engineOf, managers, node, name } = options;
  return nodeStep(options, 'labels', `Set the labels of ${name}`, async (context) => {
    const now = await findNode(engineOf, managers, node.id, context.signal);
    if (!now) throw new OverlayError('notFound', { name });
    const isSet = Object.entries(change.set).every(([key, value]) => valueOf(now.labels, key) === value);
    if (isSet && change.remove.every((key) => !Object.hasOwn(now.labels, key))) return 'alreadyDone';
    await updateNode(options, { labelChange: change }, context);
    return 'done';
  });
}
