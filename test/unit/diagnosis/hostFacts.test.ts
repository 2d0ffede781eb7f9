import { describe, expect, it } from 'vitest';
import type { HostReading } from '../../../src/model/host/hostReading';
import { diagnose } from '../../../src/diagnosis/diagnose';
import { dead, factsOf, matrixOf } from './samples';

const reading = (host: string, more: Partial<HostReading> = {}): HostReading => ({
  host,
  kernel: '6.1.0',
  features: { vxlan: true },
  links: [],
  routes: [],
  takenAt: 0,
  ...more,
});

const hosts = ['node1', 'node2', 'node3'];
const at = (host: string) => (from: string, to: string) => (from === host || to === host ? dead : undefined);

describe('a host whose kernel has no VXLAN', () => {
  const readings = hosts.map((host) => reading(host, host === 'node2' ? { features: { vxlan: false } } : {}));

  it('is named first, with its cells, where its container got no place', () => {
    const problem = { reason: 'probeAttachTimeout', title: '', happened: '', remedy: '' };
    const findings = diagnose(
      matrixOf(3, (from, to) => (from === 'node2' || to === 'node2' ? { problem: 'x' } : undefined), {
        node2: problem,
      }),
      factsOf(3, { readings }),
    );
    expect(findings[0]).toMatchObject({ rule: 'kernel-without-vxlan', title: 'node2: the kernel has no VXLAN' });
    expect(findings[0]?.pairs).toHaveLength(4);
  });

  it('is named where it reaches nobody, and not where it does', () => {
    expect(diagnose(matrixOf(3, at('node2')), factsOf(3, { readings }))[0]?.rule).toBe('kernel-without-vxlan');
    expect(diagnose(matrixOf(3), factsOf(3, { readings }))).toEqual([]);
  });
});

describe('a clock that is wrong', () => {
  const withClocks = (...offsets: (number | undefined)[]) =>
    diagnose(
      matrixOf(3),
      factsOf(3, {
        readings: hosts.map((host, index) => {
          const clockOffsetMs = offsets[index];
          return reading(host, clockOffsetMs === undefined ? {} : { clockOffsetMs });
        }),
      }),
    );

  it('is told with how much and in which direction, also when it is ours that is wrong', () => {
    expect(withClocks(7_200_000, 7_290_000, 7_201_000)).toMatchObject([
      {
        rule: 'clock-skew',
        title: 'node2: the clock is wrong',
        confidence: 'possible',
        evidence: ['The clock of node2 is 89 s ahead of those of the others.'],
        pairs: [],
      },
    ]);
  });

  it('says what comes of more than an hour', () => {
    const [finding] = withClocks(0, -3 * 3_600_000, 500);
    expect(finding?.evidence).toEqual([
      'The clock of node2 is 3 h behind those of the others.',
      'The nodes of a swarm refuse each other’s certificates when their clocks differ by more than an hour.',
    ]);
  });

  it.each([
    ['differ by seconds', [0, 20_000, -20_000]],
    ['are not known of most', [0, 900_000, undefined]],
  ])('is no finding when clocks %s', (_, offsets) => {
    expect(withClocks(...offsets)).toEqual([]);
  });
});
