import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/base/logger';
import { planCreateNetwork, planForm, planLeave, planRemoveNetworks, planSetRole } from '../../src/swarm/plans';
import { runVerification } from '../../src/verify/matrix/runVerification';
import type { Lab } from '../lab/lab';
import { verdicts } from './verifySupport';
import { swarmKitForEach } from './support/swarmHooks';
import { overlayRequest } from '../unit/engine/networkRequest';
import { advertise, docker, type SwarmKit } from './support/swarmKit';

// The whole way on whatever engines the lab has: the same on all hosts, or another on each.
describe('a swarm of the engines of this lab', () => {
  let lab: Lab;
  let kit: SwarmKit;
  swarmKitForEach((fresh, of) => ([kit, lab] = [fresh, of]));

  const engineOf = (host: string) => kit.fleet.engine(host);

  it('is formed, gets a network in which all pairs reach each other, changes a role, and ends', async () => {
    const hosts = lab.hosts.map((host) => host.name);
    const versions = await Promise.all(
      lab.hosts.map((host) => docker(host, 'version', '-f', '{{.Server.Version}} {{.Server.APIVersion}}')),
    );
    console.log(`Engines: ${versions.join(', ')}`);
    const read = hosts.map((name) => kit.host(name).state);
    expect(
      read.map(
        (state) => state.kind === 'ready' && `${state.snapshot.info.serverVersion} ${state.snapshot.info.apiVersion}`,
      ),
    ).toEqual(versions);

    await kit.run(planForm(kit.topology, engineOf, { hosts, managers: ['host1'], advertise: advertise(lab) }));
    await kit.until(
      'the swarm',
      ({ clusters: [cluster] }) => cluster?.hosts.length === 3 && cluster.nodes.length === 3,
    );
    const { id } = kit.cluster();
    await kit.run(planCreateNetwork(kit.topology, engineOf, { clusterId: id, request: overlayRequest('my_net') }));
    const { network } = await kit.until('the network', () => kit.network('my_net'));

    const report = await runVerification(
      {
        clusterId: id,
        network,
        hosts: hosts.map((host) => ({ host, engine: engineOf(host) })),
        pings: 3,
        image: 'alpine:latest',
        owner: 'test-window',
      },
      { onEvent: () => undefined, logger: silentLogger },
    );
    expect(verdicts(report)).toEqual(
      hosts.flatMap((from) => hosts.filter((to) => to !== from).map((to) => `${from}>${to}: reachable`)).sort(),
    );
    expect(report.pairs.every((pair) => pair.name.outcome === 'resolved' && pair.name.right)).toBe(true);
    expect(await lab.leftovers()).not.toEqual(expect.arrayContaining([expect.stringContaining('container')]));

    // What is done in a terminal shows by the engines' own events.
    await docker(lab.host('host1'), 'network', 'create', '-d', 'overlay', 'by_hand');
    await kit.until('the network of the terminal', () => kit.network('by_hand'));
    await kit.run(
      planSetRole(kit.topology, engineOf, { clusterId: id, nodeIds: [kit.nodeId('host2')], role: 'manager' }),
    );
    await kit.until('the second manager', () => kit.cluster().quorum.reachable === 2);
    await kit.until('its own view', () => {
      const { state } = kit.host('host2');
      return state.kind === 'ready' && state.snapshot.nodes?.length === 3;
    });
    const networkIds = ['my_net', 'by_hand'].map((name) => kit.network(name)?.network.id ?? '');
    await kit.run(planRemoveNetworks(kit.topology, engineOf, { clusterId: id, networkIds }));
    await kit.run(planLeave(kit.topology, engineOf, { hosts }));
    await kit.until('no swarm', ({ clusters }) => clusters.length === 0);
  });
});
