// Runs inside the extension host: VS Code loads this module and calls `run()`.
import fs from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import { hostEnv, type HostEvent } from './report';

/** Runs every suite beside this module. Rejects when a test failed, which makes VS Code exit with 1. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: Events, grep: process.env[hostEnv.grep] });
  const suites = path.join(__dirname, 'suite');
  for (const name of fs.readdirSync(suites).sort()) {
    if (name.endsWith('.test.js')) mocha.addFile(path.join(suites, name));
  }
  const failures = await new Promise<number>((resolve, reject) => {
    try {
      mocha.run(resolve);
    } catch (error) {
      reject(error); // a suite that throws while it is loaded
    }
  }).catch((error: Error) => {
    tell({ event: 'failed', title: 'loading the tests', error: error.stack ?? error.message });
    return 1;
  });
  tell({ event: 'end' });
  if (failures > 0) throw new Error(`${failures} failed`);
}

class Events extends Mocha.reporters.Base {
  constructor(runner: Mocha.Runner) {
    super(runner);
    const { EVENT_TEST_BEGIN, EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING } = Mocha.Runner.constants;
    runner.on(EVENT_TEST_BEGIN, (test) => tell({ event: 'start', title: test.fullTitle() }));
    runner.on(EVENT_TEST_PASS, (test) => tell({ event: 'passed', title: test.fullTitle(), ms: test.duration ?? 0 }));
    runner.on(EVENT_TEST_PENDING, (test) => tell({ event: 'skipped', title: test.fullTitle() }));
    // Also for hooks that fail.
    runner.on(EVENT_TEST_FAIL, (test, error) =>
      tell({ event: 'failed', title: test.fullTitle(), error: error.stack ?? error.message }),
    );
  }
}

function tell(event: HostEvent): void {
  const file = process.env[hostEnv.events];
  if (file) fs.appendFileSync(file, `${JSON.stringify(event)}\n`);
  else console.log(event);
}
