import { createHash } from 'node:crypto';
import { OverlayError } from '../../../base/errors';
import { parseCidr } from '../../../model/network/address';
import { connectedHosts, obstacle, type NetworkFinding, type PreflightContext } from './finding';
import { nextAutomaticSubnet, uniqueLocalSubnet } from './pools';
import { poolsOf, takenBlocks } from './subnets';

/**
 * IPv6 in overlay networks, as measured: 20.10.24 and 26.1.5 choose no IPv6 subnet, and attaching fails unless the
 * network has been given one of each kind; then containers of different hosts get the same IPv6 addresses. 28.5.2 lets every host make up an IPv6 subnet of its own, between which
 * nothing passes, and never gets done with a network that was given one ("cannot find address pool").
 */
export function ipv6Findings(context: PreflightContext): NetworkFinding[] {
  const { request } = context;
  const families = request.subnets.map(({ subnet }) => parseCidr(subnet)?.family);
  const hasSix = families.includes(6);
  if (!request.ipv6) return hasSix ? [advice('IPv6 is off', 'Switch IPv6 on, or leave the IPv6 subnet out.')] : [];
  const version = leaderVersion(context);
  const isNew = Number(/^\d+/.exec(version ?? '')?.[0] ?? 0) >= 27;
  if (isNew && request.subnets.length === 0) {
    return [
      {
        severity: 'warning',
        about: 'subnet',
        text: `Docker ${version} lets every host choose an IPv6 subnet of its own: by IPv6 containers of different hosts do not reach each other.`,
        remedy: 'Use the IPv4 addresses between hosts.',
      },
    ];
  }
  if (!hasSix || !families.includes(4)) return [missing(context)];
  if (!isNew) {
    return [
      {
        severity: 'warning',
        about: 'subnet',
        text: `Docker ${version ?? 'of this swarm'} lets every host choose IPv6 addresses by itself: containers of different hosts get the same ones and do not reach each other by them.`,
        remedy: 'Use the IPv4 addresses between hosts.',
      },
    ];
  }
  return [
    {
      severity: 'warning',
      about: 'subnet',
      text: `Docker ${version} may not get done with an IPv6 subnet: 28.5.2 gives such a network no addresses at all.`,
      remedy: 'Leave IPv6 out. If it gets no addresses it is removed again.',
    },
  ];
}

const advice = (what: string, remedy: string): NetworkFinding => ({
  severity: 'warning',
  about: 'subnet',
  text: `${what}: containers get no addresses of the IPv6 subnet.`,
  remedy,
});

function missing(context: PreflightContext): NetworkFinding {
  const { subnets, name } = context.request;
  const needed = proposedSubnets(context).filter(
    ({ family }) => !subnets.some((one) => parseCidr(one.subnet)?.family === family),
  );
  return obstacle('subnet', new OverlayError('ipv6SubnetNeeded', { name, items: needed.map(({ subnet }) => subnet) }));
}

/**
 * A free subnet of each kind for a network with IPv6. Made of the swarm's id and the number of its networks, so that the
 * proposal is the same each time it is shown.
 */
export function proposedSubnets(
  context: Pick<PreflightContext, 'topology' | 'cluster'>,
): readonly { readonly family: 4 | 6; readonly subnet: string }[] {
  const four =
    nextAutomaticSubnet(poolsOf(context), takenBlocks(context)) ??
    nextAutomaticSubnet(['10.0.0.0/8'], takenBlocks(context));
  const { id, networks } = context.cluster;
  const seed = createHash('sha256').update(`${id} ${networks.length}`).digest();
  return [
    ...(four === undefined ? [] : [{ family: 4 as const, subnet: four }]),
    { family: 6, subnet: uniqueLocalSubnet(seed) },
  ];
}

/** The leader gives a network its addresses. */
function leaderVersion(context: PreflightContext): string | undefined {
  const [leader] = context.cluster.managerHosts;
  return connectedHosts(context).find(({ host }) => host === leader)?.snapshot.info.serverVersion;
}
