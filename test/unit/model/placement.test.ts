import { describe, expect, it } from 'vitest';
import {
  majorityTable,
  placeOf,
  proposeManagers,
  ratePlacement,
  type PlacedNode,
} from '../../../src/model/swarm/placement';

/** "a1 a2* b1!" = two nodes in zone a, the second a manager, one in b that is down; "eu/a1" has a region. */
const nodes = (text: string): PlacedNode[] =>
  text.split(' ').map((word) => {
    const [, region, zone, id] = /^(?:(\w+)\/)?([a-z]*)(\d+)/.exec(word) ?? [];
    return {
      id: word.replace(/[*!]/g, ''),
      ...(zone ? { zone } : {}),
      ...(region ? { region } : {}),
      isManager: word.includes('*'),
      isUp: !word.includes('!') && id !== undefined,
    };
  });

/** Managers a zone, the most first: "2-2-1". */
const spread = (text: string, wanted?: number, by: (id: string) => string = (id) => id.replace(/\d+$/, '')) => {
  const counts = new Map<string, number>();
  for (const id of proposeManagers(nodes(text), wanted).managers) counts.set(by(id), (counts.get(by(id)) ?? 0) + 1);
  return [...counts.values()].sort((a, b) => b - a).join('-');
};

describe('proposeManagers', () => {
  it.each([
    [3, '1-1-1'],
    [5, '2-2-1'],
    [7, '3-2-2'],
  ])('spreads %i managers over three zones as %s', (wanted, expected) => {
    expect(spread('a1 a2 a3 b1 b2 b3 c1 c2 c3', wanted)).toBe(expected);
  });

  it('puts 3 into one and 2 into the other of two regions, a zone each', () => {
    const text = 'eu/a1 eu/b1 eu/c1 us/a1 us/b1 us/c1';
    expect(spread(text, 5, (id) => id.split('/')[0] ?? '')).toBe('3-2');
    expect(spread(text, 5)).toBe('1-1-1-1-1');
  });

  it('spreads over zones that are not balanced', () => {
    expect(spread('a1 a2 a3 a4 b1', 3)).toBe('2-1');
    expect(spread('a1 a2 a3 a4 b1 c1', 3)).toBe('1-1-1');
  });

  it('keeps the managers there are where that spreads as well', () => {
    const proposal = proposeManagers(nodes('a1 a2* b1 b2* c1 c2*'));
    expect(proposal).toMatchObject({ promote: [], demote: [] });
  });

  it('proposes one promotion and one demotion for two managers in one zone', () => {
    const proposal = proposeManagers(nodes('a1* a2* b1* c1'));
    expect(proposal).toMatchObject({ promote: ['c1'], demote: ['a2'] });
    expect(proposal.rating.survivesAnyZone).toBe(true);
  });

  it('never chooses a node that is down, and takes its role', () => {
    expect(proposeManagers(nodes('1* 2* 3*! 4'))).toMatchObject({ promote: ['4'], demote: ['3'] });
  });

  it('works without any labels', () => {
    expect(proposeManagers(nodes('1* 2 3')).managers).toEqual(['1', '2', '3']);
    expect(proposeManagers(nodes('1* 2')).managers).toEqual(['1']);
  });

  it('proposes 5 for eight nodes or two regions, 3 for less, 1 for two', () => {
    const count = (text: string) => proposeManagers(nodes(text)).managers.length;
    expect(['1 2', '1 2 3', '1 2 3 4 5 6 7', '1 2 3 4 5 6 7 8', 'eu/a1 eu/b1 eu/c1 us/a1 us/b1'].map(count)).toEqual([
      1, 3, 3, 5, 5,
    ]);
  });

  it('prefers drained nodes among equals', () => {
    const [one, two] = nodes('a1 a2');
    const proposal = proposeManagers([one as PlacedNode, { ...(two as PlacedNode), isRelieved: true }], 1);
    expect(proposal.managers).toEqual(['a2']);
  });

  it.each([0, 2, 1.5, 7])('refuses %d managers of five nodes', (wanted) => {
    expect(() => proposeManagers(nodes('1 2 3 4 5'), wanted)).toThrow(RangeError);
  });
});

describe('ratePlacement', () => {
  it('simulates the loss of each zone and region', () => {
    const rating = ratePlacement(nodes('eu/a1* eu/a2* eu/b1* us/a1 us/b1'));
    expect(rating).toMatchObject({ managers: 3, majority: 2, tolerates: 1 });
    expect(rating.losses).toEqual([
      { kind: 'region', name: 'eu', lost: 3, left: 0, majorityLeft: false },
      { kind: 'zone', name: 'eu/a', lost: 2, left: 1, majorityLeft: false },
      { kind: 'zone', name: 'eu/b', lost: 1, left: 2, majorityLeft: true },
    ]);
    expect(rating).toMatchObject({ survivesAnyZone: false, survivesAnyRegion: false });
  });

  it('promises nothing of zones nobody has named', () => {
    expect(ratePlacement(nodes('1* 2* 3*'))).toMatchObject({ losses: [], survivesAnyZone: false });
  });
});

describe('placeOf', () => {
  it('reads the usual labels', () => {
    expect(placeOf({ zone: 'a', region: 'eu' })).toEqual({ zone: 'a', region: 'eu' });
    expect(placeOf({ 'topology.kubernetes.io/zone': 'b', dc: 'x' })).toEqual({ zone: 'b', region: 'x' });
    expect(placeOf({ zone: ' ', other: 'y' })).toEqual({});
  });
});

describe('majorityTable', () => {
  const table = (text: string) =>
    majorityTable(ratePlacement(nodes(text))).map(
      ({ what, left, of, majorityStays }) => `${what}: ${left} of ${of} ${majorityStays ? 'stays' : 'lost'}`,
    );

  it('has a row for what may fail, one for one more, and one a zone and region', () => {
    expect(table('eu/a1* eu/b1* eu/c1* us/a1* us/b1*')).toEqual([
      'any 2 managers: 3 of 5 stays',
      'any 3 managers: 2 of 5 lost',
      'region eu: 2 of 5 lost',
      'region us: 3 of 5 stays',
      'zone eu/a: 4 of 5 stays',
      'zone eu/b: 4 of 5 stays',
      'zone eu/c: 4 of 5 stays',
      'zone us/a: 4 of 5 stays',
      'zone us/b: 4 of 5 stays',
    ]);
  });

  it('is short where nothing may fail', () => {
    expect(table('1* 2 3')).toEqual(['any manager: 0 of 1 lost']);
    expect(table('1* 2*')).toEqual(['any manager: 1 of 2 lost']);
    expect(table('1 2')).toEqual([]);
  });
});
