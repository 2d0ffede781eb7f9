import type { Container, HostSnapshot, Network, NetworkEndpoint } from '../../model/engine/records';
import { labels } from '../../model/engine/records';
import type { NetworkPlace } from '../../model/swarm/topology';
import { compareNames } from './order';
import { isActiveManager, type Member } from './clusters';

/** Docker labels each task of a service with the service's name. */
const serviceNameLabel = 'com.docker.swarm.service.name';

/** One host's part in all networks, worked out once for each of its snapshots. */
interface HostPlaces {
  readonly host: string;
  readonly listed: ReadonlySet<string>;
  readonly endpoints: ReadonlyMap<string, readonly NetworkEndpoint[]>;
  readonly places: Map<string, NetworkPlace>;
}

/**
 * Of many hosts only a few change at a time: what the others' snapshots say is kept, and their places stay the same
 * objects, which makes comparing two topologies cheap as well.
 */
const known = new WeakMap<HostSnapshot, HostPlaces>();

/** Where a network is on a host. A manager lists all networks of the swarm, a worker those that something there uses. */
export function networkPlaceOf(member: Member, network: Network): NetworkPlace {
  const host = placesOf(member);
  let place = host.places.get(network.id);
  if (!place) {
    const endpoints = host.endpoints.get(network.id) ?? [];
    const isListed = host.listed.has(network.id);
    const materialised = endpoints.length > 0 || (isListed && (network.ingress || !isActiveManager(member)));
    place = { host: host.host, materialised, endpoints };
    host.places.set(network.id, place);
  }
  return place;
}

function placesOf({ snapshot, config }: Member): HostPlaces {
  const found = known.get(snapshot);
  if (found?.host === config.name) return found;
  const made: HostPlaces = {
    host: config.name,
    listed: new Set(snapshot.networks.map((network) => network.id)),
    endpoints: endpointsByNetwork(snapshot.containers),
    places: new Map(),
  };
  known.set(snapshot, made);
  return made;
}

function endpointsByNetwork(containers: readonly Container[]): Map<string, NetworkEndpoint[]> {
  const result = new Map<string, NetworkEndpoint[]>();
  for (const container of containers) {
    if (container.state !== 'running' && container.state !== 'paused') continue;
    // A container is in a network once; should a daemon say otherwise, the first counts.
    const seen = new Set<string>();
    for (const attached of container.networks) {
      if (seen.has(attached.networkId)) continue;
      seen.add(attached.networkId);
      const list = result.get(attached.networkId) ?? [];
      list.push(endpointOf(container, attached));
      result.set(attached.networkId, list);
    }
  }
  for (const list of result.values()) list.sort((a, b) => compareNames(a.containerName, b.containerName));
  return result;
}

function endpointOf(container: Container, attached: { ipv4: string; ipv6: string }): NetworkEndpoint {
  const service = container.labels[serviceNameLabel];
  return {
    containerId: container.id,
    containerName: container.name,
    ipv4: attached.ipv4,
    ipv6: attached.ipv6,
    isTestContainer: labels.run in container.labels || labels.testContainer in container.labels,
    ...(service === undefined ? {} : { service }),
  };
}
