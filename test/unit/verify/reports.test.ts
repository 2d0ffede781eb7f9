import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../src/diagnosis/diagnose';
import { toJson, toMarkdown, toText } from '../../../src/verify/reports';
import { dead, factsOf, matrixOf, partial, reportOf, dataPathRule } from '../diagnosis/samples';

const schema = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../docs/verification.schema.json'), 'utf8'),
) as object;
const conforms = new Ajv({ allErrors: true }).compile(schema);

const faulty = () => {
  const matrix = matrixOf(3, (from, to) => (from === 'node2' || to === 'node2' ? dead : undefined));
  return reportOf(matrix, { findings: diagnose(matrix, factsOf(3)) });
};

describe('toJson', () => {
  it.each([
    ['healthy', () => reportOf(matrixOf(3))],
    ['faulty', faulty],
    [
      'failed',
      () =>
        reportOf(
          matrixOf(2, () => ({ problem: 'x' }), { node1: { title: 'a', happened: 'b', remedy: 'c' } }),
          {
            outcome: 'failed',
            error: { reason: 'verifyTooFewHosts', title: 't', happened: 'h', remedy: 'r' },
          },
        ),
    ],
  ])('holds against the published schema: %s', (_, make) => {
    const value: unknown = JSON.parse(toJson(make()));
    expect(conforms(value) || conforms.errors).toBe(true);
    expect(value).toEqual(make());
  });

  it('is held by a schema that can refuse', () => {
    expect(conforms({ ...reportOf(matrixOf(2)), schema: 'other' })).toBe(false);
    expect(conforms({ ...reportOf(matrixOf(2)), surprise: 1 })).toBe(false);
    expect(conforms({ ...reportOf(matrixOf(2)), pairs: [{ from: 'a' }] })).toBe(false);
  });
});

describe('toText', () => {
  it('is a table that ends in the count', () => {
    expect(toText(reportOf(matrixOf(2))))
      .toBe(`my_net (encrypted), 2 hosts, finished in 3.1 s; 2 test containers removed

from \\ to  node1    node2
node1      .        0.20 ms
node2      0.20 ms  .

2 of 2 pairs reachable
`);
  });

  it('tells causes, commands and what was left over', () => {
    const text = toText({ ...faulty(), cleanUp: { removed: 2, left: ['probe on node3'] } });
    expect(text).toContain('node2: the data path is blocked (likely)');
    expect(text).toContain('node2 (iptables): sudo iptables -I INPUT');
    expect(text).toContain('left over: probe on node3');
    expect(text.trimEnd().split('\n').at(-1)).toBe('2 of 6 pairs reachable');
  });

  it('shows each verdict in words', () => {
    const change = (from: string, to: string) => {
      if (from !== 'node1') return undefined;
      if (to === 'node2') return { address: partial };
      if (to === 'node3') return { name: { outcome: 'unknown' } } as const;
      if (to === 'node4') return { name: { outcome: 'resolved', address: '10.9.9.9', right: false } } as const;
      return { problem: 'no answer' };
    };
    const row = toText(reportOf(matrixOf(5, change))).split('\n')[3];
    expect(row?.split(/ {2,}/)).toEqual(['node1', '.', '17 % lost', 'name unknown', 'name wrong', 'not tried']);
  });

  it('does not let a name break the table or the terminal', () => {
    const report = reportOf(matrixOf(2));
    const text = toText({ ...report, network: { ...report.network, name: 'a\n\x1b[2Jb' } });
    expect(text.startsWith('a [2Jb (encrypted)')).toBe(true);
  });
});

describe('toMarkdown', () => {
  it('has the matrix, the findings with commands, and the hosts', () => {
    const text = toMarkdown(faulty());
    expect(text).toContain('# Overlay network my\\_net: 2 of 6 pairs reachable');
    expect(text).toContain('| from \\\\ to | node1 | node2 | node3 |');
    expect(text).toContain('| node1 | · | dead | 0.20 ms |');
    expect(text).toContain('## node2: the data path is blocked (likely)');
    expect(text).toContain(`    ${dataPathRule(4789)} -p udp --dport 4789 -s 192.168.0.1,192.168.0.3 -j ACCEPT`);
    expect(text).toContain('| node1 |  | 10.0.1.2 | probe-node1 |  |');
  });

  it('escapes what engines say', () => {
    const hostile = matrixOf(2, undefined, {
      node1: { title: 'x', happened: 'a | b <img src=x> [l](javascript:1)\n# heading', remedy: 'r' },
    });
    const text = toMarkdown(reportOf(hostile));
    expect(text).toContain('a \\| b &lt;img src=x\\> \\[l\\]\\(javascript:1) \\# heading');
  });
});
