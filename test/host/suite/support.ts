// What the tests of commands in an extension host share.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { CommandArguments, CommandId } from '../../../src/contributions';
import type { OverlayApi } from '../../../src/ui/api';
import type { CommandResult } from '../../../src/ui/command/result';
import { Lab } from '../../lab/lab';

/** The lab and the extension, activated; skips the suite where there is no lab. */
export async function begin(context: Mocha.Context): Promise<{ readonly lab: Lab; readonly api: OverlayApi }> {
  const name = process.env['LAB_NAME'];
  if (!name) return context.skip();
  const lab = await Lab.attach(name);
  const extension = vscode.extensions.getExtension<OverlayApi>('docker-overlay.docker-overlay-networks');
  assert.ok(extension);
  return { lab, api: await extension.activate() };
}

/** Runs a command as a task, a key binding or another extension does. */
export async function execute<Id extends CommandId>(id: Id, args: CommandArguments[Id]): Promise<CommandResult> {
  return vscode.commands.executeCommand<CommandResult>(id, args);
}

/** Runs a command that must succeed. @returns its value */
export async function run<Id extends CommandId>(id: Id, args: CommandArguments[Id]): Promise<unknown> {
  const result = await execute(id, args);
  assert.ok(result.ok, `${id}: ${JSON.stringify(result)}`);
  return result.value;
}
