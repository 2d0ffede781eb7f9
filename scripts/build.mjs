// Bundles the extension (dist/extension.js, dist/keyWorker.cjs) and the matrix page (dist/matrix.js, dist/matrix.css).
// Usage: node scripts/build.mjs [--watch] [--dev]      (--dev: readable, with source maps; default: minified)
import { existsSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, context } from 'esbuild';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dev = process.argv.includes('--dev') || process.argv.includes('--watch');

/** Native add-ons are optional in ssh2 (it falls back to node:crypto) and cannot travel in a bundle: requiring one throws. */
const noNativeModules = {
  name: 'no-native-modules',
  setup(build) {
    build.onResolve({ filter: /\.node$|^cpu-features$/ }, (args) => ({ path: args.path, namespace: 'left-out' }));
    build.onLoad({ filter: /.*/, namespace: 'left-out' }, (args) => ({
      contents: `throw new Error(${JSON.stringify(`${args.path} is left out of the bundle`)});`,
    }));
  },
};

/**
 * What dockerode loads and the extension never uses: gRPC and protobuf for BuildKit sessions (1 MB), and docker-modem,
 * which reads the environment and prints the options of each request, secrets included (see src/engine/http/routes.ts).
 */
const unusedOfDockerode = {
  name: 'unused-of-dockerode',
  setup(build) {
    build.onResolve({ filter: /^(@grpc\/.*|protobufjs(\/.*)?|docker-modem)$/ }, (args) => ({
      path: args.path,
      namespace: 'unused',
    }));
    build.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'module.exports = {};' }));
  },
};

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: !dev,
  sourcemap: dev,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};

/** @type {import('esbuild').BuildOptions} */
export const extensionOptions = {
  ...common,
  entryPoints: ['src/extension.ts'],
  outfile: 'dist/extension.js',
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  external: ['vscode'],
  plugins: [noNativeModules, unusedOfDockerode],
};

// Runs beside the bundle, which finds it there; the same file runs unbundled in tests.
/** @type {import('esbuild').BuildOptions} */
export const keyWorkerOptions = {
  ...common,
  entryPoints: ['src/connection/keys/keyWorker.cjs'],
  outfile: 'dist/keyWorker.cjs',
  platform: 'node',
  format: 'cjs',
  target: 'node20',
};

/** @type {import('esbuild').BuildOptions} */
export const pageOptions = {
  ...common,
  entryPoints: { matrix: 'src/webview/page/main.tsx' },
  outdir: 'dist',
  platform: 'browser',
  format: 'iife',
  target: 'chrome120',
  jsx: 'automatic',
  jsxImportSource: 'preact',
  tsconfig: 'src/webview/page/tsconfig.json',
};

const allOptions = [extensionOptions, keyWorkerOptions, pageOptions];

async function main() {
  if (process.argv.includes('--watch')) {
    for (const options of allOptions) await (await context(options)).watch();
    return;
  }
  if (existsSync(path.join(root, 'dist'))) await rm(path.join(root, 'dist'), { recursive: true });
  for (const options of allOptions) {
    const result = await build(options);
    for (const file of Object.keys(result.metafile.outputs)) {
      if (!file.endsWith('.map'))
        console.log(`${file}  ${Math.round((await stat(path.join(root, file))).size / 1024)} KB`);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
