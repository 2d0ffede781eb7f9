import { describe, expect, it } from 'vitest';
import { describeQuorum, quorumAdvice, quorumOf } from '../../../src/model/swarm/quorum';

describe('quorumOf', () => {
  it.each([
    { managers: 1, majority: 1, tolerates: 0 },
    { managers: 2, majority: 2, tolerates: 0 },
    { managers: 3, majority: 2, tolerates: 1 },
    { managers: 4, majority: 3, tolerates: 1 },
    { managers: 5, majority: 3, tolerates: 2 },
    { managers: 7, majority: 4, tolerates: 3 },
  ])('$managers managers: majority $majority, $tolerates may fail', ({ managers, majority, tolerates }) => {
    expect(quorumOf(managers)).toEqual({ managers, reachable: managers, majority, tolerates, hasMajority: true });
  });

  it('has no majority below it, and none of nobody', () => {
    expect(quorumOf(3, 2).hasMajority).toBe(true);
    expect(quorumOf(3, 1).hasMajority).toBe(false);
    expect(quorumOf(2, 1).hasMajority).toBe(false);
    expect(quorumOf(0)).toMatchObject({ hasMajority: false, tolerates: 0 });
  });
});

describe('describeQuorum', () => {
  it.each([
    [quorumOf(1), '1 manager · majority 1 · tolerates none'],
    [quorumOf(3), '3 managers · majority 2 · tolerates 1'],
    [quorumOf(5, 4), '5 managers · majority 3 · tolerates 2 · 1 unreachable'],
    [quorumOf(3, 1), '3 managers · majority 2 lost (1 reachable)'],
  ])('%o', (quorum, text) => expect(describeQuorum(quorum)).toBe(text));
});

describe('quorumAdvice', () => {
  it('names better numbers for even ones, none, and many', () => {
    expect(quorumAdvice(0)).toMatch(/at least one/);
    expect(quorumAdvice(2)).toMatch(/choose 1 or 3/);
    expect(quorumAdvice(4)).toMatch(/choose 3 or 5/);
    expect(quorumAdvice(9)).toMatch(/slow/);
    expect([1, 3, 5, 7].map(quorumAdvice)).toEqual([undefined, undefined, undefined, undefined]);
  });
});
