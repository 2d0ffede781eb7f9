import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable';
import type { CommandArguments, CommandId } from '../contributions';
import type { MatrixPanels } from './panel/matrixPanel';

/** Buttons of the panel do what the commands do. */
export function connectPanelRequests(panels: MatrixPanels): Disposable {
  const run = <Id extends CommandId>(id: Id, args: CommandArguments[Id]) =>
    void vscode.commands.executeCommand(id, args);
  return panels.onDidRequest(({ networkId, clusterId, message }) => {
    switch (message.type) {
      case 'run':
        return run('dockerOverlay.verify.run', { clusterId, networkId });
      case 'cancel':
        return run('dockerOverlay.verify.cancel', { networkId });
      case 'export':
        return run('dockerOverlay.verify.export', { networkId, format: message.format });
      case 'copy':
        return run('dockerOverlay.copyRemedy', { command: message.text });
    }
  });
}
