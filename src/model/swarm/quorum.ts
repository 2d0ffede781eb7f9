/** Raft majority arithmetic of a number of managers. */
export interface Quorum {
  readonly managers: number;
  readonly reachable: number;
  /** Managers needed for any change: floor(n/2) + 1. */
  readonly majority: number;
  /** Managers that may fail altogether with a majority left: n - majority. */
  readonly tolerates: number;
  readonly hasMajority: boolean;
}

/** @param reachable managers that answer now; all of them when not given. */
export function quorumOf(managers: number, reachable = managers): Quorum {
  const majority = Math.floor(managers / 2) + 1;
  return {
    managers,
    reachable,
    majority,
    tolerates: Math.max(0, managers - majority),
    hasMajority: managers > 0 && reachable >= majority,
  };
}

/** "3 managers · majority 2 · tolerates 1", and what is wrong with an even number or a lost majority. */
export function describeQuorum(quorum: Quorum): string {
  const { managers, majority, tolerates, hasMajority, reachable } = quorum;
  const count = `${managers} manager${managers === 1 ? '' : 's'}`;
  if (!hasMajority) return `${count} · majority ${majority} lost (${reachable} reachable)`;
  const down = reachable < managers ? ` · ${managers - reachable} unreachable` : '';
  return `${count} · majority ${majority} · tolerates ${tolerates === 0 ? 'none' : tolerates}${down}`;
}

/** The better numbers beside an even or unusual one; undefined when the number is fine. */
export function quorumAdvice(managers: number): string | undefined {
  if (managers === 0) return 'choose at least one manager';
  if (managers % 2 === 0)
    return `choose ${managers - 1} or ${managers + 1}: an even number tolerates no more failures than ${managers - 1}`;
  if (managers > 7) return 'more than 7 managers make every change slow';
  return undefined;
}
