// What the runners wrote into out/results: counts, first failures, and what was tried again.
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '../setup/project.mjs';

export const results = path.join(projectRoot, 'out', 'results');

const reportFile = (suite) => path.join(results, `${suite}.json`);

/** Where the tests of a report that were tried again are listed. @param {string} report the runner's JSON file */
export const secondTriesFile = (report) => report.replace(/\.json$/, '.again.json');

/** Forgets what an earlier run of the suite wrote. */
export function clearResults(suite) {
  for (const file of [reportFile(suite), secondTriesFile(reportFile(suite))]) rmSync(file, { force: true });
}

/**
 * What came of a suite.
 *
 * @param {{name: string, kind: string}} suite
 * @param {boolean} worked whether all its commands exited with 0
 * @returns {{passed: number, failed: number, skipped: number, failures: Failure[], again: Failure[]}} `again`: what
 *   passed only when the runner tried it once more
 * @typedef {{name: string, error: string}} Failure
 */
export function readResults(suite, worked) {
  if (suite.kind === 'check') {
    const failures = worked ? [] : [{ name: suite.name, error: 'see its output above' }];
    return { passed: worked ? 1 : 0, failed: worked ? 0 : 1, skipped: 0, failures, again: [] };
  }
  const json = read(reportFile(suite.name));
  const counts = suite.kind === 'report' ? countsOfReport(json) : countsOfVitest(json);
  // A runner that died, or found nothing to run, has failed whatever it counted before.
  if ((!worked && counts.failed === 0) || counts.passed + counts.failed === 0) {
    counts.failed += 1;
    counts.failures.push({ name: suite.name, error: 'its runner ended before it was through: see its output above' });
  }
  return { ...counts, again: read(secondTriesFile(reportFile(suite.name))) ?? [] };
}

function read(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

function countsOfReport(json) {
  return {
    passed: json?.passed ?? 0,
    failed: json?.failed ?? 0,
    skipped: json?.skipped ?? 0,
    failures: (json?.failures ?? []).map(({ title, error }) => ({ name: title, error })),
  };
}

function countsOfVitest(json) {
  if (!json) return { passed: 0, failed: 0, skipped: 0, failures: [] };
  const failedTests = json.testResults.flatMap((file) =>
    file.assertionResults.filter((test) => test.status === 'failed'),
  );
  // A file that could not be loaded, or whose preparation failed, has no failed test.
  const failedFiles = json.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  );
  return {
    passed: json.numPassedTests,
    failed: json.numFailedTests + failedFiles.length,
    skipped: json.numPendingTests + json.numTodoTests,
    failures: [
      ...failedTests.map((test) => ({ name: test.fullName, error: test.failureMessages[0] ?? '' })),
      ...failedFiles.map((file) => ({ name: path.relative(projectRoot, file.name), error: file.message ?? '' })),
    ],
  };
}
