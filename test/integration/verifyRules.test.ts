import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allFaults } from '../faults/all';
import type { FaultScene } from '../faults/fault';
import { applyCure, clearScene, networkFor, redPairs, verifyScene } from '../faults/scene';
import { Lab } from '../lab/lab';
import { formSwarm, probesLeft, verify, type TestSwarm } from './verifySupport';

const labName = process.env['LAB_NAME'] ?? '';

describe('the diagnosis of real faults', () => {
  let lab: Lab;
  let swarm: TestSwarm;

  beforeAll(async () => {
    lab = await Lab.attach(labName);
    await lab.resetSwarms();
    swarm = await formSwarm(lab);
  });

  afterAll(async () => {
    await lab.clearFaults();
    swarm.dispose();
    await lab.resetSwarms();
  });

  it.each(allFaults)('$name', async (fault) => {
    const network = await networkFor({ swarm }, fault, `net_${Date.now()}`);
    const scene: FaultScene = { lab, swarm, network };
    try {
      await fault.inject(scene);
      let sources = 0;
      const report = await verifyScene(scene, fault, (event) => {
        if (event.kind === 'sourceStarted') sources += 1;
      });
      const [first] = report.findings;
      expect(first?.rule, `${JSON.stringify(report.findings, undefined, 1)} ${redPairs(report).join(', ')}`).toBe(
        fault.expectedRule,
      );
      if (fault.expectedHost) expect(first?.title).toContain(fault.expectedHost);
      if (fault.cure && first) {
        await applyCure(scene, first, fault.cure);
        expect(redPairs(await verifyScene(scene, fault))).toEqual([]);
      }
      if (!fault.expectedRule) {
        expect(redPairs(report)).toEqual([]);
        // A host that was late, or a pair that was tried again, is an exec of its own; a deeper look is one more a host.
        expect(report.execs).toBe(sources + (report.pairs.some((pair) => pair.tcp) ? 3 : 0));
        for (const pair of report.pairs) expect(pair.address.jitterMs).toBeGreaterThanOrEqual(0);
      }
      if (fault.network?.ipv6) {
        for (const { ipv6, fullSize, tcp } of report.pairs) {
          expect([ipv6?.outcome, fullSize?.outcome, tcp?.outcome, tcp?.received]).toEqual([
            'answered',
            'passed',
            'passed',
            65_536,
          ]);
        }
      }
    } finally {
      await clearScene(scene, fault);
    }
    await expect.poll(() => probesLeft(swarm), { timeout: 60_000 }).toEqual([]);
  });

  it('checks only the pairs that were dead again, and folds them into the report before', async () => {
    const network = await swarm.network(`net_${Date.now()}`);
    const block = { protocol: 'udp', port: 4789, direction: 'in' } as const;
    await lab.host('host2').fault.block({ ...block, peer: 'host3' });
    const before = await verify(swarm, network);
    expect(before.findings[0]?.rule).toBe('pair-blocked');
    await lab.host('host2').fault.unblock({ ...block, peer: 'host3' });
    const tried = new Set<string>();
    const after = await verify(swarm, network, {
      only: before.findings[0]?.pairs ?? [],
      previous: before,
      onEvent: (event) => {
        if (event.kind === 'sourceStarted') tried.add(event.from);
      },
    });
    expect([...tried].sort()).toEqual(['host2', 'host3']);
    expect(after.summary).toMatchObject({ pairs: 6, reachable: 6 });
    expect(after.findings).toEqual([]);
    expect(after.cleanUp.removed).toBe(2);
    expect(after.pairs.find((pair) => pair.from === 'host1' && pair.to === 'host2')).toEqual(
      before.pairs.find((pair) => pair.from === 'host1' && pair.to === 'host2'),
    );
  });
});
