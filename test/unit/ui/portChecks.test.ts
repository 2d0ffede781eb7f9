import { expect, it, vi } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import type { Topology } from '../../../src/model/swarm/topology';
import type { Fleet } from '../../../src/swarm/fleet';
import { ActiveRuns } from '../../../src/ui/activeRuns';
import { PortChecks } from '../../../src/ui/verification/ports/portChecks';
import { scopeOf } from '../../../src/ui/verification/ports/scope';
import { engineInfo, host, ready, topology } from './topologies';

vi.mock('vscode', async () => (await import('./fakeVscode')).vscode);

const traffic = { protocol: 'tcp', port: 2377 } as const;
vi.mock('../../../src/verify/ports/checkPorts', () => ({
  checkPorts: async () => ({
    at: 0,
    addresses: new Map(),
    checks: [{ from: 'a', to: 'b', traffic, outcome: 'open', listens: true }],
  }),
}));

const machine = (name: string, engineId: string) => host(name, ready({}, { info: engineInfo({}, { engineId }) }));

it('what a check of ports found stays with the machine, not with the name', async () => {
  const fleet: { topology: Topology; engine: () => object } = {
    topology: topology({ hosts: [machine('a', 'one'), machine('b', 'two')] }),
    engine: () => ({}),
  };
  const ports = new PortChecks({
    fleet: fleet as unknown as Fleet,
    logger: silentLogger,
    owner: 'o',
    runs: new ActiveRuns(),
  });
  const scope = scopeOf(fleet.topology, { hosts: ['a', 'b'] });
  await ports.run(scope, new AbortController().signal, () => undefined);
  expect(ports.lastOf('a')?.summary.open).toBe(1);
  fleet.topology = topology({ hosts: [machine('a', 'another'), machine('b', 'two')] });
  expect(ports.lastOf('a')).toBeUndefined();
  expect(ports.lastOf('b')?.summary.open).toBe(1);
});
