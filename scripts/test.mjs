// npm test: sets everything up, runs every suite in the place it needs, and ends with one line of counts.
//
//   npm test                      everything; of real faults and of moments to clean up in a few, drawn anew each time
//   npm test -- --seed N          the same as the run that printed this seed
//   npm test -- unit lint ...     only these suites, whole
//   npm test -- --list            the names
import { mkdirSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { ensureNodeModules, requireNode } from './setup/project.mjs';
import { setUp } from './testing/needs.mjs';
import { results } from './testing/results.mjs';
import { runSuite } from './testing/runSuite.mjs';
import { suites } from './testing/suites.mjs';

const { chosen, seed } = readArguments();
requireNode();
ensureNodeModules();
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });
// test/draw.ts reads it; without it all faults and all moments are tried.
if (seed !== undefined) process.env.DRAW_SEED = `${seed}`;

const named = suites.filter((suite) => chosen.length === 0 || chosen.includes(suite.name));
// What runs in an editor runs the packed extension: never one of an earlier state of the sources.
const wantsVsix = named.some((suite) => suite.needs?.includes('vsix'));
const toRun = suites.filter((suite) => named.includes(suite) || (wantsVsix && suite.name === 'package'));
const missing = await setUp(new Set(toRun.flatMap((suite) => suite.needs ?? [])));
const total = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
/** What did not pass at once: tests that their runner tried again, and whole suites. */
const again = [];
const onceMore = [];
// What builds labs itself looks at the whole machine, so no other lab is up then; the checks have none.
await runLanes(['machine', 'check'], ['check']);
// Mostly waiting, for Docker and for deadlines: two at a time, and beside them one with a browser, which takes most of a core.
await runLanes(['waiting', 'engines'], ['engines'], ['browser', 'engines']);
await runOnceMore();
tellAll();

function readArguments() {
  const options = { list: { type: 'boolean' }, seed: { type: 'string' } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.list) {
    console.log(suites.map((suite) => suite.name).join('\n'));
    process.exit(0);
  }
  const unknown = positionals.filter((name) => !suites.some((suite) => suite.name === name));
  if (unknown.length > 0) {
    console.error(`No such suite: ${unknown.join(', ')}. There are: ${suites.map((suite) => suite.name).join(', ')}.`);
    process.exit(2);
  }
  const drawn = positionals.length === 0 ? Math.floor(Math.random() * 1e6) : undefined;
  const seed = values.seed === undefined ? drawn : Number(values.seed);
  if (Number.isNaN(seed)) {
    console.error(`--seed takes a number, not "${values.seed}".`);
    process.exit(2);
  }
  return { chosen: positionals, seed };
}

/** Runs suites side by side. @param {string[][]} workers of each, the lanes that it takes suites of, the first one first */
async function runLanes(...workers) {
  const waiting = toRun.filter(({ lane }) => workers.flat().includes(lane));
  const isQuiet = waiting.length > 1;
  const worker = async (lanes) => {
    for (;;) {
      const next = lanes.map((lane) => waiting.findIndex((suite) => suite.lane === lane)).find((at) => at !== -1);
      if (next === undefined) return;
      await takePart(waiting.splice(next, 1)[0], isQuiet);
    }
  };
  await Promise.all(workers.map(worker));
}

/** Runs or skips a suite, and adds it to the counts; one on engines or in an editor that failed is kept for a second run. */
async function takePart(suite, quiet) {
  const why = (suite.needs ?? []).map((need) => missing.get(need)).find(Boolean);
  const started = Date.now();
  const result = why ? skip(suite, why) : await runSuite(suite, quiet);
  tell(suite, result, started, why);
  if (result.failed > 0 && ['engines', 'browser', 'machine'].includes(suite.lane)) {
    onceMore.push(suite);
    again.push(...result.failures.map((failure) => ({ suite: suite.name, what: 'the suite ran twice', ...failure })));
  } else add(result);
}

/** The second run counts, alone and in a fresh lab; what made it necessary is told. */
async function runOnceMore() {
  for (const suite of onceMore) {
    const started = Date.now();
    const result = await runSuite(suite, false);
    tell(suite, result, started, 'second run, alone: this one counts');
    add(result);
  }
}

function add(counts) {
  for (const key of Object.keys(total)) total[key] += counts[key];
}

function skip(suite, why) {
  console.log(`\n=== ${suite.name}: SKIPPED, ${why}`);
  return { passed: 0, failed: 0, skipped: 1, failures: [], again: [] };
}

function tell(suite, result, started, remark) {
  again.push(...result.again.map((failure) => ({ suite: suite.name, what: 'tried again and passed', ...failure })));
  const words = `${result.passed} passed, ${result.failed} failed${result.skipped ? `, ${result.skipped} skipped` : ''}`;
  const seconds = Math.round((Date.now() - started) / 1000);
  lines.push(`${suite.name.padEnd(15)} ${words.padEnd(34)} ${seconds} s${remark ? `   (${remark})` : ''}`);
}

/** The summary; its last line is the count alone. */
function tellAll() {
  console.log(`\n${lines.join('\n')}\n`);
  if (seed !== undefined) console.log(`Faults and moments were drawn with --seed ${seed}.\n`);
  if (again.length > 0) {
    console.log('Not passed at the first try. Each is a defect to be understood and mended:');
    for (const { suite, name, what, error } of again)
      console.log(`  ${suite}: ${name} (${what})\n${firstLines(error).replace(/^/gm, '      ')}`);
    console.log('');
  }
  // A skip for want of a component is a failure where everything is meant to be there.
  const failed = total.failed + (process.env.CI ? total.skipped : 0);
  console.log(`${total.passed} passed, ${failed} failed, ${process.env.CI ? 0 : total.skipped} skipped`);
  process.exit(failed > 0 ? 1 : 0);
}

function firstLines(text) {
  return text.split('\n').slice(0, 4).join('\n').slice(0, 1000);
}
