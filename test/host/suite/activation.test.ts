// The extension as VS Code sees it: it is found, it activates, and it keeps the promises of its manifest.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { hostEnv } from '../report';

interface Manifest {
  contributes?: { commands?: { command: string }[]; views?: Record<string, { id: string }[]> };
}

describe('activation', () => {
  let extension: vscode.Extension<unknown>;
  let manifest: Manifest;

  before(async () => {
    const id = process.env[hostEnv.extensionId] ?? 'docker-overlay.docker-overlay-networks';
    const found = vscode.extensions.getExtension(id);
    assert.ok(found, `${id} is not installed`);
    extension = found;
    manifest = extension.packageJSON as Manifest;
    await extension.activate();
  });

  it('activates', () => {
    assert.equal(extension.isActive, true);
  });

  it('registers every command of its manifest', async () => {
    const registered = new Set(await vscode.commands.getCommands(true));
    const declared = (manifest.contributes?.commands ?? []).map((entry) => entry.command);
    const missing = declared.filter((command) => !registered.has(command));
    assert.deepEqual(missing, []);
  });

  it('opens each of its views', async () => {
    const views = Object.values(manifest.contributes?.views ?? {}).flat();
    // VS Code makes a focus command for each view it knows.
    for (const view of views) await vscode.commands.executeCommand(`${view.id}.focus`);
  });
});
