import { count, listAll } from '../../../base/text/words';
import { addressesOfPeers } from '../../facts';
import { hostsForCommands } from '../../remedies/command';
import { firewallCommands, gossipOpenings } from '../../remedies/firewall';
import { opensForPeers } from '../../remedies/safety';
import { rule } from '../../rule';
import { checksOf, closedEvidence, closedPorts, commandsToOpen, mergeSamePeers } from '../../closedPorts';

/** Addresses answer, names are unknown: only the name service is at fault (after a link flap: moby#53141). */
export const nameUnknown = rule(opensForPeers, (analysis) => {
  const pairs = analysis.tried.filter((pair) => pair.verdict === 'nameOnly' && pair.name.outcome === 'unknown');
  if (pairs.length === 0) return [];
  const isTried = gossipOpenings.some((opening) => checksOf(analysis, opening).length > 0);
  // Also between others: what is told goes from host to host.
  const closed = mergeSamePeers(closedPorts(analysis, gossipOpenings));
  const sources = [...new Set(pairs.map((pair) => pair.from))];
  return {
    cause: 'name-unknown',
    title: `${listAll(sources)}: names of containers elsewhere are unknown`,
    strength: 'pattern',
    evidence: [
      `${count(pairs.length, 'pair')}: the address answers, the name does not resolve.`,
      'The data path is fine; the records of names, which travel by gossip, are incomplete.',
      ...closedEvidence(closed),
    ],
    pairs,
    remedy: {
      text:
        `${portsText(closed.length, isTried)} After an interrupted link the ` +
        'records may stay incomplete: connect the containers again, with the aliases and fixed addresses that they have, or update the ' +
        'services with "--force", which restarts their tasks.',
      commands: isTried
        ? commandsToOpen(analysis, closed)
        : hostsForCommands(sources).flatMap((host) =>
            firewallCommands(host, 'in', addressesOfPeers(analysis.facts, host), gossipOpenings),
          ),
    },
  };
});

function portsText(closed: number, isTried: boolean): string {
  if (closed > 0) return 'Open what was found closed of the ports of gossip, and verify again.';
  return isTried
    ? 'The ports of gossip were tried, and none was found closed.'
    : 'Check that 7946/tcp and 7946/udp are open in both directions.';
}
