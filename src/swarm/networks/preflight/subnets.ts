import { contains, overlapsCidr, parseCidr, type Cidr } from '../../../model/network/address';
import type { HostReading, HostRoute } from '../../../model/host/hostReading';
import type { Subnet } from '../../../model/engine/records';
import { overlapError, overlapsOf, validateParts, type Overlap } from '../networkRules';
import { connectedHosts, obstacle, type NetworkFinding, type PreflightContext } from './finding';
import { nextAutomaticSubnet } from './pools';

const chooseAnother = 'Choose a subnet that is free on all hosts.';

/** What the subnets of a new network lie over, host by host; and what the one would that Docker chooses. */
export function subnetFindings(context: PreflightContext): NetworkFinding[] {
  const { subnets } = context.request;
  const wrong = validateParts(subnets);
  if (wrong) return [obstacle('subnet', wrong)];
  return [
    ...subnets.flatMap((subnet) => findingsOf(context, subnet)),
    ...poolFindings(context),
    ...(subnets.length === 0 ? automaticFindings(context) : []),
  ];
}

function findingsOf(context: PreflightContext, { subnet }: Subnet): NetworkFinding[] {
  const block = parseCidr(subnet);
  if (!block) return [];
  return allOverlaps(context, block).map((overlap) => {
    if (!overlap.isBehindGateway) return obstacle('subnet', overlapError(subnet, overlap), overlap.host);
    return {
      severity: 'warning',
      about: 'subnet',
      host: overlap.host,
      text: `${subnet} overlaps ${overlap.name} (${overlap.taken}): containers there will not reach what lies behind it.`,
      remedy: chooseAnother,
    };
  });
}

interface FoundOverlap extends Overlap {
  /** Only containers lose what lies there, not the host itself. */
  readonly isBehindGateway?: boolean;
}

/** One a host is enough: the most telling comes first. */
function allOverlaps(context: PreflightContext, block: Cidr): FoundOverlap[] {
  const { topology, cluster, request, readings } = context;
  const known: FoundOverlap[] = overlapsOf(topology, cluster.id, block, (network) => isReplaced(request, network));
  const read = connectedHosts(context).flatMap(({ host }) => {
    const reading = readings.get(host);
    return reading ? overlapsOfHost(reading, block) : [];
  });
  const all = [...known, ...read];
  return all.filter((one, index) => all.findIndex((other) => other.host === one.host) === index);
}

const isReplaced = (request: PreflightContext['request'], network: { readonly ingress: boolean }): boolean =>
  request.ingress === true && network.ingress;

/** What a host itself has there: addresses of its links first, then its routes. */
function overlapsOfHost(reading: HostReading, block: Cidr): FoundOverlap[] {
  const { host, links, routes } = reading;
  const ofLinks = links.flatMap(({ name, addresses }) =>
    addresses
      .filter((address) => isNear(address) && overlapsCidr(block, address))
      .map((taken) => ({ host, name: `the link ${name} of ${host}`, taken })),
  );
  const ofRoutes = routes
    .filter(({ destination }) => isNear(destination) && overlapsCidr(block, destination))
    .map((route) => routeOverlap(host, route));
  return [...ofLinks, ...ofRoutes.sort((a, b) => Number(a.isBehindGateway) - Number(b.isBehindGateway))];
}

function routeOverlap(host: string, { destination, gateway, link }: HostRoute) {
  const way = gateway === undefined ? `on ${link}` : `through ${gateway}`;
  return { host, name: `a route of ${host} ${way}`, taken: destination, isBehindGateway: gateway !== undefined };
}

/** Neither the default route nor what every host has for itself. */
function isNear(text: string): boolean {
  const block = parseCidr(text);
  if (!block || block.prefix === 0) return false;
  const address = text.split('/')[0] ?? '';
  return !ownToEachHost.some((one) => contains(one, address));
}

const ownToEachHost = ['127.0.0.0/8', '169.254.0.0/16', '::1/128', 'fe80::/10', 'ff00::/8'].flatMap(
  (text) => parseCidr(text) ?? [],
);

/** A network that takes all there is for networks without a subnet of their own. */
function poolFindings({ topology, cluster, request }: PreflightContext): NetworkFinding[] {
  return poolsOf({ topology, cluster }).flatMap((pool): NetworkFinding[] => {
    const block = parseCidr(pool);
    const taken = request.subnets.find(({ subnet }) => {
      const own = parseCidr(subnet);
      return own && block && own.family === block.family && own.base <= block.base && own.last >= block.last;
    });
    if (!taken) return [];
    return [
      {
        severity: 'warning',
        about: 'subnet',
        text: `${taken.subnet} takes the whole address pool ${pool} of the swarm: later networks get no subnet by themselves.`,
        remedy: 'Choose a smaller subnet, or one outside of the pool.',
      },
    ];
  });
}

/** Docker looks at no host when it chooses: the classic is a swarm whose hosts live in 10.0.1.0/24. */
function automaticFindings(context: PreflightContext): NetworkFinding[] {
  const pools = poolsOf(context);
  const next = nextAutomaticSubnet(pools, takenBlocks(context));
  const block = next === undefined ? undefined : parseCidr(next);
  if (next === undefined || !block) return [];
  return allOverlaps(context, block).map(({ host, name, taken: other }) => ({
    severity: 'warning',
    about: 'subnet',
    host,
    text: `Docker will probably choose ${next} out of its pool ${pools.join(', ')}, which overlaps ${name} (${other}).`,
    remedy: 'Choose a subnet yourself (More options…).',
  }));
}

/** The address pools of the swarm as its connected managers know them. */
export function poolsOf(context: Pick<PreflightContext, 'topology' | 'cluster'>): readonly string[] {
  for (const { snapshot } of connectedHosts(context)) {
    const pools = snapshot.info.swarm.defaultAddressPools;
    if (pools && pools.length > 0) return pools;
  }
  return [];
}

/** Blocks of the swarm's networks. */
export function takenBlocks({ cluster }: Pick<PreflightContext, 'cluster'>): Cidr[] {
  return cluster.networks.flatMap(({ network }) => network.subnets.flatMap(({ subnet }) => parseCidr(subnet) ?? []));
}
