// The suites of npm test: what runs where, and what it needs.
import path from 'node:path';
import { projectRoot } from '../setup/project.mjs';

/**
 * @typedef {object} Suite
 * @property {string} name
 * @property {'check' | 'vitest' | 'report'} kind passes or fails as a whole, or has counts of its own in out/results
 * @property {string[]} [needs] what a machine must have; where it has not, the suite is skipped and says why
 * @property {'check' | 'machine' | 'waiting' | 'engines' | 'browser'} lane which suites it may run beside: see scripts/test.mjs
 * @property {(string[] | (() => string[]))[]} commands
 */

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
  '--reporter=./scripts/testing/secondTries.mjs',
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

/** @type {Suite[]} in their order, cheap ones first */
export const suites = [
  {
    name: 'types',
    kind: 'check',
    lane: 'check',
    commands: ['.', 'src/webview/page', 'test/browser'].map((project) => [bin('tsc'), '-p', project]),
  },
  {
    name: 'lint',
    kind: 'check',
    lane: 'check',
    commands: [
      [bin('eslint'), 'src', 'test', 'bench', '--max-warnings', '0'],
      [bin('depcruise'), 'src', '--config', '.dependency-cruiser.mjs'],
    ],
  },
  {
    name: 'format',
    kind: 'check',
    lane: 'check',
    commands: [[bin('prettier'), '--check', '--log-level', 'warn', '.']],
  },
  { name: 'unused', kind: 'check', lane: 'check', commands: [[bin('knip'), '--no-progress']] },
  { name: 'unit', kind: 'vitest', lane: 'waiting', commands: [vitest('unit')] },
  { name: 'package', kind: 'check', lane: 'check', commands: [[node, 'scripts/package.mjs']] },
  { name: 'page', kind: 'vitest', lane: 'check', needs: ['browser'], commands: [vitest('page')] },
  { name: 'lab', kind: 'vitest', lane: 'machine', needs: ['lab'], commands: [vitest('lab')] },
  // The longest first, so that none of them is left alone at the end; those on the other kernel, which needs a processor for
  // itself, far enough from one another that they do not meet.
  integration('packetFaults', 4),
  // 20.10 takes up to 20 s to attach a host to an encrypted network, which is Docker's limit: two at once are too many.
  encrypted('encryptedProof', 'proof', '26'),
  ...['swarmFaults', 'cleanUp', 'connection'].map((name) => integration(name)),
  encrypted('encrypted', 'encryptedNetworks'),
  ...['swarmFleet', 'fleetSsh', 'swarmPlans', 'swarmLife', 'swarmRepair'].map((name) => integration(name)),
  ...['engine', 'swarmBroken', 'verify', 'gossip', 'ports', 'proof', 'twin'].map((name) => integration(name)),
  ...['createNetwork', 'networksLife', 'testContainers'].map((name) => integration(name)),
  integration('formTwelve', 12),
  // Without engineFaults: a killed engine spoils the gossip of a later swarm.
  newerEngines('engine26', ['26'], ['newerEngines', 'engineNetworks', 'engineSwarm']),
  newerEngines('enginesMixed', ['host2=26', 'host3=28'], ['newerEngines']),
  { name: 'kernel', kind: 'vitest', needs: ['lab', 'encryptedKernel'], lane: 'engines', commands: [vitest('kernel')] },
  // npm start as a person types it, in a lab that it makes itself.
  {
    name: 'start',
    kind: 'vitest',
    needs: ['lab', 'browser', 'editor', 'vsix'],
    lane: 'browser',
    commands: [vitest('start')],
  },
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
