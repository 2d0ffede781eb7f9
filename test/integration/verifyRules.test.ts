import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { allFaults } from '../faults/all';
import { Stage } from '../faults/trial';
import { Lab } from '../lab/lab';
import { formSwarm, verify } from './verifySupport';

const labName = process.env['LAB_NAME'] ?? '';

describe('the diagnosis of real faults', () => {
  let lab: Lab;
  let stage: Stage;

  beforeAll(async () => {
    lab = await Lab.attach(labName);
    stage = new Stage(lab);
    await stage.reset();
  });

  afterAll(() => stage.reset());

  it.each(allFaults)('$name', async (fault) => {
    const trial = await stage.tryFault(fault);
    const { report, right, cure, redAfterCure, first, red, sources } = trial;
    expect(right, `${JSON.stringify(first)} ${JSON.stringify(report.findings, undefined, 1)} ${red.join(', ')}`).toBe(
      true,
    );
    expect(redAfterCure).toEqual([]);
    expect(cure).not.toBe('notCured');
    if (!fault.expectedRule) {
      // A host that was late, or a pair that was tried again, is an exec of its own; a deeper look is one more a host.
      expect(report.execs).toBe(sources + (report.pairs.some((pair) => pair.tcp) ? 3 : 0));
      for (const pair of report.pairs) expect(pair.address.jitterMs).toBeGreaterThanOrEqual(0);
    }
    if (!fault.expectedRule && fault.request?.depth === 'full') {
      for (const { fullSize, tcp } of report.pairs) {
        expect([fullSize?.outcome, tcp?.outcome, tcp?.received]).toEqual(['passed', 'passed', 65_536]);
      }
    }
    await stage.settled();
  });

  it('checks only the pairs that were dead again, and folds them into the report before', async () => {
    await stage.reset();
    const swarm = await formSwarm(lab);
    onTestFinished(() => swarm.dispose());
    const network = await swarm.network('net_again');
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
