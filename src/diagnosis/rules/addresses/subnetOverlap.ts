import { contains, overlaps, parseCidr, type Cidr } from '../../../model/network/address';
import type { HostName } from '../../../model/host/host';
import type { HostReading, HostRoute } from '../../../model/host/hostReading';
import type { Command } from '../../remedies/command';
import { rule } from '../../rule';
import { couldNotAttach } from '../../hosts';
import { listAll } from '../../../base/text/words';
import { measuredIf } from '../../explanation';

/**
 * A host has a route into the network's own address range: containers there cannot reach what lies behind that route any
 * more, or nobody reaches them (moby#27399, moby#50011). A wider route, as one to all of a company's 10.0.0.0/8, is not in
 * the way: the network's own is the more exact one.
 */
export const subnetOverlap = rule(
  {
    cuts: 'Docker removes no network that a running container uses; one that is stopped cannot start without it, and the text says to look. A new network: its containers must move.',
    opens: 'Nothing.',
    undo: 'docker network create, with the same subnet and name',
  },
  (analysis) => {
    const subnets = (analysis.facts.subnets ?? []).flatMap((text) => {
      const block = parseCidr(text);
      return block ? [{ text, block }] : [];
    });
    const found = (analysis.facts.readings ?? []).flatMap((reading) =>
      reading.routes.flatMap((route) => {
        const block = parseCidr(route.destination);
        const subnet = block && subnets.find((one) => overlaps(one.block, block));
        const isInTheWay =
          subnet && block && (block.prefix >= subnet.block.prefix || isAmong(reading, route, subnet.block));
        return isInTheWay ? [{ host: reading.host, route, subnet: subnet.text }] : [];
      }),
    );
    if (found.length === 0) return [];
    const hosts = [...new Set(found.map((one) => one.host))];
    const refused = found.filter(({ host, route }) => isBridge(route.link) && couldNotAttach(analysis).includes(host));
    const pairs = analysis.pairs.filter(({ from, to }) => refused.some(({ host }) => host === from || host === to));
    return {
      cause: 'subnet-overlap',
      title: `${listAll(hosts)}: the network’s addresses are in use outside of it`,
      strength: measuredIf(refused.length > 0),
      evidence: [
        ...found.map(
          ({ host, route, subnet }) =>
            `${host} has a route ${routeText(route)}, which overlaps the network’s ${subnet}.`,
        ),
        ...(refused.length > 0
          ? [
              `${listAll([...new Set(refused.map(({ host }) => host))])}: Docker does not let a container join while a network of its own has these addresses.`,
            ]
          : []),
      ],
      pairs,
      remedy: {
        text:
          'Recreate the network with a subnet that no host has a route to. Or remove the route where nobody needs it: that of a bridge ' +
          'network goes with that network, which no container may still need, not even a stopped one.',
        commands: [
          ...hosts.map((host) => ({ host, label: 'routes', command: 'ip route' })),
          ...found.flatMap(({ host, route }) => removal(host, route.link)),
        ],
      },
    };
  },
);

const routeText = ({ destination, gateway, link }: HostRoute): string =>
  `${destination} ${gateway === undefined ? 'on' : `by ${gateway} on`} ${link}${isBridge(link) ? ', a bridge network of Docker' : ''}`;

/** The host lives there itself: the route belongs to an interface with an address of the network's own range. */
function isAmong({ links }: HostReading, { gateway, link }: HostRoute, subnet: Cidr): boolean {
  if (gateway !== undefined) return false;
  const addresses = links.find(({ name }) => name === link)?.addresses ?? [];
  return addresses.some((cidr) => contains(subnet, cidr.split('/')[0] ?? ''));
}

/** As Docker names them: the default one, and `br-` with the network's id. */
const isBridge = (link: string): boolean => /^(docker0|br-[0-9a-f]{12})$/.test(link);

/** The id of a bridge network is in the name of its interface; Docker refuses while a container uses it. */
function removal(host: HostName, link: string): Command[] {
  const id = /^br-([0-9a-f]{12})$/.exec(link)?.[1];
  if (id === undefined) return [];
  return [
    { host, label: 'who uses it', command: `docker ps --all --filter network=${id}` },
    { host, label: 'remove the bridge network', command: `docker network rm ${id}` },
  ];
}
