import { onlyLooks } from '../../remedies/safety';
import { rule } from '../../rule';
import { count } from '../../../base/text/words';

/** The test container was there, yet its pings did not come to their end. */
export const sourceStopped = rule(onlyLooks, (analysis) => {
  const present = new Set(analysis.present);
  return analysis.present.flatMap((host) => {
    const pairs = analysis.index.all
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
    return {
      cause: 'source-stopped',
      title: `${host}: its pings did not finish`,
      strength: 'measured',
      evidence: [
        ...problems,
        `${count(pairs.length, 'pair')} from ${host} ${pairs.length === 1 ? 'has' : 'have'} no result.`,
      ],
      pairs,
      remedy: {
        text: `Check that Docker on ${host} still answers and what its load is, then verify again.`,
        commands: [{ host, label: 'state of Docker', command: 'docker info' }],
      },
    };
  });
});
