import * as vscode from 'vscode';
import type { Plan } from '../../swarm/plans/plan';
import { ask, type Back, type StepPlace } from '../vscode/ask';
import { createQuickPick } from '../vscode/quickInputs';

/** Returned when the person wants to see further choices first. */
export const more = Symbol('more');
export type More = typeof more;

/** More lines of a preview, under a heading. */
export interface PreviewSection {
  readonly title: string;
  readonly rows: readonly { readonly label: string; readonly description?: string; readonly icon: string }[];
}

interface Row extends vscode.QuickPickItem {
  readonly answer?: 'run' | 'more';
}

/** What a preview has besides the plan. */
export interface PreviewOptions {
  readonly place?: StepPlace;
  readonly sections?: readonly PreviewSection[];
  /** A second line that leads to further choices, with what is chosen there now. */
  readonly moreOptions?: string;
}

/**
 * Shows what a plan will do before it is done; Enter runs it.
 *
 * @returns undefined to run it; `more` only where `moreOptions` are. @throws OverlayError `cancelled` when dismissed.
 */
export function previewPlan(plan: Plan, button: string, options: PreviewOptions): Promise<Back | More | undefined> {
  const pick = createQuickPick<Row>();
  pick.title = plan.title;
  pick.placeholder = `Enter: ${button}. Escape: nothing is done.`;
  pick.items = rowsOf(plan, button, options);
  return ask<More | undefined, Row>(
    pick,
    (answer, store) =>
      store.add(
        pick.onDidAccept(() => {
          // The other lines are there to be read.
          const chosen = pick.activeItems[0]?.answer;
          if (chosen) answer(chosen === 'more' ? more : undefined);
        }),
      ),
    options.place,
  );
}

function rowsOf(plan: Plan, button: string, { sections = [], moreOptions }: PreviewOptions): Row[] {
  const texts = (title: string, icon: string, labels: readonly string[]): PreviewSection => ({
    title,
    rows: labels.map((label) => ({ label, icon })),
  });
  const all = [
    texts('Mind', 'warning', plan.warnings),
    texts('Effect', 'info', plan.effects),
    ...sections,
    texts(
      'Steps',
      'circle-outline',
      plan.steps.map((step) => step.title),
    ),
  ];
  const gear = new vscode.ThemeIcon('settings-gear');
  return [
    { label: button, iconPath: new vscode.ThemeIcon('play'), alwaysShow: true, answer: 'run' },
    ...(moreOptions === undefined
      ? []
      : [
          {
            label: 'More options…',
            description: moreOptions,
            iconPath: gear,
            alwaysShow: true,
            answer: 'more' as const,
          },
        ]),
    ...all.flatMap(sectionRows),
  ];
}

function sectionRows({ title, rows }: PreviewSection): Row[] {
  if (rows.length === 0) return [];
  return [
    { label: title, kind: vscode.QuickPickItemKind.Separator },
    ...rows.map(({ label, description, icon }) => ({
      ...inTwoLines(label),
      ...(description === undefined ? {} : { description }),
      iconPath: new vscode.ThemeIcon(icon),
      alwaysShow: true,
    })),
  ];
}

/** Characters of a line that a quick pick shows whole; beyond that it cuts. */
const lineLength = 72;

/** What does not fit on a line goes on in the smaller line below it, from a place where a sentence has a joint. Pure. */
export function inTwoLines(text: string): { label: string; detail?: string } {
  if (text.length <= lineLength) return { label: text };
  const joints = [...text.slice(0, lineLength).matchAll(/[:;.,] | (?=--)| (?=\()/g)];
  const best = joints.filter(([joint]) => joint !== ', ').at(-1) ?? joints.at(-1);
  if (!best || best.index < lineLength / 4) return { label: text };
  const at = best.index + best[0].length;
  return { label: text.slice(0, at).trimEnd(), detail: text.slice(at) };
}
