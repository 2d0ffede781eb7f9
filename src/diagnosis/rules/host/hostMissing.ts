import { count } from '../../../base/text/words';
import { isSilent } from '../../hosts';
import { rule } from '../../rule';

/** A host has no test container in the network, although its engine answers: its row and column were never tried. */
export const hostMissing = rule(
  {
    cuts: 'What the words of the reason say; its command is one of those of the catalogue of reasons.',
    opens: 'Nothing.',
    undo: 'See the reason.',
  },
  (analysis) =>
    analysis.hosts.flatMap((host) => {
      const { problem } = host;
      if (!problem || isSilent(host) || problem.reason === 'windowsLeftOut') return [];
      const pairs = analysis.index.all.of(host.host);
      return {
        cause: 'host-missing',
        title: `${host.host}: no test container (${problem.title.replace(/^./, (first) => first.toLowerCase())})`,
        // That Docker gave up after its 20 s says nothing of the cause, which another rule may know.
        strength: problem.reason === 'probeAttachTimeout' ? 'guess' : 'measured',
        evidence: [problem.happened, `${count(pairs.length, 'pair')} from and to ${host.host} could not be tried.`],
        pairs,
        remedy: {
          text: problem.remedy,
          commands: problem.command ? [{ host: host.host, label: 'command', command: problem.command }] : [],
        },
      };
    }),
);
