import { onlyLooks, rule } from '../rule';
import { cells, count } from '../view';

/** The test container was there, yet its pings did not come to their end. */
export const sourceStopped = rule(onlyLooks, (view) => {
  const present = new Set(view.present);
  return view.present.flatMap((host) => {
    const pairs = view.index.all
      .of(host)
      .filter(
        (pair) =>
          pair.from === host &&
          pair.verdict === 'unknown' &&
          pair.problem !== undefined &&
          pair.problemReason === undefined &&
          present.has(pair.to),
      );
    const problems = [...new Set(pairs.map((pair) => pair.problem as string))];
    if (pairs.length === 0) return [];
    return [
      {
        rule: 'source-stopped',
        title: `${host}: its pings did not finish`,
        confidence: 'certain' as const,
        evidence: [
          ...problems,
          `${count(pairs.length, 'pair')} from ${host} ${pairs.length === 1 ? 'has' : 'have'} no result.`,
        ],
        pairs: cells(pairs),
        remedy: {
          text: `Check that Docker on ${host} still answers and what its load is, then verify again.`,
          commands: [{ host, label: 'state of Docker', command: 'docker info' }],
        },
      },
    ];
  });
});
