import { nameWithAddress } from '../../hosts';
import { restartsEngine, restartStops } from '../../remedies/safety';
import { rule } from '../../rule';
import { pairsWith } from '../../analysis';
import { count, listAll } from '../../../base/text/words';
import { whoListens } from '../../remedies/engine';

/**
 * The engine of a host takes no part in the gossip: it uses the network and knows no peer of it, not even itself. Its
 * gossip could not start when the host joined the swarm, mostly because 7946 was still taken: by an earlier membership
 * that ended without a leader (seen on 20.10), or by another program. The node is Ready all the while, and stays so
 * until its engine is started anew.
 */
export const gossipNotRunning = rule(restartsEngine, (analysis) => {
  const hosts = analysis.withoutGossip;
  if (hosts.length === 0) return [];
  const pairs = pairsWith(analysis.pairs, hosts).filter(({ verdict }) => verdict === 'dead');
  const whom = listAll(hosts.map((host) => nameWithAddress(analysis, host)));
  return {
    cause: 'gossip-not-running',
    title: `${listAll(hosts)}: the engine takes no part in the swarm’s gossip`,
    strength: 'measured',
    evidence: [
      `${count(pairs.length, 'pair')} from and to ${listAll(hosts)} lose every packet, in both directions.`,
      `${listAll(hosts)} uses the network and knows no peer of it, not even itself.`,
      'Gossip starts when a host joins, and only then; it cannot while something else listens on port 7946.',
    ],
    pairs,
    remedy: {
      text:
        `Restart the engine of ${whom}, one host at a time: ${restartStops}; a manager is missing meanwhile. If it is the same ` +
        'afterwards, another program listens on port 7946 there: end that first.',
      commands: hosts.flatMap((host) => [
        whoListens(host, 7946),
        { host, label: 'restart the engine', command: 'sudo systemctl restart docker' },
      ]),
    },
  };
});
