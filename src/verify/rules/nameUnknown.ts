import { firewallCommands, gossipOpenings } from './remedies';
import { cells, count, listOf, type Rule } from './view';

/** Addresses answer, names are unknown: only the name service is at fault (after a link flap: moby#53141). */
export const nameUnknown: Rule = (view) => {
  const pairs = view.tried.filter((pair) => pair.verdict === 'nameOnly' && pair.name.outcome === 'unknown');
  if (pairs.length === 0) return [];
  const sources = [...new Set(pairs.map((pair) => pair.from))];
  return [
    {
      rule: 'name-unknown',
      title: `${listOf(sources)}: names of containers elsewhere are unknown`,
      confidence: 'likely',
      evidence: [
        `${count(pairs.length, 'pair')}: the address answers, the name does not resolve.`,
        'The data path is fine; the records of names, which travel by gossip, are incomplete.',
      ],
      pairs: cells(pairs),
      remedy: {
        text:
          'Check that 7946/tcp and 7946/udp are open in both directions. After an interrupted link the records may stay incomplete: ' +
          'reconnect the containers, or update the services with "--force".',
        commands: sources.flatMap((host) => firewallCommands(view, host, gossipOpenings)),
      },
    },
  ];
};
