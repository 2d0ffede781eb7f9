/** Types of build.mjs, for the tests that look into the bundle. */
import type { BuildOptions } from 'esbuild';
export const extensionOptions: BuildOptions;
export const keyWorkerOptions: BuildOptions;
