import { count, listAll } from '../../../base/text/words';
import { deadPairsOf, type Analysis } from '../../analysis';
import { addressesOfPeers } from '../../facts';
import { hasEsp, nameWithAddress } from '../../hosts';
import { hostsForCommands } from '../../remedies/command';
import { loadEsp } from '../../remedies/engine';
import { dataPathOpenings, firewallCommands } from '../../remedies/firewall';
import { opensForPeers } from '../../remedies/safety';
import { rule } from '../../rule';
import { lacksGossip, whyUndecided } from '../../blame';

/**
 * The data path of an encrypted network is dead while names resolve, and no kernel is known to lack ESP: protocol 50
 * blocked, or ESP missing all the same (moby#25266, moby#43382).
 */
export const encryptedDataPath = rule(opensForPeers, (analysis) => {
  if (!analysis.facts.encrypted) return [];
  const cut = analysis.cutOff.filter((host) => !lacksGossip(analysis, host));
  const hosts = cut.filter((host) => hasEsp(analysis, host) !== false);
  if (hosts.length === 0 || hosts.every((host) => isExplainedByKernel(analysis, host))) return [];
  const isUnclear = cut.length === analysis.present.length;
  const pairs = deadPairsOf(analysis, hosts);
  const port = analysis.facts.dataPathPort;
  const openings = dataPathOpenings(analysis.facts);
  const whom = isUnclear ? 'every host' : listAll(hosts.map((host) => nameWithAddress(analysis, host)));
  return {
    cause: 'encrypted-data-path',
    title: isUnclear
      ? 'The encrypted data path between the hosts is dead'
      : `${listAll(hosts)}: the encrypted data path is dead`,
    strength: 'pattern',
    evidence: [
      `${count(pairs.length, 'pair')} ${isUnclear ? 'between the hosts' : `from and to ${listAll(hosts)}`} lose every packet, in both directions.`,
      'The names resolve, so the swarm’s gossip is fine: only the data path is missing.',
      'The network is encrypted: its packets travel as IP protocol 50 (ESP), which firewalls and clouds often drop, and which some kernels lack.',
      ...(isUnclear ? [whyUndecided(analysis)] : []),
    ],
    pairs,
    remedy: {
      text:
        `Let IP protocol 50 (ESP) and ${port}/udp in at ${whom} from all other hosts, and check that the kernel there has ESP ` +
        `("modprobe esp4"). A twin network without encryption tells the two apart: if it works, ESP is what is missing.`,
      commands: hostsForCommands(hosts).flatMap((host) => [
        ...firewallCommands(host, 'in', addressesOfPeers(analysis.facts, host), openings),
        loadEsp(host),
      ]),
    },
  };
});

/** All its dead pairs lead to a host whose kernel lacks ESP: nothing is known against this host itself. */
function isExplainedByKernel(analysis: Analysis, host: string): boolean {
  const others = deadPairsOf(analysis, [host]).map((pair) => (pair.from === host ? pair.to : pair.from));
  return others.every((other) => hasEsp(analysis, other) === false);
}
