import { listAll } from '../../../base/text/words';
import type { Cluster, ClusterNetwork, Topology } from '../../../model/swarm/topology';
import { unseenNodes, userNames, usersOf, type NetworkSurveys } from '../../networks/networkUsers';
import { clusterById, requireManagers } from '../../topology/lookup';
import { defaultPlanTimes, distinct, type Planner } from '../plan';
import { removeNetworkStep } from './removeNetworkStep';

/** Networks of a swarm, sorted by whether anything is known to use them. */
export interface PruneProposal {
  readonly unused: readonly ClusterNetwork[];
  /** Without ingress. `by`: "alpine1 on node1", "the service web". */
  readonly used: readonly { readonly item: ClusterNetwork; readonly by: readonly string[] }[];
  /** Nodes that were not asked: what runs there keeps Docker from removing a network all the same. */
  readonly unseen: readonly string[];
}

/** Which networks nothing is known to use: no container, running or stopped, on any connected host, and no service. */
export function pruneProposal(topology: Topology, cluster: Cluster, surveys: NetworkSurveys): PruneProposal {
  const judged = cluster.networks
    .filter(({ network }) => !network.ingress)
    .map((item) => {
      const users = usersOf(topology, item, surveys);
      const by = [
        ...users.services.map((name) => `the service ${name}`),
        ...userNames(users),
        ...users.stopped.map(({ name, host }) => `${name} on ${host}, which is stopped`),
      ];
      return { item, by };
    });
  return {
    unused: judged.filter(({ by }) => by.length === 0).map(({ item }) => item),
    used: judged.filter(({ by }) => by.length > 0),
    unseen: unseenNodes(topology, cluster),
  };
}

/**
 * Removes networks by id. A step whose network is used by then fails with `networkInUse` or `networkHasServices`, and
 * touches nothing: a manager refuses to remove what a container or service of any node uses.
 *
 * @throws invalidArguments, noReachableManager, quorumLost.
 */
export const planPruneNetworks: Planner<{
  readonly clusterId: string;
  readonly networks: readonly ClusterNetwork[];
}> = (topology, engineOf, request, times = defaultPlanTimes) => {
  const cluster = clusterById(topology, request.clusterId);
  const managers = requireManagers(cluster);
  const networks = distinct(request.networks, 'networks').map(({ network }) => network);
  const unseen = unseenNodes(topology, cluster);
  const names = listAll(networks.map(({ name }) => name));
  return {
    title: `Prune ${names}`,
    steps: networks.map((network) =>
      removeNetworkStep(engineOf, managers, { network, after: [], hosts: cluster.hosts, elsewhere: [], unseen }, times),
    ),
    effects: [`${names} ${networks.length > 1 ? 'are' : 'is'} removed from every node of ${cluster.name}`],
    warnings: unseen.length > 0 ? [`Not connected, so nobody knows what runs there: ${listAll(unseen)}`] : [],
  };
};
