// npm test: sets everything up, runs every suite in the place it needs, and ends with one line of counts.
//
//   npm test                      everything
//   npm test -- unit lint ...     only these suites (names below)
//   npm test -- --list            the names
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { ensureEncryptedKernel } from './setup/encryptedKernel.mjs';
import { engineNames, ensureEngine } from './setup/engines.mjs';
import { ensurePackages, labPackages } from './setup/packages.mjs';
import { ensureNodeModules, projectRoot, requireNode } from './setup/project.mjs';
import { DEBIAN_PACKAGES as browserPackages, ensureVsCodeHost } from './vscode/install.mjs';

const results = path.join(projectRoot, 'out', 'results');
const isLinuxRoot = process.platform === 'linux' && process.getuid?.() === 0;
const node = process.execPath;
const bin = (name) => path.join(projectRoot, 'node_modules', '.bin', name);
let labs = 0;
/** A function, because each run wants a lab with a name of its own. */
const labRunWith = (words, command) => () => [
  node,
  'scripts/lab.mjs',
  'run',
  '--name',
  `test-${process.pid}-${(labs += 1)}`,
  ...words,
  '--',
  ...command,
];
const labRun = (hosts, ...command) => labRunWith(['--hosts', `${hosts}`], command);
const vitest = (project, name = project) => [
  node,
  'node_modules/vitest/vitest.mjs',
  'run',
  '--project',
  project,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=out/results/${name}.json`,
];

/** Tests against real engines, each in a lab of its own. */
function integration(name, hosts = 3) {
  const command = [...vitest('integration', name), `test/integration/${name}`];
  return { name, kind: 'vitest', needs: ['lab'], lane: 'engines', commands: [labRun(hosts, ...command)] };
}

/** Tests against newer engines than the system's, in a lab of its own. @param engines say which host has which */
function newerEngines(name, engines, files) {
  const command = [...vitest('integration', name), ...files.map((file) => `test/integration/${file}`)];
  const words = ['--hosts', '3', ...engines.flatMap((engine) => ['--engine', engine])];
  return { name, kind: 'vitest', needs: ['lab', 'engines'], lane: 'engines', commands: [labRunWith(words, command)] };
}

/** Tests of a file in a lab on a kernel with IPsec. @param engine another one than the system's */
function encrypted(name, file, engine) {
  const words = ['--kernel', 'esp', '--hosts', '3', '--minutes', '30', ...(engine ? ['--engine', engine] : [])];
  const commands = [labRunWith(words, [...vitest('encrypted', name), `test/encrypted/${file}`])];
  const needs = ['lab', 'encryptedKernel', ...(engine ? ['engines'] : [])];
  return { name, kind: 'vitest', needs, lane: 'engines', commands };
}

/** Browser tests on real hosts, each file in a lab of its own. */
function story(name) {
  const command = [...vitest('story', name), `test/browser/story/${name}.test.ts`];
  const needs = ['lab', 'browser', 'editor', 'vsix'];
  return { name, kind: 'vitest', needs, lane: 'browser', commands: [labRun(3, ...command)] };
}

/**
 * The suites in their order, cheap ones first. `check` = passes or fails as a whole; `vitest`, `report` = has counts of
 * its own in out/results. `needs`: what a machine must have, else the suite is skipped and says why.
 */
const suites = [
  {
    name: 'types',
    kind: 'check',
    commands: ['.', 'src/webview/page', 'test/browser'].map((project) => [bin('tsc'), '-p', project]),
  },
  { name: 'lint', kind: 'check', commands: [[bin('eslint'), 'src', 'test', 'bench', '--max-warnings', '0']] },
  { name: 'format', kind: 'check', commands: [[bin('prettier'), '--check', '--log-level', 'warn', '.']] },
  { name: 'unused', kind: 'check', commands: [[bin('knip'), '--no-progress']] },
  { name: 'unit', kind: 'vitest', commands: [vitest('unit')] },
  { name: 'package', kind: 'check', commands: [[node, 'scripts/package.mjs']] },
  { name: 'page', kind: 'vitest', needs: ['browser'], commands: [vitest('page')] },
  { name: 'lab', kind: 'vitest', needs: ['lab'], commands: [vitest('lab')] },
  // The longest first, so that none of them is left alone at the end.
  integration('packetFaults', 4),
  ...['swarmFaults', 'cleanUp', 'connection', 'swarmFleet', 'fleetSsh', 'swarmPlans', 'swarmLife', 'swarmRepair'].map(
    (name) => integration(name),
  ),
  ...['engine', 'swarmBroken', 'verify', 'gossip', 'ports', 'proof', 'twin'].map((name) => integration(name)),
  ...['createNetwork', 'networksLife', 'testContainers'].map((name) => integration(name)),
  integration('formTwelve', 12),
  // Without engineFaults: a killed engine spoils the gossip of a later swarm.
  newerEngines('engine26', ['26'], ['newerEngines', 'engineNetworks', 'engineSwarm']),
  newerEngines('enginesMixed', ['host2=26', 'host3=28'], ['newerEngines']),
  { name: 'kernel', kind: 'vitest', needs: ['lab', 'encryptedKernel'], lane: 'engines', commands: [vitest('kernel')] },
  encrypted('encrypted', 'encryptedNetworks'),
  // 20.10 takes up to 20 s to attach a host to an encrypted network, which is Docker's limit: two at once are too many.
  encrypted('encryptedProof', 'proof', '26'),
  { name: 'driver', kind: 'vitest', needs: ['browser', 'editor'], lane: 'browser', commands: [vitest('driver')] },
  {
    name: 'host',
    kind: 'report',
    needs: ['browser', 'editor', 'lab', 'vsix'],
    lane: 'browser',
    commands: [labRun(3, node, '--import', 'tsx', 'test/host/run.ts')],
  },
  ...['story', 'failures', 'hosts', 'swarm', 'networks', 'matrix'].map(story),
];

const chosen = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
if (process.argv.includes('--list')) {
  console.log(suites.map((suite) => suite.name).join('\n'));
  process.exit(0);
}
const unknown = chosen.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(`No such suite: ${unknown.join(', ')}. There are: ${suites.map((suite) => suite.name).join(', ')}.`);
  process.exit(2);
}

requireNode();
ensureNodeModules();
rmSync(results, { recursive: true, force: true });
mkdirSync(results, { recursive: true });

const named = suites.filter((suite) => chosen.length === 0 || chosen.includes(suite.name));
// What runs in an editor runs the packed extension: never one of an earlier state of the sources.
const wantsVsix = named.some((suite) => suite.needs?.includes('vsix'));
const toRun = suites.filter((suite) => named.includes(suite) || (wantsVsix && suite.name === 'package'));
const missing = await setUp(new Set(toRun.flatMap((suite) => suite.needs ?? [])));
const total = { passed: 0, failed: 0, skipped: 0 };
const lines = [];
const onceMore = [];
for (const suite of toRun.filter(({ lane }) => !lane)) await takePart(suite, false);
await runLanes();
await runOnceMore();
console.log(`\n${lines.join('\n')}\n`);
// A skip for want of a component is a failure where everything is meant to be there.
const failed = total.failed + (process.env.CI ? total.skipped : 0);
console.log(`${total.passed} passed, ${failed} failed, ${process.env.CI ? 0 : total.skipped} skipped`);
process.exit(failed > 0 ? 1 : 0);

/** Installs what the suites need. @returns {Promise<Map<string, string>>} for each need that cannot be met, why */
async function setUp(needs) {
  const why = new Map();
  if (needs.has('lab')) {
    if (!isLinuxRoot) why.set('lab', process.platform === 'linux' ? 'the lab needs root' : 'the lab needs Linux');
    else if (ensurePackages(labPackages).length > 0) why.set('lab', 'Debian packages are missing');
  }
  if (needs.has('engines') && !why.has('lab')) {
    for (const name of engineNames) {
      try {
        await ensureEngine(name, { log: console.log });
      } catch (error) {
        why.set('engines', error.message);
      }
    }
  }
  if (needs.has('encryptedKernel') && !why.has('lab')) {
    try {
      await ensureEncryptedKernel({ log: console.log });
    } catch (error) {
      why.set('encryptedKernel', error.message);
    }
  }
  if (needs.has('browser') && ensurePackages(browserPackages).length > 0 && !process.env.CHROMIUM_EXECUTABLE)
    why.set('browser', 'no Chromium');
  if (needs.has('editor')) {
    if (process.platform !== 'linux') why.set('editor', 'the browser-based editor is set up on Linux only');
    else {
      try {
        await ensureVsCodeHost({ log: console.log });
      } catch (error) {
        why.set('editor', `the editor could not be installed: ${error.message}`);
      }
    }
  }
  return why;
}

/**
 * Suites whose time is mostly that of Docker's waiting: two on engines at a time, and beside them one with a browser,
 * which takes most of a core. Who has none left of his own helps with the engines.
 */
async function runLanes() {
  const waiting = toRun.filter(({ lane }) => lane);
  const isQuiet = waiting.length > 1;
  const worker = async (...lanes) => {
    for (;;) {
      const next = lanes.map((lane) => waiting.findIndex((suite) => suite.lane === lane)).find((at) => at !== -1);
      if (next === undefined) return;
      await takePart(waiting.splice(next, 1)[0], isQuiet);
    }
  };
  await Promise.all([worker('engines'), worker('engines'), worker('browser', 'engines')]);
}

/** Runs or skips a suite, and adds it to the counts. @param quiet its output is shown when it has ended, in one piece */
async function takePart(suite, quiet) {
  const reason = (suite.needs ?? []).map((need) => missing.get(need)).find(Boolean);
  const started = Date.now();
  const counts = reason ? skip(suite, reason) : await runSuite(suite, quiet);
  if (counts.failed > 0 && (suite.lane || suite.needs?.includes('lab'))) onceMore.push(suite);
  else for (const key of Object.keys(total)) total[key] += counts[key];
  tell(suite, counts, started, reason);
}

function tell(suite, counts, started, remark) {
  const words = `${counts.passed} passed, ${counts.failed} failed${counts.skipped ? `, ${counts.skipped} skipped` : ''}`;
  const seconds = Math.round((Date.now() - started) / 1000);
  lines.push(`${suite.name.padEnd(15)} ${words.padEnd(34)} ${seconds} s${remark ? `   (${remark})` : ''}`);
}

/**
 * Real engines under load now and then leave a swarm without gossip or leader for longer than any test waits, and an
 * editor beside them is slow. A suite of a lane that failed gets one second run, alone and in a fresh lab; both results are
 * shown, the second counts.
 */
async function runOnceMore() {
  for (const suite of onceMore) {
    const started = Date.now();
    const counts = await runSuite(suite, false);
    for (const key of Object.keys(total)) total[key] += counts[key];
    tell(suite, counts, started, 'second run, alone: this one counts');
  }
}

function skip(suite, reason) {
  console.log(`\n=== ${suite.name}: SKIPPED, ${reason}`);
  return { passed: 0, failed: 0, skipped: 1 };
}

async function runSuite(suite, quiet) {
  const title = `\n=== ${suite.name}`;
  if (!quiet) console.log(title);
  rmSync(path.join(results, `${suite.name}.json`), { force: true });
  let worked = true;
  let kept = '';
  const keep = quiet ? (text) => (kept += text) : undefined;
  for (const command of suite.commands)
    worked = (await run(typeof command === 'function' ? command() : command, keep)) && worked;
  if (quiet) console.log(`${title}\n${kept}`);
  if (suite.kind === 'check') return { passed: worked ? 1 : 0, failed: worked ? 0 : 1, skipped: 0 };
  const counts = readCounts(suite);
  // A runner that died, or found nothing to run, has failed whatever it counted before.
  if ((!worked && counts.failed === 0) || counts.passed + counts.failed === 0) counts.failed += 1;
  return counts;
}

/** Counts of a suite from the JSON its runner wrote; nothing when there is none. */
function readCounts(suite) {
  const file = path.join(results, `${suite.name}.json`);
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0 };
  const json = JSON.parse(readFileSync(file, 'utf8'));
  if (suite.kind === 'report') return { passed: json.passed, failed: json.failed, skipped: json.skipped };
  const suitesOnlyFailed = json.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  return {
    passed: json.numPassedTests,
    failed: json.numFailedTests + suitesOnlyFailed.length,
    skipped: json.numPendingTests + json.numTodoTests,
  };
}

/** Runs a command to its end, its output shown or handed to `keep`. @returns {Promise<boolean>} whether it exited with 0 */
function run([command, ...args], keep) {
  return new Promise((resolve) => {
    const output = keep ? 'pipe' : 'inherit';
    const child = spawn(command, args, { cwd: projectRoot, stdio: ['ignore', output, output] });
    child.stdout?.on('data', keep).setEncoding('utf8');
    child.stderr?.on('data', keep).setEncoding('utf8');
    child.on('error', (error) => {
      console.error(`${command}: ${error.message}`);
      resolve(false);
    });
    child.on('close', (code) => resolve(code === 0));
  });
}
