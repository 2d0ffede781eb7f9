import { linkCommand } from './linkDown';
import {
  cells,
  count,
  isClean,
  listOf,
  sharedHosts,
  underlayLinkOf,
  type MatrixView,
  type Rule,
  type SeenPair,
} from './view';

/** What the overlay adds to each packet, bytes; see `model/containerMtu`. */
const overhead = (isEncrypted: boolean): number => (isEncrypted ? 76 : 50);

/**
 * Small packets pass, full-size ones do not: a network between the hosts carries smaller packets than the overlay network
 * was made for (moby#41775, moby#36689). Logins work, and hang with the first long answer.
 */
export const mtu: Rule = (view) => {
  const pairs = view.tried.filter((pair) => pair.fullSize?.outcome === 'blocked' && isClean(view, pair));
  if (pairs.length === 0) return [];
  const promised = Math.max(...pairs.map((pair) => pair.fullSize?.mtu ?? 0));
  const needed = promised + overhead(view.facts.encrypted);
  const small = smallLinks(view, needed);
  const shared = sharedHosts(view, pairs);
  const hosts = small.length > 0 ? small.map(({ host }) => host) : shared.length === 1 ? shared : [];
  const size = underlaySize(view, pairs, small);
  const passed = Math.min(...pairs.map((pair) => pair.fullSize?.largest ?? 0));
  return [
    {
      rule: 'mtu',
      title: hosts.length > 0 ? `${listOf(hosts)}: large packets get lost (MTU)` : 'Large packets get lost (MTU)',
      confidence: 'certain',
      evidence: [
        `${count(pairs.length, 'pair')}: small packets pass, packets of ${promised} bytes do not${passed > 0 ? `; the largest that pass have ${passed} bytes` : ''}.`,
        `Containers send up to ${promised} bytes; with the overlay’s headers that takes ${needed} bytes between the hosts.`,
        ...small.map(({ host, link }) => `The interface ${link.name} of ${host} carries ${link.mtu} bytes.`),
      ],
      pairs: cells(pairs),
      remedy: {
        text:
          (small.length > 0
            ? `Let ${listOf(small.map(({ host, link }) => `${link.name} of ${host}`))} carry ${needed} bytes, where the network there allows it. Otherwise `
            : '') +
          `${small.length > 0 ? 'make' : 'Make'} the network anew with the driver option com.docker.network.driver.mtu=${size}: ` +
          'the MTU of an overlay network cannot be changed later.',
        commands: [
          ...small.flatMap(({ host, link }) =>
            linkCommand(host, link.name, `set ${link.name}`, `sudo ip link set dev ${link.name} mtu ${needed}`),
          ),
          ...hosts.slice(0, 1).map((host) => ({
            host,
            label: 'a network that fits',
            command: `docker network create --driver overlay --attachable --opt com.docker.network.driver.mtu=${size} NAME`,
          })),
        ],
      },
    },
  ];
};

/** Interfaces that hosts use in the swarm and that cannot carry what the network needs. */
function smallLinks(view: MatrixView, needed: number) {
  return view.present.flatMap((host) => {
    const link = underlayLinkOf(view, host);
    return link && link.mtu < needed ? [{ host, link }] : [];
  });
}

/**
 * The MTU between the hosts: the smallest that an interface says, or what measuring tells. Kernels let some bytes more
 * through than an interface says (room for a VLAN tag), so the measured figure is rounded down.
 */
function underlaySize(
  view: MatrixView,
  pairs: readonly SeenPair[],
  small: readonly { readonly link: { readonly mtu: number } }[],
): number {
  const passed = pairs.flatMap((pair) => pair.fullSize?.largest ?? []);
  const measured = Math.min(...passed) + overhead(view.facts.encrypted);
  const sizes = [...small.map(({ link }) => link.mtu), ...(passed.length > 0 ? [Math.floor(measured / 20) * 20] : [])];
  // Nothing passed but the smallest: what every line carries.
  return sizes.length > 0 ? Math.min(...sizes) : 1280;
}
