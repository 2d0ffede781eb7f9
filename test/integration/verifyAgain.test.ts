import { describe, expect, it, onTestFinished } from 'vitest';
import { Lab } from '../lab/lab';
import { formSwarm, verify } from './verifySupport';

describe('checking again', () => {
  it('checks only the pairs that were dead again, and folds them into the report before', async () => {
    const lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
    await lab.resetSwarms();
    const swarm = await formSwarm(lab);
    onTestFinished(async () => {
      swarm.dispose();
      await lab.resetSwarms();
    });
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
