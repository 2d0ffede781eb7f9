// The browser a person would look through.
import fs from 'node:fs';
import { chromium, type Browser } from 'playwright-core';

const candidates = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

/** The browser's executable: `CHROMIUM_EXECUTABLE`, or the first of the usual places. */
export function browserExecutable(): string {
  const path = process.env.CHROMIUM_EXECUTABLE ?? candidates.find((candidate) => fs.existsSync(candidate));
  if (!path) throw new Error(`No Chromium: install Debian's chromium, or set CHROMIUM_EXECUTABLE`);
  return path;
}

/** Starts a browser that talks to nobody but the page's own server. `HEADED=1` shows its window. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: browserExecutable(),
    headless: !process.env.HEADED,
    args: [
      // Tests run as root in containers and network namespaces, where Chromium's sandbox cannot be set up.
      '--no-sandbox',
      // /dev/shm is 64 MB in many containers.
      '--disable-dev-shm-usage',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--force-color-profile=srgb',
    ],
  });
}
