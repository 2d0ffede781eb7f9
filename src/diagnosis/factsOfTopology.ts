import { labels } from '../model/engine/records';
import type { Cluster, ClusterNetwork, HostView, Topology } from '../model/swarm/topology';
import type { EndpointFacts, HostFacts, VerifyFacts } from './facts';

/** What the topology knows that a diagnosis can use: nothing is asked for it. Pure. */
export function factsOfTopology(topology: Topology, cluster: Cluster, item: ClusterNetwork): VerifyFacts {
  const { network } = item;
  const views = topology.hosts.filter((view) => view.clusterId === cluster.id);
  return {
    dataPathPort: cluster.dataPathPort,
    encrypted: network.encrypted,
    subnets: network.subnets.map((subnet) => subnet.subnet),
    hosts: views.flatMap((view) => hostFacts(view, cluster, item)),
    endpoints: views.flatMap((view) => endpointsOf(view, network.id)),
    managers: cluster.managerHosts,
    ghosts: cluster.nodes.flatMap(({ node, ghost }) =>
      ghost
        ? [
            {
              nodeId: node.id,
              hostname: node.hostname,
              ...(ghost.host !== undefined && { host: ghost.host }),
              ...((node.manager !== undefined || node.role === 'manager') && { isManager: true }),
              ...(ghost.by === 'attempt' && { isAttempt: true }),
            },
          ]
        : [],
    ),
  };
}

function hostFacts({ config, state, node }: HostView, cluster: Cluster, item: ClusterNetwork): HostFacts[] {
  if (state.kind !== 'ready') return [];
  const { info } = state.snapshot;
  const address = info.swarm.nodeAddress;
  const place = item.places.find((one) => one.host === config.name);
  // What a manager last knew of the nodes may be long ago.
  const listed = cluster.stale ? undefined : (cluster.nodes.find((one) => one.host === config.name)?.node ?? node);
  return [
    {
      host: config.name,
      engineVersion: info.serverVersion,
      kernel: info.kernelVersion,
      ...(address && { address }),
      ...(listed && { nodeState: listed.state, availability: listed.availability }),
      ...(listed?.stateMessage && { nodeMessage: listed.stateMessage }),
      ...(place && { usedNetworkBefore: place.materialised && place.endpoints.length > 0 }),
    },
  ];
}

/** Running containers in the network, also those that the network itself was not asked for. */
function endpointsOf({ config, state }: HostView, networkId: string): EndpointFacts[] {
  if (state.kind !== 'ready') return [];
  return state.snapshot.containers.flatMap((container) => {
    if (labels.run in container.labels || container.state !== 'running') return [];
    const place = container.networks.find((one) => one.networkId === networkId);
    if (!place) return [];
    return [
      { host: config.name, name: container.name, addresses: [place.ipv4, place.ipv6].filter((one) => one !== '') },
    ];
  });
}
