import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawFaults, drawSeed } from '../../draw';
import type { InjectedFault } from '../../faults/fault';
import { Stage, type Trial } from '../../faults/trial';
import { Lab } from '../../lab/lab';

const labName = process.env['LAB_NAME'] ?? '';

/** A test for each fault, or for those drawn: its cause comes first, and its remedy cures. */
export function testFaults(title: string, faults: readonly InjectedFault[]): void {
  describe(title, () => {
    let stage: Stage;

    beforeAll(async () => {
      stage = new Stage(await Lab.attach(labName));
      await stage.reset();
    });

    afterAll(() => stage.reset());

    it.each(drawFaults(faults, drawSeed()))('$name', async (fault) => {
      const trial = await stage.tryFault(fault);
      const { report, right, cure, redAfterCure, red } = trial;
      expect(right, `${JSON.stringify(report.findings, undefined, 1)} ${red.join(', ')}`).toBe(true);
      expect(redAfterCure).toEqual([]);
      expect(cure).not.toBe('notCured');
      if (!fault.expectedRule) expectHealthy(trial, fault);
      await stage.settled();
    });
  });
}

function expectHealthy({ report, sources }: Trial, { request }: InjectedFault): void {
  // A host that was late, or a pair that was tried again, is an exec of its own; a deeper look is one more a host.
  expect(report.execs).toBe(sources + (report.pairs.some((pair) => pair.tcp) ? 3 : 0));
  for (const pair of report.pairs) expect(pair.address.jitterMs).toBeGreaterThanOrEqual(0);
  if (request?.depth !== 'full') return;
  for (const { fullSize, tcp } of report.pairs) {
    expect([fullSize?.outcome, tcp?.outcome, tcp?.received]).toEqual(['passed', 'passed', 65_536]);
  }
}
