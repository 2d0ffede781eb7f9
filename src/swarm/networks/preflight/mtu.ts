import { containerMtu, defaultUnderlayMtu, underlayMtuOf } from '../../../model/network/overlayOptions';
import type { HostName } from '../../../model/host/host';
import type { HostLink } from '../../../model/host/hostReading';
import { connectedHosts, type NetworkAdvice, type PreflightContext } from './finding';

/** Hosts whose link between the hosts carries less than the network is made for: full-size packets are lost there. */
export function mtuFindings(context: PreflightContext): NetworkAdvice[] {
  const { options, encrypted } = context.request;
  const wanted = underlayMtuOf(options) ?? defaultUnderlayMtu;
  const links = underlayLinks(context);
  const smallest = Math.min(...links.map(({ link }) => link.mtu));
  return links
    .filter(({ link }) => link.mtu < wanted)
    .map(({ host, link }) => ({
      severity: 'warning',
      about: 'mtu',
      host,
      text: `${link.name} of ${host} carries ${link.mtu} bytes and the network is made for ${wanted}: full-size packets of containers are lost there.`,
      remedy: `Set the MTU between the hosts to ${smallest} (More options…); containers then get ${containerMtu(smallest, encrypted)}.`,
      short: `${host}'s ${link.name} carries ${link.mtu} only`,
    }));
}

/** The smallest MTU of the links between the hosts, bytes; undefined when none was looked at. */
export function smallestUnderlayMtu(
  context: Pick<PreflightContext, 'topology' | 'cluster' | 'readings'>,
): number | undefined {
  const mtus = underlayLinks(context).map(({ link }) => link.mtu);
  return mtus.length > 0 ? Math.min(...mtus) : undefined;
}

/** The link of each host that has the address the other nodes know. Behind NAT none has it, and nothing is known. */
function underlayLinks(
  context: Pick<PreflightContext, 'topology' | 'cluster' | 'readings'>,
): { host: HostName; link: HostLink }[] {
  return connectedHosts(context).flatMap(({ host, snapshot }) => {
    const { nodeAddress } = snapshot.info.swarm;
    const link = context.readings
      .get(host)
      ?.links.find(({ addresses }) => addresses.some((address) => address.split('/')[0] === nodeAddress));
    return link && nodeAddress !== '' ? [{ host, link }] : [];
  });
}
