import { overlaps, parseCidr } from '../../model/address';
import type { HostRoute } from '../../model/hostReading';
import { listOf, type Rule } from './view';

/**
 * A host has a route into the network's own address range: containers there cannot reach what lies behind that route any
 * more, or nobody reaches them (moby#27399, moby#50011).
 */
export const subnetOverlap: Rule = (view) => {
  const subnets = (view.facts.subnets ?? []).flatMap((text) => {
    const block = parseCidr(text);
    return block ? [{ text, block }] : [];
  });
  const found = (view.facts.readings ?? []).flatMap((reading) =>
    reading.routes.flatMap((route) => {
      const block = parseCidr(route.destination);
      const subnet = block && block.prefix > 0 ? subnets.find((one) => overlaps(one.block, block)) : undefined;
      return subnet ? [{ host: reading.host, route, subnet: subnet.text }] : [];
    }),
  );
  if (found.length === 0) return [];
  const hosts = [...new Set(found.map((one) => one.host))];
  return [
    {
      rule: 'subnet-overlap',
      title: `${listOf(hosts)}: the network’s addresses are in use outside of it`,
      confidence: 'likely',
      evidence: found.map(
        ({ host, route, subnet }) => `${host} has a route ${routeText(route)}, which overlaps the network’s ${subnet}.`,
      ),
      pairs: [],
      remedy: {
        text: 'Make the network anew with a subnet that no host has a route to, or remove the route where nobody needs it.',
        commands: hosts.map((host) => ({ host, label: 'routes', command: 'ip route' })),
      },
    },
  ];
};

const routeText = ({ destination, gateway, link }: HostRoute): string =>
  `${destination} ${gateway === undefined ? 'on' : `by ${gateway} on`} ${link}`;
