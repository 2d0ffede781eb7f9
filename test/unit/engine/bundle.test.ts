import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';

/** What of the packed extension could send a request elsewhere than over its link, or print what is in one. */
describe('the packed extension', () => {
  let inputs: string[];
  let code: string;

  beforeAll(async () => {
    const { extensionOptions } = await import('../../../scripts/build.mjs');
    const { metafile, outputFiles } = await build({ ...extensionOptions, write: false, metafile: true });
    inputs = Object.keys(metafile.inputs);
    code = outputFiles[0]?.text ?? '';
  });

  it('has the routes of dockerode without docker-modem and BuildKit', () => {
    expect(inputs.some((file) => file.includes('node_modules/dockerode/lib/network.js'))).toBe(true);
    expect(inputs.filter((file) => /node_modules\/(docker-modem|@grpc|protobufjs)\//.test(file))).toEqual([]);
  });

  it('takes no address, certificate or path of an engine out of the process environment by itself', () => {
    expect(code).not.toMatch(/process\.env\.(DOCKER_\w+)|process\.env\[["'`]DOCKER_/);
    expect(code).not.toMatch(/DOCKER_PATH_PREFIX|DOCKER_CLIENT_TIMEOUT/);
  });

  it('does not print the options of requests', () => {
    expect(code).not.toMatch(/Sending: %s|Received: %s/);
  });
});
