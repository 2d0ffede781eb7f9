import { describeError, isOverlayError, type OverlayError } from '../../base/errors';
import type { Network, NetworkSurvey } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import { subnetUse } from '../../model/network/networkUse';
import { overlayMtu, vxlanIds } from '../../model/network/overlayOptions';
import type { Cluster, ClusterNetwork, Topology } from '../../model/swarm/topology';
import { unseenNodes, userNames, usersOf, type NetworkSurveys } from '../../swarm/networks/networkUsers';

/** What a host answered: the network, that it does not list it, or why it could not be asked. */
export type HostAnswer =
  | { readonly kind: 'survey'; readonly survey: NetworkSurvey }
  | { readonly kind: 'notListed' }
  | { readonly kind: 'failed'; readonly error: OverlayError };

export interface NetworkAnswers {
  readonly hosts: ReadonlyMap<HostName, HostAnswer>;
  /** Or why no manager could say. */
  readonly services: NetworkSurveys['services'] | OverlayError;
}

/**
 * What is shown of a network: what differs between hosts first, then one view over all of them, and at the end each
 * engine's own words. Pure. Everything in it is text of daemons: it is shown as JSON and read by nobody.
 */
export function networkDocument(topology: Topology, item: ClusterNetwork, answers: NetworkAnswers): object {
  const cluster = topology.clusters.find((one) => one.id === item.clusterId);
  const { network } = item;
  const surveys = new Map(
    [...answers.hosts].flatMap(([host, one]) => (one.kind === 'survey' ? [[host, one.survey]] : [])),
  );
  const services = isOverlayError(answers.services) ? [] : answers.services;
  const users = usersOf(topology, item, {
    hosts: new Map([...surveys].map(([host, survey]) => [host, new Map([[network.id, survey]])])),
    services,
  });
  const serviceUse = isOverlayError(answers.services)
    ? { notRead: describeError(answers.services).happened }
    : services.filter((one) => one.networkIds.includes(network.id)).map(({ id, name }) => ({ id, name }));
  const used = users.addresses.map((one) => one.address);
  const { container, underlay } = overlayMtu(network);
  return {
    differences: cluster ? differences(topology, cluster, item, answers) : [],
    swarm: cluster?.name,
    network: {
      name: network.name,
      id: network.id,
      driver: network.driver,
      scope: network.scope,
      createdAt: network.createdAt,
      attachable: network.attachable,
      encrypted: network.encrypted,
      internal: network.internal,
      ingress: network.ingress,
      ipv6: network.ipv6,
      mtu: { betweenHosts: underlay, inContainers: container },
      vxlanIds: vxlanIds(network),
      dataPathPort: cluster?.dataPathPort,
      options: network.options,
      labels: network.labels,
    },
    subnets: network.subnets.flatMap((subnet) => {
      const use = subnetUse(subnet, used);
      if (!use) return [subnet];
      const counts = { used: String(use.used), free: String(use.free) };
      return [{ ...subnet, knownToConnectedHosts: counts, ...engineCount(subnet.subnet, surveys) }];
    }),
    addresses: users.addresses,
    services: serviceUse,
    usedBy: userNames(users),
    notConnected: cluster ? unseenNodes(topology, cluster) : [],
    hosts: Object.fromEntries([...answers.hosts].map(([host, answer]) => [host, hostPart(item, host, answer)])),
    engines: Object.fromEntries([...surveys].map(([host, survey]) => [host, survey.raw])),
  };
}

function hostPart(item: ClusterNetwork, host: HostName, answer: HostAnswer): object {
  if (answer.kind === 'failed') return { notAsked: describeError(answer.error).happened };
  if (answer.kind === 'notListed') return { materialised: false };
  const { endpoints, peers, own, stale } = answer.survey;
  return {
    materialised: item.places.find((place) => place.host === host)?.materialised ?? false,
    containers: endpoints.map(({ containerName, containerId, ipv4, ipv6 }) => ({
      name: containerName,
      id: containerId,
      ipv4,
      ...(ipv6 ? { ipv6 } : {}),
    })),
    loadBalancer: own,
    ...(stale.length > 0 ? { withoutContainer: stale } : {}),
    peers,
  };
}

