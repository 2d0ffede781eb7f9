import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import { OverlayError } from '../../base/errors';
import type { Plan } from '../../swarm/plan';
import { back, type Back } from './pick';

interface Row extends vscode.QuickPickItem {
  readonly runs?: boolean;
}

/**
 * Shows what a plan will do before it is done; Enter runs it.
 *
 * @throws OverlayError `cancelled` when dismissed.
 */
export function previewPlan(plan: Plan, button: string, canGoBack: boolean): Promise<Back | undefined> {
  return new Promise((resolve, reject) => {
    const store = new DisposableStore();
    const pick = store.add(vscode.window.createQuickPick<Row>());
    const finish = (answer: Back | undefined) => {
      resolve(answer);
      store.dispose();
    };
    pick.title = plan.title;
    pick.placeholder = `Enter: ${button}. Escape: nothing is done.`;
    pick.items = rowsOf(plan, button);
    if (canGoBack) pick.buttons = [vscode.QuickInputButtons.Back];
    store.add(pick.onDidTriggerButton(() => finish(back)));
    store.add(
      pick.onDidAccept(() => {
        // The other lines are there to be read.
        if (pick.activeItems[0]?.runs) finish(undefined);
      }),
    );
    store.add(
      pick.onDidHide(() => {
        reject(new OverlayError('cancelled'));
        store.dispose();
      }),
    );
    pick.show();
  });
}

function rowsOf(plan: Plan, button: string): Row[] {
  const lines = (title: string, icon: string, texts: readonly string[]): Row[] =>
    texts.length === 0
      ? []
      : [
          { label: title, kind: vscode.QuickPickItemKind.Separator },
          ...texts.map((label) => ({ label, iconPath: new vscode.ThemeIcon(icon), alwaysShow: true })),
        ];
  return [
    { label: button, iconPath: new vscode.ThemeIcon('play'), alwaysShow: true, runs: true },
    ...lines('Mind', 'warning', plan.warnings),
    ...lines('Effect', 'info', plan.effects),
    ...lines(
      'Steps',
      'circle-outline',
      plan.steps.map((step) => step.title),
    ),
  ];
}
