import type { ClusterNetwork, Topology } from '../../model/swarm/topology';
import { findNetwork } from '../command/find';
import { askForSome, chooseOne, type NothingWords, type QuestionAbout } from '../quickPick/choose';
import type { PickItem } from '../quickPick/pick';
import { networkDescription } from './tree/networksTree';

export const noNetworks: NothingWords = {
  none: 'There is no attachable overlay network yet.',
  remedy: 'Create one first (Networks view).',
};

/** The network named, the only one it could be, or asked for. */
export async function chooseNetwork(
  topology: Topology,
  id: string | undefined,
  question: QuestionAbout<ClusterNetwork>,
): Promise<ClusterNetwork> {
  if (id !== undefined) return findNetwork(topology, id);
  return chooseOne(networkItems(topology, question), question);
}

/** Networks named, else asked for. */
export async function chooseNetworks(
  topology: Topology,
  ids: readonly string[] | undefined,
  question: QuestionAbout<ClusterNetwork>,
): Promise<ClusterNetwork[]> {
  if (ids) return ids.map((id) => findNetwork(topology, id));
  return askForSome(networkItems(topology, question), 'network', question);
}

/** Networks of several swarms stand under the swarm's name. */
function networkItems(
  { clusters }: Topology,
  { offer }: QuestionAbout<ClusterNetwork>,
): readonly PickItem<ClusterNetwork>[] {
  return clusters.flatMap((cluster) =>
    cluster.networks.filter(offer).map((item) => ({
      value: item,
      label: item.network.name,
      description: networkDescription(item, undefined, false, 0),
      icon: item.network.encrypted ? 'lock' : 'globe',
      ...(clusters.length > 1 ? { section: cluster.name } : {}),
    })),
  );
}
