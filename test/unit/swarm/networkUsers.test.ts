import { expect, test } from 'vitest';
import { delay } from '../../../src/base/time';
import { surveyNetworks } from '../../../src/swarm/networks/networkUsers';
import { swarmOf } from './samples';

test('surveys of a large swarm do not all go off at the same time', async () => {
  const topology = swarmOf(
    Array.from({ length: 60 }, (_, index) => `h${index + 1}`),
    ['h1'],
  );
  const open = new Map<string, number>();
  let mostOfHost = 0;
  let most = 0;
  const engineOf = (host: string) => ({
    networks: {
      services: async () => [],
      survey: async () => {
        open.set(host, (open.get(host) ?? 0) + 1);
        mostOfHost = Math.max(mostOfHost, open.get(host) ?? 0);
        most = Math.max(
          most,
          [...open.values()].reduce((sum, one) => sum + one, 0),
        );
        await delay(1);
        open.set(host, (open.get(host) ?? 0) - 1);
        return {};
      },
    },
  });
  const networks = Array.from({ length: 80 }, (_, index) => `net${index}`);
  const [cluster] = topology.clusters as [(typeof topology.clusters)[number]];
  const { hosts } = await surveyNetworks(cluster, topology, engineOf as never, networks);
  expect([...hosts.values()].map((surveys) => surveys.size)).toEqual(Array(60).fill(80));
  expect(mostOfHost).toBeLessThanOrEqual(4);
  expect(most).toBeLessThanOrEqual(32);
});
