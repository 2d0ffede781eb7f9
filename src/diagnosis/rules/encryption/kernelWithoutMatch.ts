import { packetMatches } from '../../../model/engine/engineFaults';
import type { HostName } from '../../../model/host/host';
import { rule } from '../../rule';
import { deadPairsOf, type Analysis } from '../../analysis';
import { count, listAll } from '../../../base/text/words';
import { factsOf, readingOf } from '../../hosts';

/**
 * Docker finds the packets to encrypt by a kernel module (xt_u32, later xt_bpf). Without it the host neither marks what it
 * sends nor takes in what the others encrypt.
 */
export const kernelWithoutMatch = rule(
  {
    cuts: 'Nothing by loading a module. A network without encryption lets whoever is between the hosts read along, and the text says so.',
    opens: 'Nothing.',
    undo: 'sudo modprobe -r xt_u32 xt_bpf',
  },
  (analysis) => {
    if (!analysis.facts.encrypted) return [];
    const missing = new Map(analysis.cut.flatMap((host) => missingAt(analysis, host)));
    if (missing.size === 0) return [];
    const hosts = [...missing.keys()];
    const pairs = deadPairsOf(analysis, hosts);
    return {
      cause: 'kernel-without-packet-match',
      title: `${listAll(hosts)}: the kernel lacks a module that encryption needs`,
      strength: 'measured',
      evidence: [
        ...[...missing].map(
          ([host, modules]) =>
            `The kernel of ${host} has no ${modules.join(' and no ')}, by which Docker ${factsOf(analysis, host).engineVersion ?? ''} finds the packets to encrypt.`,
        ),
        `${count(pairs.length, 'pair')} from and to ${listAll(hosts)} lose every packet; the network is encrypted.`,
      ],
      pairs,
      remedy: {
        text:
          'Install the further modules of the kernel there (kernel-modules-extra, linux-modules-extra), or use a network without ' +
          'encryption where nobody between the hosts can read along.',
        commands: [...missing].map(([host, modules]) => ({
          host,
          label: 'load it',
          command: modules.map((module) => `sudo modprobe ${module}`).join(' || '),
        })),
      },
    };
  },
);

/** The modules of which the host's version of Docker needs one, when it is known that none is there. */
function missingAt(analysis: Analysis, host: HostName): (readonly [HostName, string[]])[] {
  const version = factsOf(analysis, host).engineVersion;
  const features = readingOf(analysis, host)?.features;
  if (version === undefined || features === undefined) return [];
  const usable = packetMatches(version);
  if (!usable.every((feature) => features[feature] === false)) return [];
  return [[host, usable.map((feature) => (feature === 'xtU32' ? 'xt_u32' : 'xt_bpf'))]];
}
