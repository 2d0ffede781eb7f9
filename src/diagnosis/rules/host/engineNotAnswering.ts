import type { Explanation } from '../../explanation';
import type { HostName } from '../../../model/host/host';
import { restartsEngine, restartStops } from '../../remedies/safety';
import { rule } from '../../rule';
import type { Analysis, SeenPair } from '../../analysis';
import { count } from '../../../base/text/words';
import { isSilent } from '../../hosts';
import { lastWords, restartDocker } from '../../remedies/engine';

/**
 * The engine of a host is frozen, stopped or overloaded: it has no test container because nobody answered for one, or it
 * fell silent while the pings went on.
 */
export const engineNotAnswering = rule(restartsEngine, (analysis) => {
  const fromTheStart = analysis.hosts.filter(isSilent);
  const meanwhile = (analysis.facts.silentEngines ?? []).filter(
    ({ host }) => !analysis.hosts.some((row) => row.host === host && row.problem),
  );
  return [
    ...fromTheStart.map(({ host, problem }) => {
      const pairs = pairsOf(analysis, host);
      return finding(host, 'Docker does not answer', pairs, [
        problem?.happened ?? '',
        `${count(pairs.length, 'pair')} from and to ${host} could not be tried; nothing is known against the network there.`,
      ]);
    }),
    ...meanwhile.flatMap(({ host, happened }) => {
      const pairs = pairsOf(analysis, host).filter((pair) => pair.verdict !== 'reachable');
      if (pairs.length === 0) return [];
      return [
        finding(host, 'Docker fell silent during the verification', pairs, [
          `Its test container was there, and then: ${happened}`,
          `${count(pairs.length, 'pair')} from and to ${host} ${pairs.length === 1 ? 'has' : 'have'} no result, or a wrong one.`,
        ]),
      ];
    }),
  ];
});

const pairsOf = (analysis: Analysis, host: HostName): readonly SeenPair[] => analysis.index.all.of(host);

function finding(host: HostName, what: string, pairs: readonly SeenPair[], evidence: readonly string[]): Explanation {
  return {
    cause: 'engine-not-answering',
    title: `${host}: ${what}`,
    strength: 'measured',
    evidence,
    pairs,
    remedy: {
      text:
        `Look whether the machine is up, whether Docker runs there and what its load is. Restart Docker on ${host} when it has ended ` +
        `or hangs; ${restartStops}. A manager is missing meanwhile, so one host at a time. Then verify again.`,
      commands: [
        { host, label: 'state of Docker', command: 'systemctl status docker' },
        lastWords(host),
        restartDocker(host),
      ],
    },
  };
}
