import { describeQuorum, quorumOf } from '../../../model/swarm/quorum';

/** The title of the manager pick while so many are ticked: "3 managers · majority 2 · tolerates 1". */
export function managersTitle(ticked: number, hosts: number): string {
  const advice = managersAdvice(ticked, hosts);
  if (ticked === 0) return `Managers: ${advice ?? ''}`;
  return `${describeQuorum(quorumOf(ticked))}${advice ? `: ${advice}` : ''}`;
}

/** The better numbers, as far as there are hosts for them; undefined when the number is fine. */
export function managersAdvice(ticked: number, hosts: number): string | undefined {
  if (ticked === 0) return 'choose at least one';
  if (ticked % 2 === 0) return ticked + 1 <= hosts ? `choose ${ticked - 1} or ${ticked + 1}` : `choose ${ticked - 1}`;
  if (ticked > 7) return 'more than 7 make every change slow';
  return undefined;
}
