// Pictures, and what is left of a failure for the person who has to understand it.
import fs from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';

/** Takes a picture of the page into `SHOTS_FOLDER`, or out/shots. Returns its path. */
export async function takeShot(page: Page, name: string): Promise<string> {
  const file = path.resolve(process.env.SHOTS_FOLDER ?? 'out/shots', `${fileName(name)}.png`);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  await page.screenshot({ path: file });
  return file;
}

/** Saves what the page shows, says and logs, and the server's log, into a folder of out/browser-failures. */
export async function saveEvidence(
  name: string,
  page: Page,
  consoleLines: string[],
  serverLog: string | undefined,
): Promise<string> {
  const folder = path.resolve(process.env.FAILURES_FOLDER ?? 'out/browser-failures', fileName(name));
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  const write = (file: string, text: string) => fs.writeFileSync(path.join(folder, file), text);
  write('console.txt', consoleLines.join('\n'));
  if (serverLog !== undefined) write('server-log.txt', serverLog);
  await page.screenshot({ path: path.join(folder, 'page.png'), timeout: 10_000 }).catch(() => undefined);
  const texts = page.frames().map(async (frame) => {
    const text = await frame
      .evaluate<string>('document.body?.innerText ?? ""')
      .catch((error: Error) => `(${error.message})`);
    return `--- ${frame.url().slice(0, 120)}\n${text}`;
  });
  write('page.txt', (await Promise.all(texts)).join('\n\n'));
  return folder;
}

/** A name any file system takes. */
function fileName(name: string): string {
  return name
    .replace(/[^\p{L}\p{N}._-]+/gu, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 120);
}
