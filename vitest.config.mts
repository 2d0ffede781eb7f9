import { defineConfig } from 'vitest/config';

/**
 * Suites by what they need: `unit` nothing; `lab` builds labs itself and wants root, `kernel` boots
 * the kernel with IPsec and `encrypted` runs in a lab on it; `integration` runs inside a lab's
 * workstation (npm run lab -- run ...); `page` wants Chromium. scripts/test.mjs runs them all in the right places.
 */
export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], testTimeout: 20_000 } },
      suite('lab', ['test/lab/*.test.ts'], 1),
      suite('kernel', ['test/lab/kernel/*.test.ts']),
      // Real swarms in a hurry: Docker's own gossip and elections now and then take longer than any test waits.
      suite('integration', ['test/integration/**/*.test.ts'], 1),
      // Inside a lab on a kernel with IPsec: npm run lab -- run --kernel esp ...
      suite('encrypted', ['test/encrypted/**/*.test.ts'], 1),
      suite('page', ['test/browser/page/**/*.test.ts']),
      suite('driver', ['test/browser/driver/**/*.test.ts']),
      suite('story', ['test/browser/story/**/*.test.ts']),
      suite('start', ['test/browser/start/*.test.ts']),
    ],
  },
});

/** Suites that share real engines or a browser: one file after another. */
function suite(name: string, include: string[], retry = 0) {
  return {
    // For what hangs alone: on a machine that is shared all of it may take three times as long.
    test: { name, include, testTimeout: 420_000, hookTimeout: 480_000, fileParallelism: false, isolate: false, retry },
  };
}
