import type { HostView, Topology } from '../../model/swarm/topology';
import { findHost } from '../command/find';
import { askForOne, askForSome, type NothingWords, type QuestionAbout } from '../quickPick/choose';
import type { PickItem } from '../quickPick/pick';
import { addressText, hostDescription } from './tree/hostNode';

export const noHosts: NothingWords = { none: 'No host is configured.', remedy: 'Add hosts first.' };

/** Hosts named, else asked for. */
export async function chooseHosts(
  topology: Topology,
  names: readonly string[] | undefined,
  question: QuestionAbout<HostView>,
): Promise<HostView[]> {
  if (names) return names.map((name) => findHost(topology, name));
  const offered = topology.hosts.filter(question.offer);
  const picked = question.picked ?? offered.length === 1;
  return askForSome(
    offered.map((host) => ({ ...hostItem(host), picked })),
    'host',
    question,
  );
}

/** The host named, else asked for. */
export async function chooseHost(
  topology: Topology,
  name: string | undefined,
  question: QuestionAbout<HostView>,
): Promise<HostView> {
  if (name !== undefined) return findHost(topology, name);
  return askForOne(topology.hosts.filter(question.offer).map(hostItem), question);
}

export const hostItem = (host: HostView): PickItem<HostView> => ({
  value: host,
  label: host.config.name,
  description: host.state.kind === 'failed' ? `${addressText(host)} · ${hostDescription(host)}` : hostDescription(host),
  icon: 'server',
});
