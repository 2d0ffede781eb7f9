import { count, listAll } from '../../../base/text/words';
import { overlayOverhead } from '../../../model/network/overlayOptions';
import { isClean, sharedHosts, type Analysis, type PairWithVerdict } from '../../analysis';
import { underlayLinkOf } from '../../hosts';
import { isLinkName, type Command } from '../../remedies/command';
import { rule } from '../../rule';

/** Measurements that differ by no more than this are the same, bytes: kernels let some more through than they say. */
const tolerance = 24;

/**
 * Small packets pass, full-size ones do not: a network between the hosts carries smaller packets than the overlay network
 * was made for (moby#41775, moby#36689). Logins work, and hang with the first long answer.
 */
export const mtu = rule(
  {
    cuts: 'The containers of the network, which must move to the new one. No interface is changed: one that is told to send more than its network carries loses large packets, the SSH session to the host with them.',
    opens: 'Nothing; the new network is encrypted, internal and attachable where this one is.',
    undo: 'The network of before stays until it is removed.',
  },
  (analysis) => {
    const pairs = analysis.tried.filter((pair) => pair.fullSize?.outcome === 'blocked' && isClean(analysis, pair));
    if (pairs.length === 0) return [];
    const promised = pairs.reduce((most, pair) => Math.max(most, pair.fullSize?.mtu ?? 0), 0);
    const needed = promised + overlayOverhead(analysis.facts.encrypted);
    const links = underlayLinks(analysis);
    const small = links.filter(({ link }) => link.mtu < needed);
    const shared = sharedHosts(analysis, pairs);
    const hosts = small.length > 0 ? small.map(({ host }) => host) : shared.length === 1 ? shared : [];
    const { largest, isAgreed } = largestOf(pairs);
    const size = underlaySize(analysis, largest, small);
    const isOdd = small.length > 0 && small.length < links.length;
    return {
      cause: 'mtu',
      title: hosts.length > 0 ? `${listAll(hosts)}: large packets get lost (MTU)` : 'Large packets get lost (MTU)',
      strength: isAgreed || small.length > 0 ? 'measured' : 'pattern',
      evidence: [
        `${count(pairs.length, 'pair')}: small packets pass, packets of ${promised} bytes do not${largest === undefined ? '' : `; the largest that pass have ${largest} bytes`}.`,
        `Containers send up to ${promised} bytes; with the overlay’s headers that takes ${needed} bytes between the hosts.`,
        ...small.map(({ host, link }) => `The interface ${link.name} of ${host} carries ${link.mtu} bytes.`),
      ],
      pairs,
      remedy: {
        text:
          `Recreate the network with the driver option com.docker.network.driver.mtu=${size}, and let the containers move to it: ` +
          `the MTU of an overlay network cannot be changed later.${subnetText(analysis)}` +
          (isOdd
            ? ` Where the others’ interfaces carry ${needed} bytes and ${listAll(small.map(({ host, link }) => `${link.name} of ${host}`))} less by mistake, that may be ` +
              'mended in its network configuration, after asking who runs that network whether it carries so much.'
            : ''),
        commands: [
          ...createCommand(analysis, hosts, size),
          ...small.flatMap(({ host, link }) => lookCommand(host, link.name)),
        ],
      },
    };
  },
);

/** Networks are made on a manager. */
function createCommand(analysis: Analysis, hosts: readonly string[], size: number): Command[] {
  const host = analysis.facts.managers?.[0] ?? hosts[0] ?? analysis.present[0];
  if (host === undefined) return [];
  const { encrypted, network, subnets = [] } = analysis.facts;
  // One that has no way out must get none; where nothing is known, nothing is printed that may be another kind of network.
  if (!network) return [];
  const words = [
    'docker network create --driver overlay',
    ...(network.attachable ? ['--attachable'] : []),
    ...(network.internal ? ['--internal'] : []),
    ...(network.ipv6 ? ['--ipv6'] : []),
    ...(encrypted ? ['--opt encrypted'] : []),
    ...subnets.map(() => '--subnet NEW_SUBNET'),
    `--opt com.docker.network.driver.mtu=${size} NEW_NETWORK`,
  ];
  return [{ host, label: 'a network that fits', command: words.join(' ') }];
}

/** While both networks are there they cannot have the same addresses. */
function subnetText({ facts: { subnets = [] } }: Analysis): string {
  return subnets.length === 0
    ? ''
    : ` In the place of NEW_SUBNET goes a free one of the same size as ${listAll(subnets)}${subnets.length > 1 ? ', each in its turn' : ''}.`;
}

const lookCommand = (host: string, link: string): Command[] =>
  isLinkName(link) ? [{ host, label: `show ${link}`, command: `ip -d link show dev ${link}` }] : [];

/** The interfaces that hosts use in the swarm, where they were read. */
const underlayLinks = (analysis: Analysis) =>
  analysis.present.flatMap((host) => {
    const link = underlayLinkOf(analysis, host);
    return link ? [{ host, link }] : [];
  });

/**
 * The largest packet that passes: the smallest figure that two pairs agree on, for one pair may have measured badly. Where
 * no two agree it is the middle one, and not sure.
 */
function largestOf(pairs: readonly PairWithVerdict[]): { readonly largest?: number; readonly isAgreed: boolean } {
  const sizes = pairs.flatMap((pair) => pair.fullSize?.largest ?? []).sort((a, b) => a - b);
  const agreed = sizes.find((size, index) => (sizes[index + 1] ?? Infinity) - size <= tolerance);
  const largest = agreed ?? sizes[Math.floor(sizes.length / 2)];
  return { ...(largest !== undefined && { largest }), isAgreed: agreed !== undefined };
}

/**
 * The MTU between the hosts: the smallest that an interface says, or what measuring tells. Kernels let some bytes more
 * through than an interface says (room for a VLAN tag), so the measured figure is rounded down.
 */
function underlaySize(
  analysis: Analysis,
  largest: number | undefined,
  small: readonly { readonly link: { readonly mtu: number } }[],
): number {
  const measured =
    largest === undefined ? [] : [Math.floor((largest + overlayOverhead(analysis.facts.encrypted)) / 20) * 20];
  const sizes = [...small.map(({ link }) => link.mtu), ...measured];
  // Nothing passed but the smallest: what every line carries.
  return sizes.length > 0 ? Math.min(...sizes) : 1280;
}
