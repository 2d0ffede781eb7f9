import type { ErrorDescription } from '../../base/reasons/text';
import { failureOf, isRunning, operationWords, stepWords, type Operation, type OperationStep } from './operation';
import { tooltip } from '../tree/tooltip';
import type { TreeIcon, TreeNode } from '../tree/treeNode';
import { ago, dots, duration } from '../../base/text/words';

/** The Operations view: what runs and what ran, newest first, with its steps. @param now epoch ms */
export function buildOperationsTree(operations: readonly Operation[], now: number): TreeNode[] {
  return operations.map((operation) => {
    const description = dots(operationWords(operation), endWords(operation, now));
    return {
      id: `operation/${operation.id}`,
      label: operation.title,
      description,
      icon: operationIcon(operation),
      tooltip: operationTooltip(operation),
      contextValue: operationViewItem(operation),
      accessibleLabel: `Operation ${operation.title}, ${description}`,
      target: { kind: 'operation', operationId: operation.id },
      children: operation.steps.map((step) => stepNode(operation, step)),
      expanded: true,
    };
  });
}

/** `12 s · 2 min ago`; nothing while it runs. */
function endWords({ startedAt, endedAt }: Operation, now: number): string | undefined {
  return endedAt === undefined ? undefined : dots(duration(endedAt - startedAt), ago(endedAt, now));
}

function operationTooltip(operation: Operation): string {
  const failures = operation.steps.flatMap((one) => {
    const words = failureOf(one);
    return words ? [`${one.step.title}: ${words.happened} ${words.remedy}`] : [];
  });
  const hint = isRunning(operation)
    ? 'Cancel lets no further step begin.'
    : operation.phase === 'done'
      ? ''
      : 'Continue does what is not done yet; what is done is skipped.';
  return tooltip(operation.title, [['State', operationWords(operation)]], [...failures, hint]);
}

function operationIcon({ phase }: Operation): TreeIcon {
  switch (phase) {
    case 'running':
    case 'cancelling':
      return { id: 'loading~spin' };
    case 'done':
      return { id: 'pass', color: 'testing.iconPassed' };
    case 'incomplete':
      return { id: 'error', color: 'testing.iconFailed' };
    case 'cancelled':
      return { id: 'debug-pause', color: 'list.warningForeground' };
  }
}

function stepNode(operation: Operation, one: OperationStep): TreeNode {
  const { step } = one;
  const words = stepWords(one);
  const failure = failureOf(one);
  // An item that had no children stays folded when it gets some; a new one is open, and shows what to do.
  const id = `operation/${operation.id}/step/${step.id}${failure ? '/failed' : ''}`;
  return {
    id,
    label: step.title,
    description: words,
    icon: stepIcon(one),
    tooltip: tooltip(
      step.title,
      [
        ['Host', step.host],
        ['State', words],
        ['Command', failure?.command],
      ],
      failure ? [failure.happened, failure.remedy] : [],
    ),
    contextValue: failure?.command ? 'step.command' : 'step',
    accessibleLabel: `Step ${step.title}, ${words}${failure ? `, ${failure.happened} ${failure.remedy}` : ''}`,
    target: { kind: 'step', operationId: operation.id, ...(failure?.command ? { remedy: failure.command } : {}) },
    children: failure ? failureNodes(id, failure) : [],
    expanded: true,
  };
}

/** What happened, what to do, and what can be done with a click. */
function failureNodes(id: string, { happened, remedy, actions = [] }: ErrorDescription): TreeNode[] {
  return [
    line(`${id}/what`, happened, 'info'),
    line(`${id}/do`, remedy, 'wrench'),
    ...actions.map((action) => ({ ...line(`${id}/action/${action.command}`, action.label, 'play'), command: action })),
  ];
}

function line(id: string, text: string, icon: string): TreeNode {
  return {
    id,
    label: text,
    icon: { id: icon },
    tooltip: tooltip(text, []),
    accessibleLabel: text,
    target: { kind: 'none' },
    children: [],
  };
}

function stepIcon(one: OperationStep): TreeIcon {
  switch (one.state.kind) {
    case 'waiting':
      return { id: 'circle-outline' };
    case 'running':
      return { id: 'loading~spin' };
    case 'done':
      return { id: 'pass', color: 'testing.iconPassed' };
    case 'alreadyDone':
      return { id: 'check', color: 'testing.iconPassed' };
    case 'notStarted':
      return { id: 'circle-slash', color: 'disabledForeground' };
    case 'failed':
      return failureOf(one)
        ? { id: 'error', color: 'testing.iconFailed' }
        : { id: 'debug-pause', color: 'list.warningForeground' };
  }
}

/** See `viewItems.ts`. */
function operationViewItem({ phase }: Operation): string {
  return `operation.${phase === 'incomplete' || phase === 'cancelled' ? 'unfinished' : phase}`;
}
