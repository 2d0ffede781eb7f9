import { overlaps, parseCidr } from '../../model/address';
import type { HostName } from '../../model/host';
import type { HostRoute } from '../../model/hostReading';
import type { Command } from './remedies';
import { cells, listOf, type MatrixView, type Rule } from './view';

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
  const refused = found.filter(({ host, route }) => isBridge(route.link) && couldNotAttach(view, host));
  const pairs = view.pairs.filter(({ from, to }) => refused.some(({ host }) => host === from || host === to));
  return [
    {
      rule: 'subnet-overlap',
      title: `${listOf(hosts)}: the network’s addresses are in use outside of it`,
      confidence: refused.length > 0 ? 'certain' : 'likely',
      evidence: [
        ...found.map(
          ({ host, route, subnet }) =>
            `${host} has a route ${routeText(route)}, which overlaps the network’s ${subnet}.`,
        ),
        ...(refused.length > 0
          ? [
              `${listOf([...new Set(refused.map(({ host }) => host))])}: Docker does not let a container join while a network of its own has these addresses.`,
            ]
          : []),
      ],
      pairs: cells(pairs),
      remedy: {
        text:
          'Make the network anew with a subnet that no host has a route to, or remove the route where nobody needs it; the one of a ' +
          'bridge network goes with that network.',
        commands: [
          ...hosts.map((host) => ({ host, label: 'routes', command: 'ip route' })),
          ...found.flatMap(({ host, route }) => removal(host, route.link)),
        ],
      },
    },
  ];
};

const routeText = ({ destination, gateway, link }: HostRoute): string =>
  `${destination} ${gateway === undefined ? 'on' : `by ${gateway} on`} ${link}${isBridge(link) ? ', a bridge network of Docker' : ''}`;

/** As Docker names them: the default one, and `br-` with the network's id. */
const isBridge = (link: string): boolean => /^(docker0|br-[0-9a-f]{12})$/.test(link);

/** The id of a bridge network is in the name of its interface; Docker refuses while a container uses it. */
function removal(host: HostName, link: string): Command[] {
  const id = /^br-([0-9a-f]{12})$/.exec(link)?.[1];
  return id === undefined ? [] : [{ host, label: 'remove the bridge network', command: `docker network rm ${id}` }];
}

const couldNotAttach = (view: MatrixView, host: HostName): boolean =>
  view.hosts.some((row) => row.host === host && row.problem?.reason === 'probeAttachTimeout');
