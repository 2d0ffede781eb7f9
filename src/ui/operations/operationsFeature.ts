import { contextKeys, views } from '../../contributions';
import type { App } from '../app';
import type { ContextKey } from '../contextKeys';
import type { Feature } from '../feature';
import { createTreeView } from '../vscode/treeView';
import { canContinue, isRunning, type Operation } from './operation';
import { operationButtons, operationCommands } from './operationCommands';
import { buildOperationsTree } from './operationsTree';

/** What runs or has run in several steps. */
export function operationsFeature({ operations, runner, viewShown }: App): Feature {
  const view = createTreeView({
    id: views.operations,
    build: () => buildOperationsTree(operations.all, Date.now()),
    onDidChange: [operations.onDidChange],
    showsAges: true,
    onShown: viewShown,
  });
  return {
    commands: operationCommands(operations, runner, (id) => view.reveal(`operation/${id}`)),
    views: [view],
    contextKeys: { values: () => operationKeys(operations.all), onDidChange: [operations.onDidChange] },
    errorButtons: (error) => operationButtons(operations, error),
  };
}

/** Pure. */
export function operationKeys(operations: readonly Operation[]): Partial<Record<ContextKey, boolean>> {
  return {
    [contextKeys.hasOperations]: operations.length > 0,
    [contextKeys.operationRunning]: operations.some(isRunning),
    [contextKeys.operationUnfinished]: operations.some(canContinue),
  };
}
