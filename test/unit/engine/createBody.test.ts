import { expect, test } from 'vitest';
import { createBody } from '../../../src/engine/containerApi';

const request = { name: 'helper', image: 'alpine', command: ['sh'], labels: {} };

test('a container on its host’s network is not remapped to other users, as engines that remap want it', () => {
  expect(createBody({ ...request, network: 'host' })).toMatchObject({ HostConfig: { UsernsMode: 'host' } });
  const other = createBody({ ...request, network: 'n'.repeat(25) }) as { HostConfig: { UsernsMode?: string } };
  expect(other.HostConfig.UsernsMode).toBeUndefined();
});
