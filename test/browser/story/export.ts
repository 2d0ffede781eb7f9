import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { until } from '../driver';
import type { StoryWindow } from './window';

/** Exports the last report through the palette and the save dialog's own proposal, and answers the file's path. */
export async function exportReport({ workbench }: StoryWindow, format: 'json' | 'markdown'): Promise<string> {
  await workbench.runCommand('Docker Overlay: Export Verification Report…');
  const pick = await workbench.quickPick({ title: 'Export Verification Report' });
  await pick.select(format === 'json' ? 'JSON' : 'Markdown');
  // In a browser the save dialog is a quick pick with the path as its text, filled in a moment after it is shown.
  const dialog = await workbench.quickPick({ title: 'Export Verification Report' });
  const ending = format === 'json' ? '.json' : '.md';
  const file = await until('the proposed path', async () => {
    const value = await dialog.value();
    return value.endsWith(ending) ? value : undefined;
  });
  await dialog.accept();
  await until(`${file} to be written`, async () => existsSync(file), {
    seen: async () => readdirSync(path.dirname(file)).join(' '),
  });
  // It is shown to the person at the end; what follows must not meet it half-way.
  await workbench.openTab(new RegExp(`^${path.basename(file, ending)}`));
  return file;
}
