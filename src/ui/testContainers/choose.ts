import { OverlayError } from '../../base/errors';
import type { ContainerOnHost } from '../../contributions';
import type { Fleet } from '../../swarm/fleet';
import { isTestContainer, testContainersOf, type TestContainer } from '../../probe/testContainers/names';
import { findHost } from '../command/find';
import { askForSome, type NothingWords } from '../quickPick/choose';
import { dots } from '../../base/text/words';

/**
 * The test containers named, else asked for; a single one is taken unasked.
 *
 * @throws nothingToChoose, notConnected, notTestContainer, notFound, cancelled.
 */
export async function chooseTestContainers(
  fleet: Fleet,
  named: readonly ContainerOnHost[] | undefined,
  question: { readonly title: string; readonly placeholder: string },
): Promise<readonly TestContainer[]> {
  if (named) {
    // They may be as young as the call.
    await fleet.refresh([...new Set(named.map((one) => one.host))]);
    return named.map((one) => find(fleet, one));
  }
  const all = testContainersOf(fleet.topology);
  if (all.length === 1) return all;
  const items = all.map((one) => ({
    value: one,
    label: one.container.name,
    description: dots(`on ${one.host}`, one.container.networks.map((place) => place.name).join(', ')),
    detail: one.container.status,
    icon: one.container.state === 'running' ? 'vm-active' : 'vm-outline',
  }));
  return askForSome(items, 'test container', { ...question, ...noTestContainers });
}

export const noTestContainers: NothingWords = {
  none: 'There are no test containers on the connected hosts.',
  remedy: 'Start some first (Networks view).',
};

function find(fleet: Fleet, { host, containerId }: ContainerOnHost): TestContainer {
  const { state } = findHost(fleet.topology, host);
  if (state.kind !== 'ready') throw new OverlayError('notConnected', { host });
  const container = state.snapshot.containers.find((one) => one.id === containerId);
  if (!container) throw new OverlayError('notFound', { host, name: containerId.slice(0, 12) });
  if (!isTestContainer(container)) throw new OverlayError('notTestContainer', { host, name: container.name });
  return { host, container };
}
