import { isSilent } from './engineNotAnswering';
import { cells, type Rule } from './view';

/** A host has no test container in the network, although its engine answers: its row and column were never tried. */
export const hostMissing: Rule = (view) =>
  view.hosts.flatMap((host) => {
    const { problem } = host;
    if (!problem || isSilent(host) || problem.reason === 'windowsLeftOut') return [];
    const pairs = view.pairs.filter((pair) => pair.from === host.host || pair.to === host.host);
    return [
      {
        rule: 'host-missing',
        title: `${host.host}: no test container (${problem.title.replace(/^./, (first) => first.toLowerCase())})`,
        confidence: 'certain' as const,
        evidence: [problem.happened, `${pairs.length} pairs from and to ${host.host} could not be tried.`],
        pairs: cells(pairs),
        remedy: {
          text: problem.remedy,
          commands: problem.command ? [{ host: host.host, label: 'command', command: problem.command }] : [],
        },
      },
    ];
  });
