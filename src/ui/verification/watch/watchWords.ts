import type { PairChange } from '../../../model/report/matrixChanges';

/** Pairs named in one toast. */
const mostNamed = 3;

/** "my_net: node1 → node2 and node2 → node1 died; node3 → node1 came back" */
export function changeToast(network: string, changes: readonly PairChange[]): string {
  const parts = (['died', 'cameBack'] as const).flatMap((kind) => {
    const pairs = changes.filter((change) => change.kind === kind).map(({ after }) => `${after.from} → ${after.to}`);
    return pairs.length > 0 ? [`${named(pairs)} ${kind === 'died' ? 'died' : 'came back'}`] : [];
  });
  return `${network}: ${parts.join('; ')}.`;
}

function named(pairs: readonly string[]): string {
  const rest = pairs.length - mostNamed;
  if (rest > 1) return `${pairs.slice(0, mostNamed).join(', ')} and ${rest} more pairs`;
  const [last] = pairs.slice(-1);
  return pairs.length === 1 ? `${last}` : `${pairs.slice(0, -1).join(', ')} and ${last}`;
}
