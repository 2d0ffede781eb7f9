import { describe, expect, it } from 'vitest';
import { containerBody } from '../../../src/engine/containers/containerApi';

const request = { name: 'probe-1', image: 'app:1', command: ['sleep', '60'], labels: {} };

describe('the body that creates a container', () => {
  it('leaves nothing to the image that would keep the command from being run', () => {
    expect(containerBody({ ...request, network: 'net1' })).toMatchObject({
      Image: 'app:1',
      Cmd: ['sleep', '60'],
      Entrypoint: [],
      // A user of the image's may not open the socket that ping needs.
      User: '0',
      Healthcheck: { Test: ['NONE'] },
    });
  });

  it('keeps a container on its host’s network out of user remapping, as engines that remap demand', () => {
    expect(containerBody({ ...request, network: 'host' })).toMatchObject({ HostConfig: { UsernsMode: 'host' } });
    const other = containerBody({ ...request, network: 'n'.repeat(25) }) as { HostConfig: { UsernsMode?: string } };
    expect(other.HostConfig.UsernsMode).toBeUndefined();
  });
});
