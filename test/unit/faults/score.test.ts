import { describe, expect, it } from 'vitest';
import { missesOf, scoreOf, tableOf, troubleOf, type FailedTrial } from '../../faults/score';
import type { Trial } from '../../faults/trial';

const first = { rule: 'loss', title: 'host2: packets are lost', confidence: 'likely' } as const;

const healthy = (right = true): Trial => ({
  fault: 'loss at one host',
  hosts: 3,
  rules: [],
  right,
  red: [],
  cure: 'none',
  redAfterCure: [],
  seconds: 4,
  report: {} as Trial['report'],
  sources: 3,
});

const trial = (more: Partial<Trial> = {}): Trial => ({
  ...healthy(),
  expectedRule: 'loss',
  first,
  rules: ['loss'],
  red: ['host1>host2: lossy'],
  ...more,
});

const failed: FailedTrial = { fault: 'a frozen engine', hosts: 3, expectedRule: 'x', error: 'it hung' };

describe('the score of the faults', () => {
  it('counts what was right, what was cured, and alarms of healthy runs', () => {
    const outcomes = [
      trial(),
      trial({ cure: 'cured' }),
      trial({ cure: 'notCured', redAfterCure: ['host1>host2: dead'] }),
      failed,
      healthy(),
      healthy(false),
    ];
    expect(scoreOf(outcomes)).toEqual({ faults: 4, right: 3, falseAlarms: 1, healthyRuns: 2, curable: 2, cured: 1 });
  });

  it('misses with one wrong of nineteen, and not with one of twenty', () => {
    const of = (right: number, wrong: number) =>
      missesOf(scoreOf([...Array<Trial>(right).fill(trial()), ...Array<Trial>(wrong).fill(trial({ right: false }))]));
    expect(of(19, 1)).toEqual([]);
    expect(of(18, 1)).toEqual(['18 of 19 causes came first; 95 % must']);
  });

  it('misses with a false alarm, with a remedy that does not cure, and with a trial without an end', () => {
    const misses = missesOf(scoreOf([healthy(false), trial({ cure: 'notCured' }), failed]));
    expect(misses).toEqual([
      '1 of 2 causes came first; 95 % must',
      '1 false alarms; there must be none',
      '1 of 1 remedies did not cure',
    ]);
  });

  it('says what went wrong, and nothing of what went right', () => {
    expect(troubleOf(trial())).toEqual([]);
    expect(troubleOf(failed)).toEqual(['a frozen engine: it hung']);
    expect(troubleOf(trial({ right: false, cure: 'notCured', redAfterCure: ['host1>host2: dead'] }))).toEqual([
      'loss at one host: found "host2: packets are lost" (loss); host1>host2: lossy',
      'loss at one host: after the remedy still host1>host2: dead',
    ]);
  });

  it('prints a line a trial under a head', () => {
    const [head, , one, two] = tableOf([trial({ cure: 'cured' }), failed]).split('\n');
    expect(head).toMatch(/^fault +hosts +expected +found first +remedy +time$/);
    expect(one).toMatch(/^loss at one host +3 +loss +loss +right +cured +4.0 s$/);
    expect(two).toMatch(/^a frozen engine +3 +x +failed +WRONG$/);
  });
});
