import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { until } from '../driver';
import type { StoryWindow } from './window';

/** Exports the last report through the palette and the save dialog, and answers the file's path. */
export async function exportReport({ workbench, workspace }: StoryWindow, format: 'json' | 'markdown'): Promise<string> {
  const file = path.join(workspace, format === 'json' ? 'report.json' : 'report.md');
  await workbench.runCommand('Docker Overlay: Export Verification Report…');
  const pick = await workbench.quickPick({ title: 'Export Verification Report' });
  await pick.select(format === 'json' ? 'JSON' : 'Markdown');
  // In a browser the save dialog is a quick pick with the path as its text.
  const dialog = await workbench.quickPick({ title: 'Export Verification Report' });
  await dialog.type(file);
  await dialog.accept();
  await until(`${file} to be written`, async () => existsSync(file), {
    seen: async () => readdirSync(workspace).join(' '),
  });
  return file;
}
