import { cells, type MatrixView, type Rule } from './view';

/** Reasons that say: the engine itself gave no answer. */
const silentReasons: readonly string[] = ['requestTimeout', 'linkLost', 'notConnected', 'connectionRefused'];

/** Whether a host takes no part because its engine does not answer. */
export const isSilent = (host: MatrixView['hosts'][number]): boolean =>
  silentReasons.includes(host.problem?.reason ?? '');

/** The engine of a host is frozen, stopped or overloaded: it has no test container because nobody answered for one. */
export const engineNotAnswering: Rule = (view) =>
  view.hosts.filter(isSilent).map(({ host, problem }) => {
    const pairs = view.pairs.filter((pair) => pair.from === host || pair.to === host);
    return {
      rule: 'engine-not-answering',
      title: `${host}: Docker does not answer`,
      confidence: 'certain' as const,
      evidence: [
        problem?.happened ?? '',
        `${pairs.length} pairs from and to ${host} could not be tried; nothing is known against the network there.`,
      ],
      pairs: cells(pairs),
      remedy: {
        text: `Look whether Docker on ${host} runs and what its load is. ${problem?.remedy ?? ''}`.trim(),
        commands: [
          { host, label: 'state of Docker', command: 'systemctl status docker' },
          { host, label: 'last words of Docker', command: 'sudo journalctl -u docker -n 50' },
        ],
      },
    };
  });
