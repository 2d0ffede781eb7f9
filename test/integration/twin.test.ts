import { describe, expect, it } from 'vitest';
import { labels } from '../../src/model/engine/records';
import { reapNetworks } from '../../src/probe/twinNetworks';
import { overlayRequest } from '../unit/engine/networkRequest';
import { twin, twinsLeft } from './proofSupport';
import { swarmForAll } from './support/verifyHooks';
import { probesLeft, type TestSwarm } from './verifySupport';

describe('a twin test over three real engines whose kernel has no ESP', () => {
  let swarm: TestSwarm;
  swarmForAll((formed) => (swarm = formed));

  const host = (name: string) => swarm.host(name);

  it('finds plain fine and encrypted dead, names the kernels, and leaves nothing', async () => {
    const report = await twin(swarm);
    expect(report.outcome).toBe('finished');
    expect(report.plain?.summary.reachable).toBe(6);
    expect(report.encrypted?.summary.dead).toBe(6);
    expect(report.hosts.map(({ verdict }) => verdict)).toEqual(['encryption', 'encryption', 'encryption']);
    expect(report.conclusion).toBe(
      'The kernel of host1, host2 and host3 cannot encrypt (no ESP): plain networks work, encrypted ones never will.',
    );
    expect(report.findings.map((finding) => finding.rule)).toEqual(['kernel-without-esp']);
    expect(report.cleanUp).toEqual({ removed: 2, left: [] });
    // Engines let go of their local copy a moment after the manager has removed it.
    await expect.poll(() => twinsLeft(swarm), { timeout: 90_000, interval: 1_000 }).toEqual([]);
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it('says that the data path is blocked when neither network gets through', async () => {
    await host('host2').lab.fault.block({ protocol: 'udp', port: 4789, direction: 'in' });
    const report = await twin(swarm);
    expect(report.hosts.find((one) => one.host === 'host2')?.verdict).toBe('dataPath');
    expect(report.conclusion).toContain('The data path of host2 is blocked, with and without encryption.');
    expect(report.findings.map((finding) => finding.rule)).toContain('data-path-blocked');
    // Engines let go of their local copy a moment after the manager has removed it.
    await expect.poll(() => twinsLeft(swarm), { timeout: 90_000, interval: 1_000 }).toEqual([]);
  });

  it.each(['Creating', 'plain: Pinging', 'Removing'])('leaves nothing when cancelled at "%s"', async (moment) => {
    const controller = new AbortController();
    const report = await twin(swarm, {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.kind === 'stage' && event.words.startsWith(moment)) controller.abort();
      },
    });
    expect(report.outcome).toBe('cancelled');
    expect(report.cleanUp.left).toEqual([]);
    // Engines let go of their local copy a moment after the manager has removed it.
    await expect.poll(() => twinsLeft(swarm), { timeout: 90_000, interval: 1_000 }).toEqual([]);
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it('reaps networks that a dead window left, and no others', async () => {
    const { networks } = host('host1').engine;
    const make = (name: string, own: Readonly<Record<string, string>>) =>
      networks.create(overlayRequest(name, { labels: own }));
    const ids = await Promise.all([
      make('overlay-twin-1-plain', { [labels.run]: 'a', [labels.owner]: 'dead', [labels.lifetime]: '99999999' }),
      make('overlay-twin-2-plain', { [labels.run]: 'b', [labels.owner]: 'x', [labels.lifetime]: '0' }),
      make('overlay-twin-3-plain', { [labels.run]: 'c', [labels.owner]: 'alive', [labels.lifetime]: '99999999' }),
      make('overlay-twin-own', {}),
      make('own_net', { [labels.run]: 'd', [labels.owner]: 'dead', [labels.lifetime]: '0' }),
    ]);
    try {
      const options = { owner: 'me', isOwnerAlive: (owner: string) => owner !== 'dead' };
      const reaped: string[] = [];
      // Engines tell their time in whole seconds.
      const reap = async () => (
        reaped.push(...(await reapNetworks(host('host1').engine, options))),
        [...reaped].sort()
      );
      await expect.poll(reap, { timeout: 30_000 }).toEqual(['overlay-twin-1-plain', 'overlay-twin-2-plain']);
      const left = (await networks.list()).map((one) => one.name);
      expect(left).toEqual(expect.arrayContaining(['overlay-twin-3-plain', 'overlay-twin-own', 'own_net']));
    } finally {
      await Promise.all(ids.map((id) => networks.remove(id).catch(() => undefined)));
    }
  });
});
