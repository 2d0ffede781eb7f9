import { join } from 'node:path';
import { vi } from 'vitest';
import { main } from './cli';
import { run, type CommandResult } from './process';

// What the tests of the lab itself share.

export const launcher = join(__dirname, '../../scripts/lab.mjs');
/** Gives up after this many ms. Not a measure: the machine may be doing anything else besides. */
export const patience = 120_000;
/** One echo request: quick to give up, for where none is to come back, and patient, for where one is. */
export const pingOnce = ['ping', '-c', '1', '-W', '1'];
export const pingPatiently = ['ping', '-c', '1', '-W', '20'];

/** Runs the command line of the lab as a person would, in a process of its own. */
export function cliProcess(...words: string[]): Promise<CommandResult> {
  return run([process.execPath, launcher, ...words]);
}

/** The same in this process, which saves the start. */
export async function cli(...words: string[]): Promise<CommandResult> {
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const code = await main(words);
    const said = (spy: typeof stdout): string => spy.mock.calls.map(([text]) => String(text)).join('');
    return { code, stdout: said(stdout), stderr: said(stderr) };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}
