import * as vscode from 'vscode';
import { describeError, toOverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import { commandIds, type CommandArguments, type CommandId } from '../../contributions';
import { showError, showInfo, type MessageButton } from '../vscode/messages';
import { toArguments } from './arguments';
import { failure, success, type CommandResult } from './result';

/** The commands: an id and a thin function each. What it returns is the `value` of the command's result. */
export type CommandTable = { readonly [Id in CommandId]: (args: CommandArguments[Id]) => unknown };

/**
 * Registers all commands. One wrapper reads the arguments, logs, and shows what went wrong. The commands resolve with
 * a {@link CommandResult} and never reject: who called them from a program can decide by its `reason`.
 *
 * @param buttonsFor what else an error's message offers
 */
export function registerCommands(
  table: CommandTable,
  logger: Logger,
  buttonsFor: (error: unknown) => MessageButton[] = () => [],
): vscode.Disposable {
  const registered = commandIds.map((id) =>
    vscode.commands.registerCommand(id, (first: unknown, selection: unknown) =>
      runCommand(id, table, first, selection, logger, buttonsFor),
    ),
  );
  return vscode.Disposable.from(...registered);
}

async function runCommand<Id extends CommandId>(
  id: Id,
  table: CommandTable,
  first: unknown,
  selection: unknown,
  logger: Logger,
  buttonsFor: (error: unknown) => MessageButton[],
): Promise<CommandResult> {
  const startedAt = performance.now();
  try {
    const value = await table[id](toArguments(id, first, selection));
    logger.info(`${id} done in ${Math.round(performance.now() - startedAt)} ms`);
    return success(value);
  } catch (error) {
    const ours = toOverlayError(error);
    if (ours.reason === 'cancelled') {
      logger.info(`${id} cancelled`);
    } else if (ours.reason === 'nothingToChoose') {
      // No error: the words go by themselves, and ask for nothing.
      const { happened } = describeError(ours);
      logger.info(`${id}: ${happened}`);
      showInfo([happened, ours.params.remedy].filter(Boolean).join(' '));
    } else {
      logger.error(id, ours);
      showError(ours, [...buttonsFor(ours), ...retryButton(id, first, selection, ours.reason)]);
    }
    return failure(ours.reason, describeError(ours));
  }
}

/** Trying again helps where the cause is elsewhere and passing. */
const worthRetrying: readonly string[] = [
  'addressUnreachable',
  'connectionRefused',
  'linkLost',
  'requestTimeout',
  'notConnected',
  'joinTimeout',
  'joinUnreachable',
  'nodeChanged',
  'managerNotReady',
  'createNotConfirmed',
];

function retryButton(id: CommandId, first: unknown, selection: unknown, reason: string): MessageButton[] {
  if (!worthRetrying.includes(reason)) return [];
  return [{ label: 'Retry', run: () => void vscode.commands.executeCommand(id, first, selection) }];
}
