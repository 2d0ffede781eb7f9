import { isForGossip, unclear } from './gossipBlocked';
import { dataPathOpenings, firewallCommands, hostsForCommands, nameWithAddress } from '../remedies/remedies';
import { opensForPeers, rule } from '../rule';
import { cells, count, deadPairsOf, hasEsp, listOf, type MatrixView } from '../view';

/**
 * The data path of an encrypted network is dead while names resolve, and no kernel is known to lack ESP: protocol 50
 * blocked, or ESP missing all the same (moby#25266, moby#43382).
 */
export const encryptedDataPath = rule(opensForPeers, (view) => {
  if (!view.facts.encrypted) return [];
  const cut = view.cut.filter((host) => !isForGossip(view, host));
  const hosts = cut.filter((host) => hasEsp(view, host) !== false);
  if (hosts.length === 0 || hosts.every((host) => isExplainedByKernel(view, host))) return [];
  const isUnclear = cut.length === view.present.length;
  const pairs = deadPairsOf(view, hosts);
  const port = view.facts.dataPathPort;
  const openings = dataPathOpenings(view.facts);
  const whom = isUnclear ? 'every host' : listOf(hosts.map((host) => nameWithAddress(view, host)));
  return [
    {
      rule: 'encrypted-data-path',
      title: isUnclear
        ? 'The encrypted data path between the hosts is dead'
        : `${listOf(hosts)}: the encrypted data path is dead`,
      confidence: 'likely',
      evidence: [
        `${count(pairs.length, 'pair')} ${isUnclear ? 'between the hosts' : `from and to ${listOf(hosts)}`} lose every packet, in both directions.`,
        'The names resolve, so the swarm’s gossip is fine: only the data path is missing.',
        'The network is encrypted: its packets travel as IP protocol 50 (ESP), which firewalls and clouds often drop, and which some kernels lack.',
        ...(isUnclear ? [unclear(view)] : []),
      ],
      pairs: cells(pairs),
      remedy: {
        text:
          `Let IP protocol 50 (ESP) and ${port}/udp in at ${whom} from all other hosts, and check that the kernel there has ESP ` +
          `("modprobe esp4"). A twin network without encryption tells the two apart: if it works, ESP is what is missing.`,
        commands: hostsForCommands(hosts).flatMap((host) => [
          ...firewallCommands(view, host, openings),
          { host, label: 'kernel has ESP', command: 'sudo modprobe esp4 && echo "ESP is there"' },
        ]),
      },
    },
  ];
});

/** All its dead pairs lead to a host whose kernel lacks ESP: nothing is known against this host itself. */
function isExplainedByKernel(view: MatrixView, host: string): boolean {
  const others = deadPairsOf(view, [host]).map((pair) => (pair.from === host ? pair.to : pair.from));
  return others.every((other) => hasEsp(view, other) === false);
}
