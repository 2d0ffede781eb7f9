import { describe, expect, it } from 'vitest';
import { packetFaults, swarmFaults } from '../faults/all';
import { drawFaults, drawnFaults } from '../draw';

describe('drawFaults', () => {
  it('takes all without a seed', () => {
    expect(drawFaults(packetFaults, undefined)).toEqual(packetFaults);
  });

  it('takes the same in their order for the same seed, and every healthy run', () => {
    const drawn = drawFaults(packetFaults, '7');
    expect(drawFaults(packetFaults, '7')).toEqual(drawn);
    expect(packetFaults.filter((fault) => drawn.includes(fault))).toEqual(drawn);
    expect(drawn.filter(({ expectedRule }) => expectedRule !== undefined)).toHaveLength(drawnFaults);
    expect(packetFaults.filter(({ expectedRule }) => expectedRule === undefined)).toSatisfy(
      (healthy: typeof drawn) => healthy.length > 0 && healthy.every((fault) => drawn.includes(fault)),
    );
  });

  it('leaves no fault out for ever', () => {
    const seen = new Set(Array.from({ length: 60 }, (_, seed) => drawFaults(swarmFaults, `${seed}`)).flat());
    expect(swarmFaults.filter((fault) => !seen.has(fault))).toEqual([]);
  });
});
