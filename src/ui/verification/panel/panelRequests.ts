import * as vscode from 'vscode';
import type { Disposable } from '../../../base/disposable';
import { isOverlayError } from '../../../base/errors';
import type { CommandArguments, CommandId } from '../../../contributions';
import type { PairEnds } from '../../../webview/protocol';
import { showError } from '../../vscode/messages';
import type { MatrixPanels } from './matrixPanels';
import type { Verifications } from '../verifications';

/** Buttons of the panel do what the commands do. */
export function connectPanelRequests(panels: MatrixPanels, verifications: Verifications): Disposable {
  const run = <Id extends CommandId>(id: Id, args: CommandArguments[Id]) =>
    void vscode.commands.executeCommand(id, args);
  return panels.onDidRequest(({ networkId, clusterId, message }) => {
    switch (message.type) {
      case 'run':
        return run('dockerOverlay.verify.run', { clusterId, networkId });
      case 'cancel':
        return run('dockerOverlay.verify.cancel', { networkId });
      case 'checkAgain':
        return void checkAgain(panels, verifications, networkId, message.pairs);
      case 'watch':
        return run('dockerOverlay.verify.watch', { clusterId, networkId });
      case 'stopWatch':
        return run('dockerOverlay.verify.stopWatch', { networkId });
      case 'export':
        return run('dockerOverlay.verify.export', { networkId, format: message.format });
      case 'copy':
        return run('dockerOverlay.copyRemedy', { command: message.text });
    }
  });
}

/** Verifies the pairs of a finding; the results of all others stay as they are. */
async function checkAgain(
  panels: MatrixPanels,
  verifications: Verifications,
  networkId: string,
  only: readonly PairEnds[],
): Promise<void> {
  panels.keepBut(networkId, only);
  try {
    await verifications.run({ networkId, only });
  } catch (error) {
    // It may not even have begun: the next whole run must not keep anything.
    panels.keepBut(networkId, undefined);
    if (!isOverlayError(error, 'cancelled')) showError(error);
  }
}
