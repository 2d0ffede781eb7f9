import { parseCidr, type Cidr } from '../../../model/network/address';
import { connectedHosts, type PreflightContext } from './finding';
import { firstFree, ipv4Block } from './pools';
import { poolsOf, takenBlocks } from './subnets';

type View = Pick<PreflightContext, 'topology' | 'cluster' | 'readings'>;

/** Where to look when the swarm's own pools have no room: private ranges (RFC 1918), and the one for tests of networks (RFC 2544). */
const furtherRanges = ['172.16.0.0/12', '192.168.0.0/16', '10.0.0.0/8', '198.18.0.0/15'];

/** Routes to so much are default routes by another name, as VPNs set them: they do not say that anybody lives there. */
const widestPlace = 8;

/**
 * Subnets for networks of our own: free in the swarm and on all of its hosts as far as they are known, also behind their gateways.
 * Docker itself looks at no host when it chooses.
 *
 * @param addresses how many each must have
 * @returns fewer than `count` when there are not so many.
 */
export function freeSubnets(view: View, count: number, addresses: number): string[] {
  const prefix = Math.min(24, 32 - Math.ceil(Math.log2(addresses)));
  const taken = blocksInUse(view);
  const found: string[] = [];
  for (const range of [...poolsOf(view), ...furtherRanges].flatMap((text) => parseCidr(text) ?? [])) {
    if (range.family !== 4 || range.prefix > prefix) continue;
    for (let free = firstFree(range, taken, prefix); free && found.length < count;) {
      found.push(ipv4Block(free));
      taken.push(free);
      free = firstFree(range, taken, prefix);
    }
  }
  return found;
}

function blocksInUse(view: View): Cidr[] {
  const ofHosts = connectedHosts(view).flatMap(({ host, snapshot }) => {
    const reading = view.readings.get(host);
    return [
      ...snapshot.networks.flatMap(({ subnets }) => subnets.map(({ subnet }) => subnet)),
      ...aroundOf(snapshot.info.swarm.nodeAddress),
      ...(reading?.links.flatMap(({ addresses }) => addresses) ?? []),
      ...(reading?.routes.map(({ destination }) => destination) ?? []),
    ];
  });
  const ofNodes = view.cluster.nodes.flatMap(({ node }) => aroundOf(node.address));
  const blocks = [...ofHosts, ...ofNodes].flatMap((text) => parseCidr(text) ?? []);
  return [...takenBlocks(view), ...blocks.filter((block) => block.family === 4 && block.prefix > widestPlace)];
}

/** What certainly is near an address whose network nobody has told. */
const aroundOf = (address: string): string[] => (address === '' ? [] : [`${address}/24`]);
