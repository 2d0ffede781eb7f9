import { parseCidr, usableAddresses } from '../../../model/network/address';
import { rule } from '../../rule';
import { pairsWith } from '../../analysis';
import { count, listAll } from '../../../base/text/words';

/**
 * The network has fewer addresses than a test container on each host needs. A container then waits for its place until
 * Docker gives up, and the engine's words do not say why. Docker takes one address more on each host that uses the
 * network, for its load balancer.
 */
export const tooFewAddresses = rule(
  {
    cuts: 'The containers of the network, which must move to the new one.',
    opens: 'Nothing.',
    undo: 'The network of before stays until it is removed.',
  },
  (analysis) => {
    const hosts = analysis.hosts
      .filter(({ problem }) => problem?.reason === 'probeAttachTimeout')
      .map(({ host }) => host);
    const subnets = (analysis.facts.subnets ?? []).flatMap((text) => {
      const block = parseCidr(text);
      return block?.family === 4 ? [{ text, size: usableAddresses(block) }] : [];
    });
    if (hosts.length === 0 || subnets.length === 0) return [];
    const others = analysis.facts.endpoints?.length ?? 0;
    const needed = 2 * analysis.hosts.length + others;
    const size = subnets.reduce((sum, one) => sum + one.size, 0n);
    if (BigInt(needed) <= size) return [];
    const pairs = pairsWith(analysis.pairs, hosts);
    return {
      cause: 'too-few-addresses',
      title: `${listAll(hosts)}: the network has no address left for a container`,
      strength: 'pattern',
      evidence: [
        `${listAll(subnets.map(({ text }) => text))} ${subnets.length === 1 ? 'has' : 'have'} ${size} addresses for containers and load balancers.`,
        `A test container and a load balancer on each of ${analysis.hosts.length} hosts${others > 0 ? `, and ${count(others, 'other container')},` : ''} need ${needed}.`,
        `The test ${hosts.length === 1 ? 'container' : 'containers'} on ${listAll(hosts)} waited for an address in vain.`,
      ],
      pairs,
      remedy: {
        text: 'Recreate the network with a larger subnet: it cannot be changed later. Until then verify fewer hosts at a time.',
        commands: [],
      },
    };
  },
);
