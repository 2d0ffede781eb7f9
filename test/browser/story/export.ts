import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Frame } from 'playwright-core';
import { until } from '../driver';
import type { StoryWindow } from './window';

const endings = { json: '.json', markdown: '.md', junit: '.xml' } as const;
const names = { json: 'JSON', markdown: 'Markdown', junit: 'JUnit XML' } as const;
type Format = keyof typeof endings;

/** Exports the last report through the palette and the save dialog's own proposal, and answers the file's path. */
export async function exportReport(window: StoryWindow, format: Format): Promise<string> {
  const { workbench } = window;
  await until('the format to be chosen', async () => {
    await workbench.runCommand('Docker Overlay: Export Verification Report…');
    // A page that is just ready takes the focus, and the pick closes: a person would open it again.
    const pick = await workbench.quickPick({ title: 'Export Verification Report', timeoutMs: 10_000 });
    await pick.select(names[format], { timeoutMs: 10_000 });
    return true;
  });
  return saveWhereProposed(window, format);
}

/** The same through the menu of the panel. */
export async function exportFromPanel(window: StoryWindow, frame: Frame, format: Format): Promise<string> {
  await frame.getByRole('button', { name: 'Export' }).click();
  await frame.getByRole('menuitem', { name: `Export ${names[format]}` }).click();
  return saveWhereProposed(window, format);
}

async function saveWhereProposed({ workbench }: StoryWindow, format: Format): Promise<string> {
  // In a browser the save dialog is a quick pick with the path as its text, filled in a moment after it is shown.
  const dialog = await workbench.quickPick({ title: 'Export Verification Report' });
  const ending = endings[format];
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
