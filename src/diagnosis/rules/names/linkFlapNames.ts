import { count, listAll } from '../../../base/text/words';
import { PairIndex } from '../../../model/report/pairIndex';
import { factsOf } from '../../hosts';
import { gossipOpenings } from '../../remedies/firewall';
import { rule } from '../../rule';
import { closedPorts } from '../../closedPorts';

/** Addresses answer and names are unknown on Docker 29: after an interrupted link it loses records of names (moby#53141). */
export const linkFlapNames = rule(
  {
    cuts: 'The tasks of a service are restarted; a container that is connected again has new connections. The text says so.',
    opens: 'Nothing.',
    undo: 'There is nothing to undo.',
  },
  (analysis) => {
    const before = new PairIndex(analysis.facts.namesKnownBefore);
    const isLatest = (host: string) => Number.parseInt(factsOf(analysis, host).engineVersion ?? '', 10) >= 29;
    const pairs = analysis.tried.filter(
      (pair) =>
        pair.verdict === 'nameOnly' && pair.name.outcome === 'unknown' && isLatest(pair.from) && before.has(pair),
    );
    // A port of gossip that is closed explains it better, and was seen.
    if (pairs.length === 0 || closedPorts(analysis, gossipOpenings).length > 0) return [];
    const sources = [...new Set(pairs.map((pair) => pair.from))];
    return {
      cause: 'link-flap-names',
      title: `${listAll(sources)}: names were lost after an interrupted link`,
      strength: 'pattern',
      evidence: [
        `${count(pairs.length, 'pair')}: the address answers, the name does not resolve, and did so in the verification before.`,
        ...sources.map(
          (host) =>
            `${host} has Docker ${factsOf(analysis, host).engineVersion ?? ''}, which may forget names when the link to other hosts was interrupted.`,
        ),
      ],
      pairs,
      remedy: {
        text:
          'Update the services concerned with "--force", which restarts their tasks, or disconnect containers from the network and connect them ' +
          'again, with the aliases and fixed addresses that they have: then their names are announced again.',
        commands: sources.map((host) => ({
          host,
          label: 'services',
          command: 'docker service ls --format "{{.Name}}"',
        })),
      },
    };
  },
);
