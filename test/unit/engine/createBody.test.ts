import { describe, expect, it } from 'vitest';
import { createBody } from '../../../src/engine/containerApi';

describe('the body that creates a container', () => {
  it('leaves nothing to the image that would keep the command from being run', () => {
    const body = createBody({ name: 'probe-1', image: 'app:1', command: ['sleep', '60'], network: 'net1', labels: {} });
    expect(body).toMatchObject({
      Image: 'app:1',
      Cmd: ['sleep', '60'],
      Entrypoint: [],
      // A user of the image's may not open the socket that ping needs.
      User: '0',
      Healthcheck: { Test: ['NONE'] },
    });
  });
});
