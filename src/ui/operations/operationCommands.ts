import * as vscode from 'vscode';
import { commandButton, showInfo, showInStatusBar, type MessageButton } from '../vscode/messages';
import { canContinue, isRunning, operationReport, operationWords, type Operation } from './operation';
import type { Operations } from './operations';
import type { PlanOutcome, PlanRunner } from './planRunner';
import { chooseOne } from '../quickPick/choose';
import type { CommandTable } from '../command/register';

/** What can be done with operations of several steps. @param show opens the Operations view at one */
export function operationCommands(operations: Operations, runner: PlanRunner, show: (id: string) => Promise<void>) {
  const choose = (id: string | undefined, title: string, offer: (one: Operation) => boolean) =>
    chooseOperation(operations, id, title, offer);
  const any = () => true;
  return {
    'dockerOverlay.operation.show': async (args) => show((await choose(args.operationId, 'Show Steps', any)).id),
    'dockerOverlay.operation.cancel': async (args) =>
      operations.cancel((await choose(args.operationId, 'Cancel Operation', isRunning)).id),
    'dockerOverlay.operation.continue': async (args) =>
      continueOperation(runner, await choose(args.operationId, 'Continue Operation', canContinue)),
    'dockerOverlay.operation.copyReport': async (args) => {
      const report = operationReport(await choose(args.operationId, 'Copy Report of Operation', any));
      await vscode.env.clipboard.writeText(report);
      showInStatusBar('Copied the report of the operation.');
      return report;
    },
    'dockerOverlay.operation.dismiss': async (args) => {
      const isOver = (one: Operation) => !isRunning(one);
      const ids = args.operationIds ?? [(await choose(undefined, 'Dismiss Operation', isOver)).id];
      operations.dismiss(ids);
    },
    'dockerOverlay.operations.clear': () => operations.dismiss(),
  } satisfies Partial<CommandTable>;
}

async function continueOperation(runner: PlanRunner, operation: Operation): Promise<PlanOutcome> {
  const outcome = await runner.continue(operation.id);
  showInfo(`${operation.title}: done.`);
  return outcome;
}

/** The one named, the only one it could be, or asked for. */
async function chooseOperation(
  operations: Operations,
  id: string | undefined,
  title: string,
  offer: (one: Operation) => boolean,
): Promise<Operation> {
  if (id !== undefined) return operations.get(id);
  const items = operations.all.filter(offer).map((one) => ({
    value: one,
    label: one.title,
    description: operationWords(one),
    icon: 'list-tree',
  }));
  return chooseOne(items, { title, placeholder: 'Which operation?', none: 'There is no such operation now.' });
}

/** Buttons for the message of an error that an operation ended with. */
export function operationButtons(operations: Operations, error: unknown): MessageButton[] {
  const operation = operations.operationOf(error);
  if (!operation) return [];
  const argument = { operationId: operation.id };
  return [
    commandButton('Show Steps', 'dockerOverlay.operation.show', argument),
    ...(canContinue(operation) ? [commandButton('Continue', 'dockerOverlay.operation.continue', argument)] : []),
  ];
}
