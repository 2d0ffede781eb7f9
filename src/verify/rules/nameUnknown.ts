import { checksOf } from './portEvidence';
import { firewallCommands, gossipOpenings, hostsForCommands } from './remedies';
import { opensForPeers, rule } from './rule';
import { cells, count, listOf } from './view';

/** Addresses answer, names are unknown: only the name service is at fault (after a link flap: moby#53141). */
export const nameUnknown = rule(opensForPeers, (view) => {
  const pairs = view.tried.filter((pair) => pair.verdict === 'nameOnly' && pair.name.outcome === 'unknown');
  if (pairs.length === 0) return [];
  const isTried = gossipOpenings.some((opening) => checksOf(view, opening).length > 0);
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
          `${isTried ? 'The ports of gossip were tried and are not closed.' : 'Check that 7946/tcp and 7946/udp are open in both directions.'} After an interrupted link the ` +
          'records may stay incomplete: connect the containers again, with the aliases and fixed addresses that they have, or update the ' +
          'services with "--force", which starts their tasks anew.',
        commands: isTried
          ? []
          : hostsForCommands(sources).flatMap((host) => firewallCommands(view, host, gossipOpenings)),
      },
    },
  ];
});
