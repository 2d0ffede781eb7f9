// Starts the lab's command line, which is TypeScript, in this same process. See `npm run lab`.

try {
  const { require } = await import('tsx/cjs/api');
  const { main } = require('../test/lab/cli.ts', import.meta.url);
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  process.stderr.write('lab: the npm packages are not installed; run "npm ci" first.\n');
  process.exitCode = 1;
}
