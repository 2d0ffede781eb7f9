// A vitest reporter: writes which tests passed only when they were tried again, with their first failure. Nothing that
// needed a second try goes by in silence.
import { writeFileSync } from 'node:fs';
import { secondTriesFile } from './results.mjs';

export default class SecondTries {
  onInit(vitest) {
    const { outputFile } = vitest.config;
    this.report = typeof outputFile === 'object' ? outputFile.json : undefined;
  }

  onTestRunEnd(modules) {
    if (this.report === undefined) return;
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const again = tests.filter((test) => (test.diagnostic()?.retryCount ?? 0) > 0);
    const entries = again.map((test) => ({ name: test.fullName, error: test.result().errors?.[0]?.message ?? '' }));
    writeFileSync(secondTriesFile(this.report), JSON.stringify(entries));
  }
}
