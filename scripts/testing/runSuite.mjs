// Runs one suite to its end.
import { runToEnd } from '../setup/run.mjs';
import { clearResults, readResults } from './results.mjs';

/**
 * @param {import('./suites.mjs').Suite} suite
 * @param {boolean} quiet its output is shown when it has ended, in one piece
 * @returns what {@link readResults} says
 */
export async function runSuite(suite, quiet) {
  const title = `\n=== ${suite.name}`;
  if (!quiet) console.log(title);
  clearResults(suite.name);
  let worked = true;
  let kept = '';
  const keep = quiet ? (text) => (kept += text) : undefined;
  for (const command of suite.commands)
    worked = (await runToEnd(typeof command === 'function' ? command() : command, keep)) && worked;
  if (quiet) console.log(`${title}\n${kept}`);
  return readResults(suite, worked);
}
