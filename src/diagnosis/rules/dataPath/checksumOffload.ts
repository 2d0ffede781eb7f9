import { isLinkName } from '../../remedies/command';
import { rule } from '../../rule';
import { isClean, sharedHosts } from '../../analysis';
import { count, listAll } from '../../../base/text/words';
import { underlayLinkOf } from '../../hosts';

/**
 * Pings of every size pass and TCP does not: mostly a network interface that computes wrong checksums for packets in a
 * tunnel (vmxnet3, coreos/fedora-coreos-tracker#1372).
 */
export const checksumOffload = rule(
  {
    cuts: 'Nothing but a moment of the interface; sending takes a little more CPU.',
    opens: 'Nothing.',
    undo: 'The same command with "on"; a restart of the machine does it as well.',
  },
  (analysis) => {
    const pairs = analysis.tried.filter(
      (pair) =>
        (pair.tcp?.outcome === 'stalled' || pair.tcp?.outcome === 'silent') &&
        pair.fullSize?.outcome === 'passed' &&
        isClean(analysis, pair),
    );
    if (pairs.length === 0) return [];
    // A host whose packets are bad spoils both directions: its answers are bad as well.
    const shared = analysis.present.length > 2 ? sharedHosts(analysis, pairs) : [];
    const hosts = shared.length === 1 ? shared : [...new Set(pairs.map((pair) => pair.from))];
    const stalled = pairs.filter((pair) => pair.tcp?.outcome === 'stalled').length;
    return {
      cause: 'checksum-offload',
      title: `${listAll(hosts)}: pings pass, TCP does not`,
      strength: 'pattern',
      evidence: [
        `${count(pairs.length, 'pair')}: pings of every size are answered, ${stalled > 0 ? 'a TCP transfer stalls' : 'TCP does not connect'}.`,
        ...(shared.length === 1 ? [`All of them are from or to ${listAll(shared)}.`] : []),
        'Some network interfaces (vmxnet3 among them) compute wrong checksums for TCP inside a tunnel; such packets are thrown away on arrival.',
      ],
      pairs,
      remedy: {
        text: 'Turn checksum offload off for the interface between the hosts, and check again. Make it last with the network configuration of the host.',
        commands: hosts.map((host) => ({
          host,
          label: 'offload off',
          command: `sudo ethtool -K ${linkName(underlayLinkOf(analysis, host)?.name)} tx-checksum-ip-generic off`,
        })),
      },
    };
  },
);

const linkName = (name: string | undefined): string => (name !== undefined && isLinkName(name) ? name : 'INTERFACE');
