import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { until } from '../driver';
import type { StoryWindow } from './window';

/** Exports the last report through the palette and the save dialog, and answers the file's path. */
export async function exportReport({ workbench, workspace }: StoryWindow, format: 'json' | 'markdown'): Promise<string> {
  const file = path.join(workspace, format === 'json' ? 'as-json.json' : 'as-markdown.md');
  await workbench.runCommand('Docker Overlay: Export Verification Report…');
  console.log('T1', Date.now());
  const pick = await workbench.quickPick({ title: 'Export Verification Report' });
  await pick.select(format === 'json' ? 'JSON' : 'Markdown');
  // In a browser the save dialog is a quick pick with the path as its text.
  console.log('T2', Date.now());
  const dialog = await workbench.quickPick({ title: 'Export Verification Report' });
  console.log('T3', Date.now());
  await dialog.type(file);
  console.log('T4', Date.now());
  await dialog.accept();
  console.log('T5', Date.now());
  await until(`${file} to be written`, async () => existsSync(file), {
    seen: async () => readdirSync(workspace).join(' '),
  });
  console.log('T6', Date.now());
  // It is shown to the person at the end; what follows must not meet it half-way.
  await workbench.openTab(new RegExp(`^as-${format}`));
  return file;
}