/** Engines from API 1.52 on count for themselves. */
function engineCount(subnet: string, surveys: ReadonlyMap<HostName, NetworkSurvey>): object {
  const counts = [...surveys].flatMap(([host, { use = [] }]) =>
    use.filter((one) => one.subnet === subnet).map(({ used, free }) => [host, { used, free }] as const),
  );
  return counts.length > 0 ? { countedBy: Object.fromEntries(counts) } : {};
}

/** What hosts of one swarm should agree on and do not, a sentence each. */
function differences(topology: Topology, cluster: Cluster, item: ClusterNetwork, { hosts }: NetworkAnswers): string[] {
  const surveys = [...hosts].flatMap(([host, answer]) =>
    answer.kind === 'survey' ? [{ host, survey: answer.survey }] : [],
  );
  return [
    ...networksOfSameName(topology, cluster, item.network),
    ...surveys.flatMap(({ host, survey }) => otherSettings(host, survey, item.network)),
    ...missingPeers(topology, surveys),
    ...surveys.flatMap(({ host, survey }) => lostContainers(host, survey, item)),
  ];
}

/** Other networks of the same name: a container is attached to whichever its engine finds first. */
function networksOfSameName(topology: Topology, cluster: Cluster, { id, name }: Network): string[] {
  const listed = topology.hosts.flatMap(({ config, state, clusterId }) =>
    clusterId === cluster.id && state.kind === 'ready'
      ? state.snapshot.networks
          .filter((one) => one.name === name && one.id !== id)
          .map((one) => ({ host: config.name, one }))
      : [],
  );
  return listed.map(({ host, one }) => `${host} has another network named ${name}: ${one.driver}, id ${one.id}`);
}

function otherSettings(host: HostName, survey: NetworkSurvey, network: Network): string[] {
  const flags = ['name', 'driver', 'attachable', 'encrypted', 'internal', 'ingress', 'ipv6'] as const;
  const wrong = flags.filter((key) => survey[key] !== network[key]);
  const subnets = (one: Network) =>
    one.subnets
      .map(({ subnet, gateway }) => `${subnet} ${gateway ?? ''}`)
      .sort()
      .join();
  return [
    ...wrong.map((key) => `${host} says ${key} ${String(survey[key])}, the swarm ${String(network[key])}`),
    // A manager where nothing uses the network may not tell the gateway that Docker chose.
    ...(survey.peers.length > 0 && subnets(survey) !== subnets(network)
      ? [`${host} has the subnets ${subnets(survey) || 'none'}, the swarm ${subnets(network) || 'none'}`]
      : []),
  ];
}

/** A host that others list and one does not: gossip does not reach it (7946/tcp and udp), names of its containers stay unknown there. */
function missingPeers(
  topology: Topology,
  surveys: readonly { readonly host: HostName; readonly survey: NetworkSurvey }[],
): string[] {
  const inGossip = surveys.filter(({ survey }) => survey.peers.length > 0);
  const all = new Set(inGossip.flatMap(({ survey }) => survey.peers.map((peer) => peer.address)));
  const nameOf = (address: string) => {
    const host = topology.hosts.find(
      (one) => one.state.kind === 'ready' && one.state.snapshot.info.swarm.nodeAddress === address,
    );
    return host ? `${host.config.name} (${address})` : address;
  };
  return inGossip.flatMap(({ host, survey }) => {
    const own = new Set(survey.peers.map((peer) => peer.address));
    const missing = [...all].filter((address) => !own.has(address)).map(nameOf);
    return missing.length > 0
      ? [
          `${host} does not have ${missing.join(', ')} among its peers, other hosts do: check 7946/tcp and udp between them`,
        ]
      : [];
  });
}

/** A container that says it is in the network, which the network's own record does not know, and the other way round. */
function lostContainers(host: HostName, survey: NetworkSurvey, { places }: ClusterNetwork): string[] {
  const listed = places.find((place) => place.host === host)?.endpoints ?? [];
  const inNetwork = new Set(survey.endpoints.map((one) => one.containerId));
  const running = new Set(listed.map((one) => one.containerId));
  return [
    ...listed
      .filter((one) => !inNetwork.has(one.containerId))
      .map((one) => `${one.containerName} on ${host} says it is in the network, whose record there does not list it`),
    ...survey.endpoints
      .filter((one) => !running.has(one.containerId))
      .map((one) => `${one.containerName} is listed by the network on ${host}, where no such container runs`),
    ...survey.stale.map((one) => `${host} holds an endpoint without a container: ${one.name} ${one.address}`),
  ];
}
