import {
  majorityTable,
  ratePlacement,
  type MajorityRow,
  type PlacedNode,
  type PlacementRating,
} from '../../../model/swarm/placement';
import { describeQuorum, quorumOf } from '../../../model/swarm/quorum';

/** One line of two majority tables side by side: what fails, what it leaves now, and what it would leave then. */
export interface ComparedRow {
  readonly about: string;
  readonly now: string;
  readonly then: string;
  /** Whether it would cost the majority then. */
  readonly isBad: boolean;
}

/**
 * The majority of now and of a proposal: their numbers, and what each loss leaves. Pure.
 *
 * @param nodes those of the swarm as they are. @param managers ids of those that would be managers
 */
export function compareMajorities(nodes: readonly PlacedNode[], managers: readonly string[]): ComparedRow[] {
  const ratings = {
    now: ratePlacement(nodes),
    then: ratePlacement(nodes.map((node) => ({ ...node, isManager: managers.includes(node.id) }))),
  };
  const tables = { now: majorityTable(ratings.now), then: majorityTable(ratings.then) };
  const numbers = {
    about: 'Managers',
    now: describeQuorum(quorumOf(ratings.now.managers)),
    then: describeQuorum(quorumOf(ratings.then.managers)),
    isBad: false,
  };
  const rowIn = (table: typeof tables.now, what: string) => table.find((row) => row.what === what);
  // What may fail of now only, whichever it is, says nothing about the proposal; a zone of now does.
  const about = [
    ...tables.then.map((row) => row.what),
    ...ratings.now.losses.map((loss) => `${loss.kind} ${loss.name}`),
  ];
  const losses = [...new Set(about)].map((what): ComparedRow => {
    const isPlace = !what.startsWith('any ');
    const after = rowIn(tables.then, what);
    return {
      about: `Losing ${what}`,
      now: lossWords(rowIn(tables.now, what), isPlace),
      then: lossWords(after, isPlace),
      isBad: after?.majorityStays === false,
    };
  });
  return [numbers, ...losses];
}

function lossWords(row: MajorityRow | undefined, isPlace: boolean): string {
  if (!row) return isPlace ? 'no manager there' : '';
  return `${row.left} of ${row.of} left, majority ${row.majorityStays ? 'stays' : 'lost'}`;
}

/** "3 managers · majority 2 · tolerates 1 · survives the loss of any zone": what a proposal is worth. */
export function ratingWords(rating: PlacementRating): string {
  const survives = [
    ...(rating.survivesAnyZone ? ['any zone'] : []),
    ...(rating.survivesAnyRegion ? ['any region'] : []),
  ];
  return [
    describeQuorum(quorumOf(rating.managers)),
    ...(survives.length > 0 ? [`survives the loss of ${survives.join(' and ')}`] : []),
  ].join(' · ');
}
