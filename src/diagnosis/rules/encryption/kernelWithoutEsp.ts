import { rule } from '../../rule';
import { deadPairsOf } from '../../analysis';
import { count, listAll } from '../../../base/text/words';
import { factsOf, hasEsp } from '../../hosts';
import { kernelConfigOfEsp } from '../../remedies/engine';

/**
 * An encrypted network needs IPsec ESP in the kernel. Where it is missing, creating and attaching succeed, and every
 * packet between hosts is lost (the engine's log has "Failed Adding rSA ... function not implemented").
 */
export const kernelWithoutEsp = rule(
  {
    cuts: 'The host while it boots another kernel. A network without encryption lets whoever is between the hosts read along, and the text says so.',
    opens: 'Nothing.',
    undo: 'Boot the kernel of before.',
  },
  (analysis) => {
    if (!analysis.facts.encrypted) return [];
    const hosts = analysis.cut.filter((host) => hasEsp(analysis, host) === false);
    if (hosts.length === 0) return [];
    const pairs = deadPairsOf(analysis, hosts);
    return {
      cause: 'kernel-without-esp',
      title: `${listAll(hosts)}: the kernel cannot encrypt (no ESP)`,
      strength: 'measured',
      evidence: [
        ...hosts.map((host) => {
          const { kernel } = factsOf(analysis, host);
          return `The kernel of ${host}${kernel ? ` (${kernel})` : ''} is built without CONFIG_INET_ESP.`;
        }),
        `${count(pairs.length, 'pair')} from and to ${listAll(hosts)} lose every packet; the network is encrypted, which needs ESP on every host.`,
      ],
      pairs,
      remedy: {
        text: 'Boot a kernel with CONFIG_INET_ESP there, or use a network without encryption between these hosts where nobody can read along.',
        commands: hosts.map(kernelConfigOfEsp),
      },
    };
  },
);
