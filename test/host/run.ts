// Runs the tests that live inside VS Code's extension host, in whatever VS Code there is.
//
//   node --import tsx test/host/run.ts [--in=auto|executable|download|server] [--vsix=FILE] [--grep=REGEXP]
//                                      [--extension=FOLDER] [--suites=FOLDER] [--silence=SECONDS]
//
// Result: out/results/host.json, and the exit code. VSCODE_EXECUTABLE, VSCODE_VERSION: which desktop VS Code.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildHostTests } from './build';
import { hasScreen } from '../vscode/desktop';
import { chooseHost, type HostChoice, type HostKind } from './choose';
import { runInDesktop } from './desktop';
import { runInServer } from './inServer';
import { killBelow } from '../vscode/processes';
import { hostEnv, type HostEvent, type HostResults } from './report';

/** One run of the tests, as the hosts need to know it. */
export interface HostRun {
  /** Folder of the extension under test; with a VSIX an empty extension, because VS Code wants one. */
  developmentPath: string;
  testsPath: string;
  workspace: string;
  vsix: string | undefined;
  env: Record<string, string>;
  /** Aborted when nothing has been heard for too long. */
  signal: AbortSignal;
}

const projectRoot = path.resolve(__dirname, '..', '..');

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      in: { type: 'string', default: 'auto' },
      vsix: { type: 'string' },
      grep: { type: 'string', default: '' },
      extension: { type: 'string', default: projectRoot },
      suites: { type: 'string', default: path.join(projectRoot, 'test', 'host', 'suite') },
      // A machine under load takes longer for all of them; what hangs says nothing any more. Longer than any test may take by itself.
      silence: { type: 'string', default: '300' },
    },
  });
  const choice = await chooseHost(values.in as HostKind | 'auto');
  if (choice.kind !== 'server' && !hasScreen()) return again();
  console.log(`In-host tests in ${describeHost(choice)} (${choice.why}).`);

  const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'overlay-host-'));
  const events = path.join(temporary, 'events.jsonl');
  fs.writeFileSync(events, '');
  const results: HostResults = { passed: 0, failed: 0, skipped: 0, failures: [] };
  const ended = new AbortController();
  const timer = setTimeout(
    () => ended.abort(new Error(`Nothing heard for ${values.silence} s; last of: ${follow.last()}`)),
    Number(values.silence) * 1000,
  );
  const follow = followEvents(events, results, () => timer.refresh());
  try {
    const extension = path.resolve(values.extension);
    const run: HostRun = {
      developmentPath: values.vsix ? emptyExtension(temporary) : requireBuilt(extension),
      testsPath: await buildHostTests(projectRoot, path.resolve(values.suites)),
      workspace: makeFolder(path.join(temporary, 'workspace')),
      vsix: values.vsix ? path.resolve(values.vsix) : undefined,
      env: { [hostEnv.events]: events, [hostEnv.extensionId]: extensionId(extension), [hostEnv.grep]: values.grep },
      signal: ended.signal,
    };
    const running = choice.kind === 'server' ? runInServer(run) : runInDesktop(choice, run);
    await Promise.race([running, rejectWhenAborted(ended.signal)]);
    follow.finish();
    if (!follow.ended()) throw new Error(`VS Code ended before the tests did; last heard of: ${follow.last()}`);
    if (results.passed + results.failed === 0) throw new Error('No test ran');
  } catch (error) {
    follow.finish();
    // With tests that failed, VS Code's own exit code says nothing new.
    if (results.failed === 0 || !follow.ended()) addFailure(results, 'in-host tests', (error as Error).message);
  } finally {
    clearTimeout(timer);
    fs.rmSync(temporary, { recursive: true, force: true, maxRetries: 5 });
  }
  writeResults(results);
  return results.failed > 0 ? 1 : 0;
}

interface Follower {
  finish(): void;
  ended(): boolean;
  last(): string;
}

/** Prints events as they come, and counts them. */
function followEvents(file: string, results: HostResults, onEvent: () => void): Follower {
  let read = 0;
  let done = false;
  let last = 'nothing';
  const look = () => {
    const text = fs.readFileSync(file, 'utf8');
    // Half a line is read next time.
    const complete = text.slice(read, text.lastIndexOf('\n') + 1);
    read += complete.length;
    for (const line of complete.split('\n').filter(Boolean)) {
      const event = JSON.parse(line) as HostEvent;
      onEvent();
      if (event.event === 'end') done = true;
      else last = event.title;
      if (event.event === 'passed') {
        results.passed += 1;
        console.log(`  ok      ${event.title} (${event.ms} ms)`);
      } else if (event.event === 'skipped') {
        results.skipped += 1;
        console.log(`  skipped ${event.title}`);
      } else if (event.event === 'failed') {
        addFailure(results, event.title, event.error);
      }
    }
  };
  const interval = setInterval(look, 200);
  const finish = () => {
    clearInterval(interval);
    look();
  };
  return { finish, ended: () => done, last: () => last };
}

function addFailure(results: HostResults, title: string, error: string): void {
  results.failed += 1;
  results.failures.push({ title, error });
  console.log(`  FAILED  ${title}\n${error.replace(/^/gm, '          ')}`);
}

function writeResults(results: HostResults): void {
  const file = path.join(projectRoot, 'out', 'results', 'host.json');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, JSON.stringify(results, null, 2));
  console.log(`${results.passed} passed, ${results.failed} failed, ${results.skipped} skipped (${file})`);
}

function extensionId(folder: string): string {
  const { publisher, name } = readManifest(folder);
  return `${publisher}.${name}`;
}

function requireBuilt(folder: string): string {
  const main = path.join(folder, readManifest(folder).main ?? '');
  if (!fs.existsSync(main)) throw new Error(`${main} is missing: npm run build`);
  return folder;
}

function readManifest(folder: string): Record<string, string | undefined> {
  return JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as Record<string, string | undefined>;
}

function emptyExtension(temporary: string): string {
  const folder = makeFolder(path.join(temporary, 'empty-extension'));
  const manifest = { name: 'host-tests', publisher: 'test', version: '0.0.0', engines: { vscode: '*' } };
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  return folder;
}

function makeFolder(folder: string): string {
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

function describeHost(choice: HostChoice): string {
  if (choice.kind === 'executable') return choice.executable ?? 'a desktop VS Code';
  if (choice.kind === 'download') return `a downloaded VS Code, ${process.env.VSCODE_VERSION ?? 'stable'}`;
  return "VS Code's server, through a browser";
}

/** This program once more, under a virtual display. */
function again(): number {
  const self = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  return spawnSync('xvfb-run', ['-a', ...self], { stdio: 'inherit' }).status ?? 1;
}

/** Rejects some time after the time is over: the run has this long to save evidence and to end what it started. */
function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => setTimeout(() => reject(signal.reason as Error), 20_000));
  });
}

void main()
  .catch((error: Error) => {
    console.error(error.message);
    return 2;
  })
  .then((code) => {
    // A desktop VS Code that hangs on after its time must not outlive this process, nor hold it.
    killBelow(process.pid);
    process.exit(code);
  });
