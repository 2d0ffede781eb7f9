import { describe, expect, it } from 'vitest';
import type { Network } from '../../src/model/engine/records';
import { labels } from '../../src/model/engine/records';
import { reapLeftovers } from '../../src/probe/reaper';
import { toText } from '../../src/verify/reports/text';
import { swarmForAll } from './support/verifyHooks';
import { probesLeft, probesOn, verdicts, verify, type TestSwarm } from './verifySupport';

describe('a verification over three real engines', () => {
  let swarm: TestSwarm;
  let network: Network;

  swarmForAll(async (formed) => {
    swarm = formed;
    network = await swarm.network('my_net');
  });

  const host = (name: string) => swarm.host(name);

  it('finds all pairs of a healthy network reachable, with the right names, and leaves nothing behind', async () => {
    const pairEvents: string[] = [];
    const stages: string[] = [];
    const report = await verify(swarm, network, {
      onEvent: (event) => {
        if (event.kind === 'pair') pairEvents.push(`${event.pair.from}>${event.pair.to}`);
        if (event.kind === 'stage') stages.push(event.stage);
      },
    });

    expect(report.outcome).toBe('finished');
    expect(verdicts(report)).toEqual([
      'host1>host2: reachable',
      'host1>host3: reachable',
      'host2>host1: reachable',
      'host2>host3: reachable',
      'host3>host1: reachable',
      'host3>host2: reachable',
    ]);
    for (const pair of report.pairs) {
      const target = report.hosts.find((one) => one.host === pair.to);
      expect(pair.name).toEqual({ outcome: 'resolved', address: target?.address, right: true });
      expect(pair.address.received).toBe(3);
      expect(pair.byName).toMatchObject({ sent: 1, received: 1 });
    }
    expect(report.findings).toEqual([]);
    expect(report.cleanUp.removed).toBeGreaterThanOrEqual(3);
    expect(report.cleanUp.left).toEqual([]);
    expect(toText(report).trimEnd().split('\n').at(-1)).toBe('6 of 6 pairs reachable');
    expect(new Set(pairEvents).size).toBe(6);
    expect([...new Set(stages)]).toEqual(['image', 'containers', 'pings', 'cleanUp']);
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it('names the one host whose data path is blocked, and is green again without the fault', async () => {
    await host('host2').lab.fault.block({ protocol: 'udp', port: 4789, direction: 'in' });
    const blocked = await verify(swarm, network);

    expect(verdicts(blocked)).toEqual([
      'host1>host2: dead',
      'host1>host3: reachable',
      'host2>host1: dead',
      'host2>host3: dead',
      'host3>host1: reachable',
      'host3>host2: dead',
    ]);
    for (const pair of blocked.pairs) expect(pair.name.right).toBe(true);
    expect(blocked.findings.map((finding) => finding.rule)).toEqual(['data-path-blocked']);
    const [finding] = blocked.findings;
    expect(finding?.title).toContain('host2');
    expect(finding?.pairs).toHaveLength(4);
    const commands = finding?.remedy.commands ?? [];
    expect(new Set(commands.map((one) => one.host))).toEqual(new Set(['host2']));
    expect(commands.map((one) => one.command).join('\n')).toContain("port port='4789' protocol='udp' accept");
    expect(commands.map((one) => one.command).join('\n')).toContain(host('host1').lab.address);

    await host('host2').lab.fault.unblock({ protocol: 'udp', port: 4789, direction: 'in' });
    expect((await verify(swarm, network)).summary.reachable).toBe(6);
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it('explains an encrypted network on kernels without ESP', async () => {
    const encrypted = await swarm.network('secret_net', { encrypted: true });
    const report = await verify(swarm, encrypted);
    expect(report.summary).toMatchObject({ pairs: 6, dead: 6 });
    for (const pair of report.pairs) expect(pair.name).toMatchObject({ outcome: 'resolved', right: true });
    expect(report.findings.map((finding) => [finding.rule, finding.confidence])).toEqual([
      ['kernel-without-esp', 'certain'],
    ]);
    expect(report.findings[0]?.pairs).toHaveLength(6);
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it.each(['started', 'containers', 'sourceStarted', 'pair'] as const)(
    'leaves no container when it is cancelled at %s',
    async (moment) => {
      const controller = new AbortController();
      const report = await verify(swarm, network, {
        signal: controller.signal,
        onEvent: (event) => {
          if (event.kind === moment || (event.kind === 'stage' && event.stage === moment)) controller.abort();
        },
      });
      expect(report.outcome).toBe('cancelled');
      expect(report.cleanUp.left).toEqual([]);
      expect(await probesLeft(swarm)).toEqual([]);
    },
  );

  it('measures the other hosts while one engine is frozen, and the reaper takes what that one kept', async () => {
    const frozen = host('host3');
    let freezing: Promise<void> | undefined;
    const report = await verify(swarm, network, {
      // Long enough that the engine is frozen before they end.
      pings: 20,
      onEvent: (event) => {
        // Frozen once its container is there: the worst moment.
        if (event.kind === 'sourceStarted' && event.from === 'host3') freezing = frozen.lab.fault.freeze('dockerd');
      },
    });
    await freezing;
    expect(report.outcome).toBe('finished');
    const between = report.pairs.filter((pair) => pair.from !== 'host3' && pair.to !== 'host3');
    expect(between.map((pair) => pair.address.outcome)).toEqual(['answered', 'answered']);
    expect(report.cleanUp.left).toHaveLength(1);
    expect(report.cleanUp.left[0]).toContain('host3');
    expect(await probesOn(host('host1'))).toEqual([]);
    expect(await probesOn(host('host2'))).toEqual([]);

    await frozen.lab.fault.thaw('dockerd');
    const reaped = await reapLeftovers(frozen.engine, {
      owner: 'test-window',

      isRunActive: () => false,
    });
    expect(reaped.length).toBeLessThanOrEqual(1);
    // The removal that was asked for while it was frozen may be the one that is under way now.
    await expect.poll(() => probesOn(frozen), { timeout: 60_000 }).toEqual([]);
  });

  it('takes a host whose engine is frozen from the start as a row, and goes on', async () => {
    await host('host3').lab.fault.freeze('dockerd');
    const report = await verify(swarm, network);
    expect(report.outcome).toBe('finished');
    expect(report.hosts.find((one) => one.host === 'host3')?.problem?.reason).toBe('requestTimeout');
    expect(report.summary).toMatchObject({ reachable: 2, unknown: 4 });
    expect(report.findings.map((finding) => finding.rule)).toEqual(['engine-not-answering']);
    // A slow attachment is tried again with a container of its own: two at least.
    expect(report.cleanUp.removed).toBeGreaterThanOrEqual(2);
    expect(report.cleanUp.left).toEqual([]);
  });

  it('copies the image to a host that lacks it', async () => {
    await host('host2').lab.execOk(['docker', 'image', 'rm', '-f', 'alpine:latest']);
    expect(await host('host2').engine.images.find('alpine:latest')).toBeUndefined();
    const report = await verify(swarm, network);
    expect(report.summary.reachable).toBe(6);
    expect(await host('host2').engine.images.find('alpine:latest')).toBeDefined();
  });

  it('fails with the image as the reason when nobody has it', async () => {
    const report = await verify(swarm, network, { image: 'nobody-has-this:1' });
    expect(report.outcome).toBe('failed');
    expect(report.error?.reason).toBe('imageMissing');
    expect(report.cleanUp).toEqual({ removed: 0, left: [] });
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it('fails with the network as the reason when it was removed meanwhile', async () => {
    const gone = await swarm.network('gone_net');
    await host('host1').engine.networks.remove(gone.id);
    const report = await verify(swarm, gone);
    expect(report.outcome).toBe('failed');
    expect(report.error?.reason).toBe('networkNotFound');
    expect(report.pairs.every((pair) => pair.problem !== undefined)).toBe(true);
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it('refuses a network that is not attachable without touching a host', async () => {
    const closed = await swarm.network('closed_net', { attachable: false });
    const report = await verify(swarm, closed);
    expect(report).toMatchObject({ outcome: 'failed', error: { reason: 'verifyNotAttachable' } });
    expect(report.cleanUp).toEqual({ removed: 0, left: [] });
  });

  it('does not touch containers of people, whatever their names', async () => {
    const own = host('host1').lab;
    await own.execOk(['docker', 'run', '-d', '--name', 'my-net-probe-00000000-host1', 'alpine:latest', 'sleep', '600']);
    const kept = [
      '--label',
      `${labels.run}=abc`,
      '--label',
      `${labels.testContainer}=1`,
      '--label',
      `${labels.lifetime}=0`,
    ];
    await own.execOk(['docker', 'run', '-d', '--name', 'alpine1', ...kept, 'alpine:latest', 'sleep', '600']);
    try {
      expect((await verify(swarm, network)).summary.reachable).toBe(6);
      await reapLeftovers(host('host1').engine, { owner: 'test-window', isRunActive: () => false });
      const names = (await host('host1').engine.containers.list()).map((container) => container.name);
      expect(names.sort()).toEqual(['alpine1', 'my-net-probe-00000000-host1']);
    } finally {
      await own.execOk(['docker', 'rm', '-f', 'alpine1', 'my-net-probe-00000000-host1']);
    }
  });
});
