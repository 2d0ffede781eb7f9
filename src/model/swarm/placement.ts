import { quorumOf } from './quorum';

/** Where a node stands, and whether it is a manager. */
export interface PlacedNode {
  /** Node id, or any other name that is unique. */
  readonly id: string;
  readonly zone?: string;
  readonly region?: string;
  readonly isManager: boolean;
  /** Ready and reachable: only such a node can be made a manager. */
  readonly isUp: boolean;
  /** Drained or kept free: preferred as a manager over one that carries work. */
  readonly isRelieved?: boolean;
}

/** What the loss of one zone or region at once would leave. */
export interface LossOutcome {
  readonly kind: 'zone' | 'region';
  readonly name: string;
  /** Managers that would be gone. */
  readonly lost: number;
  readonly left: number;
  readonly majorityLeft: boolean;
}

/** Managers in each zone, and what may fail with a majority left. */
export interface PlacementRating {
  readonly managers: number;
  readonly majority: number;
  /** Nodes that may fail, whichever they are. */
  readonly tolerates: number;
  /** Zones and regions by name, each with what its loss would leave; the worst first. */
  readonly losses: readonly LossOutcome[];
  readonly survivesAnyZone: boolean;
  readonly survivesAnyRegion: boolean;
}

/** Who should become a manager and who no longer be one. */
export interface ManagerProposal {
  readonly managers: readonly string[];
  readonly promote: readonly string[];
  readonly demote: readonly string[];
  readonly rating: PlacementRating;
}

/** Label keys that are read as zone and region, the first that is set. Swarm itself gives none of them a meaning. */
const zoneLabels = ['zone', 'topology.zone', 'topology.kubernetes.io/zone', 'availability-zone', 'az'] as const;
const regionLabels = ['region', 'topology.region', 'topology.kubernetes.io/region', 'datacenter', 'dc'] as const;

/** Zone and region out of a node's labels. */
export function placeOf(labels: Readonly<Record<string, string>>): {
  readonly zone?: string;
  readonly region?: string;
} {
  const first = (keys: readonly string[]) => keys.map((key) => labels[key]?.trim()).find((value) => value);
  const zone = first(zoneLabels);
  const region = first(regionLabels);
  return { ...(zone && { zone }), ...(region && { region }) };
}

/** Simulates the loss of each zone and region for the nodes that are managers. */
export function ratePlacement(nodes: readonly PlacedNode[]): PlacementRating {
  const managers = nodes.filter((node) => node.isManager);
  const { majority, tolerates } = quorumOf(managers.length);
  const losses = [...lossesBy('zone', managers), ...lossesBy('region', managers)];
  losses.sort((a, b) => b.lost - a.lost || a.kind.localeCompare(b.kind) || a.name.localeCompare(b.name));
  const survives = (kind: LossOutcome['kind']) => {
    const own = losses.filter((loss) => loss.kind === kind);
    return own.length > 0 && own.every((loss) => loss.majorityLeft);
  };
  return {
    managers: managers.length,
    majority,
    tolerates,
    losses,
    survivesAnyZone: survives('zone'),
    survivesAnyRegion: survives('region'),
  };
}

function lossesBy(kind: LossOutcome['kind'], managers: readonly PlacedNode[]): LossOutcome[] {
  const counts = new Map<string, number>();
  for (const node of managers) {
    const name = placeKey(kind, node);
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const { majority } = quorumOf(managers.length);
  return [...counts].map(([name, lost]) => {
    const left = managers.length - lost;
    return { kind, name, lost, left, majorityLeft: left >= majority };
  });
}

/** Zones of the same name in two regions are two zones. */
function placeKey(kind: LossOutcome['kind'], { zone, region }: PlacedNode): string | undefined {
  if (kind === 'region') return region;
  return zone === undefined ? undefined : region === undefined ? zone : `${region}/${zone}`;
}

/**
 * Chooses managers: an odd number, spread over regions first and zones second, as few changes as that allows. With three
 * zones 3 managers come out as 1-1-1, 5 as 2-2-1, 7 as 3-2-2; with two regions 5 as 3 and 2, a zone each where there
 * are enough.
 *
 * @param wanted number of managers; without it 5 from eight nodes up or where two regions are there, else 3, else 1.
 * @throws RangeError when `wanted` is even, below 1, or more than the nodes that are up.
 */
export function proposeManagers(nodes: readonly PlacedNode[], wanted = usualNumber(nodes)): ManagerProposal {
  const candidates = nodes.filter((node) => node.isUp);
  if (!Number.isInteger(wanted) || wanted < 1 || wanted % 2 === 0)
    throw new RangeError(`${wanted} is not an odd number of managers`);
  if (wanted > candidates.length) throw new RangeError(`${wanted} managers want as many nodes that are up`);
  const chosen: PlacedNode[] = [];
  while (chosen.length < wanted) {
    const rest = candidates.filter((node) => !chosen.includes(node));
    const next = rest.reduce((best, node) => (compareChoice(node, best, chosen) < 0 ? node : best));
    chosen.push(next);
  }
  const ids = new Set(chosen.map((node) => node.id));
  return {
    managers: [...ids],
    promote: chosen.filter((node) => !node.isManager).map((node) => node.id),
    demote: nodes.filter((node) => node.isManager && !ids.has(node.id)).map((node) => node.id),
    rating: ratePlacement(nodes.map((node) => ({ ...node, isManager: ids.has(node.id) }))),
  };
}

/** Less than 0 when `a` is the better next manager beside those chosen. */
function compareChoice(a: PlacedNode, b: PlacedNode, chosen: readonly PlacedNode[]): number {
  const inSame = (kind: LossOutcome['kind'], node: PlacedNode) =>
    chosen.filter((other) => placeKey(kind, other) === placeKey(kind, node)).length;
  return (
    inSame('region', a) - inSame('region', b) ||
    inSame('zone', a) - inSame('zone', b) ||
    Number(b.isManager) - Number(a.isManager) ||
    Number(b.isRelieved ?? false) - Number(a.isRelieved ?? false) ||
    a.id.localeCompare(b.id)
  );
}

function usualNumber(nodes: readonly PlacedNode[]): number {
  const up = nodes.filter((node) => node.isUp);
  const regions = new Set(up.flatMap((node) => node.region ?? []));
  if (up.length >= 5 && (up.length >= 8 || regions.size >= 2)) return 5;
  return up.length >= 3 ? 3 : 1;
}

/** One row of the table that says what may fail: "zone a", 2 managers left of 3, the majority stays. */
export interface MajorityRow {
  /** "any 2 managers", "zone eu/a", "region eu" */
  readonly what: string;
  /** Managers left after the loss. */
  readonly left: number;
  /** Managers before. */
  readonly of: number;
  readonly majorityStays: boolean;
}

/**
 * What may fail: the most managers that may, whichever they are, one more than that, and each zone and region at once.
 */
export function majorityTable({ managers, majority, tolerates, losses }: PlacementRating): MajorityRow[] {
  const row = (what: string, left: number): MajorityRow => ({
    what,
    left,
    of: managers,
    majorityStays: left >= majority,
  });
  const some = (count: number) => row(count === 1 ? 'any manager' : `any ${count} managers`, managers - count);
  return [
    ...[tolerates, tolerates + 1].filter((count) => count >= 1 && count <= managers).map(some),
    ...losses.map(({ kind, name, left }) => row(`${kind} ${name}`, left)),
  ];
}
