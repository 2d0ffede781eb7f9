import { dataPathOpenings, firewallCommands, gossipOpenings, type Opening } from '../remedies/firewall';
import { trafficText } from '../../model/network/underlay';
import type { Analysis, SeenPair } from '../analysis';
import { count, listAll } from '../../base/text/words';
import type { Explanations } from '../explanation';
import { addressesOfPeers } from '../facts';

/** What no other rule explains: dead pairs that form no known pattern. Its remedy is as safe as {@link opensForPeers}. */
export function unexplained(analysis: Analysis, isExplained: (pair: SeenPair) => boolean): Explanations {
  const pairs = analysis.tried.filter((pair) => pair.verdict === 'dead' && !isExplained(pair));
  if (pairs.length === 0) return [];
  const openings: readonly Opening[] = [...dataPathOpenings(analysis.facts), ...gossipOpenings];
  const hosts = [...new Set(pairs.flatMap((pair) => [pair.from, pair.to]))];
  const shown = pairs.slice(0, 5).map((pair) => `${pair.from} → ${pair.to}`);
  const words = [...new Set(pairs.flatMap((pair) => pair.address.message ?? []))].slice(0, 3);
  return {
    cause: 'unexplained',
    title: `${count(pairs.length, 'pair')} without answer`,
    strength: 'guess',
    evidence: [
      `No answer: ${listAll(shown)}${pairs.length > shown.length ? ` and ${pairs.length - shown.length} more` : ''}.`,
      ...words.map((message) => `ping said: ${message}`),
      'The hosts concerned reach other hosts, so none of them is cut off as a whole.',
    ],
    pairs,
    remedy: {
      text: `Check between ${listAll(hosts)} that ${openings.map(trafficText).join(', ')} get through in both directions; a rule for single addresses or a route may be in the way.`,
      commands:
        hosts.length <= 4
          ? hosts.flatMap((host) => firewallCommands(host, 'in', addressesOfPeers(analysis.facts, host), openings))
          : [],
    },
  };
}
