import { OverlayError } from '../../base/errors';
import { labels, type Container, type Network } from '../../model/engine/records';
import type { HostName } from '../../model/host/host';
import type { Topology } from '../../model/swarm/topology';

/** A DNS label: Docker's own DNS server finds containers by their names. Small letters, because DNS knows no others. */
const namePattern = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;
const longestName = 63;

/** A test container and where it is. */
export interface TestContainer {
  readonly host: HostName;
  readonly container: Container;
}

/** Whether a person started it on purpose. */
export const isTestContainer = (container: Pick<Container, 'labels'>): boolean =>
  labels.testContainer in container.labels;

/**
 * Whether it hangs on the network. A stopped container keeps its place, which may have lost the network's id; one that
 * was created and never started has the id in the place of the name, for it was created with that.
 */
export const isInNetwork = (container: Pick<Container, 'networks'>, network: Pick<Network, 'id' | 'name'>): boolean =>
  container.networks.some(
    (place) => place.networkId === network.id || (!place.networkId && [network.name, network.id].includes(place.name)),
  );

/** All test containers of persons on connected hosts, in the order of the hosts and then of their names. Pure. */
export function testContainersOf(topology: Topology): TestContainer[] {
  return topology.hosts.flatMap(({ config, state }) => {
    if (state.kind !== 'ready') return [];
    const own = state.snapshot.containers.filter(isTestContainer);
    return own
      .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
      .map((container) => ({ host: config.name, container }));
  });
}

/**
 * Judges the name of a test container by itself.
 *
 * @returns containerNameInvalid, or undefined when it can be used.
 */
export function validateContainerName(name: string): OverlayError | undefined {
  const invalid = (message: string) => new OverlayError('containerNameInvalid', { name, message });
  if (name === '') return invalid('it is empty');
  if (name.length > longestName) return invalid(`it has ${name.length} characters, ${longestName} are the most`);
  if (!namePattern.test(name)) return invalid('only a-z, 0-9 and between them "-" are allowed');
  return undefined;
}

/** Where test containers are to be started, and under which names. */
export interface NameRequest {
  readonly clusterId: string;
  readonly network: Pick<Network, 'id' | 'name'>;
  readonly containers: readonly { readonly host: HostName; readonly name: string }[];
}

/**
 * Judges one name among those asked for together: valid, asked for once, and on no connected host of the swarm the name
 * of another container; a test container that is there already under this name is the one that is meant.
 *
 * @returns containerNameInvalid, containerNameTaken, or undefined when it can be used.
 */
export function judgeName(topology: Topology, request: NameRequest, host: HostName): OverlayError | undefined {
  const name = request.containers.find((one) => one.host === host)?.name ?? '';
  const wrong = validateContainerName(name);
  if (wrong) return wrong;
  const twin = request.containers.find((one) => one.host !== host && one.name === name);
  if (twin) return new OverlayError('containerNameTaken', { name, host: twin.host, message: 'it was given twice' });
  const taken = containersOf(topology, request.clusterId).find(
    (one) => one.container.name.toLowerCase() === name && !isMeant(one, host, request.network),
  );
  return taken && new OverlayError('containerNameTaken', { name, host: taken.host, message: whose(taken, host) });
}

const isMeant = ({ host, container }: TestContainer, wanted: HostName, network: NameRequest['network']): boolean =>
  host === wanted && isTestContainer(container) && isInNetwork(container, network);

/** What makes the container that has the name another one. */
function whose({ host, container }: TestContainer, wanted: HostName): string | undefined {
  if (!isTestContainer(container)) return undefined;
  const places = container.networks.map((place) => place.name).join(', ') || 'no network';
  return host === wanted ? `a test container in ${places}` : 'a test container';
}

/** Containers of whatever kind on connected hosts of the swarm: names are found in all of it. */
function containersOf(topology: Topology, clusterId: string): TestContainer[] {
  return topology.hosts.flatMap(({ config, state, clusterId: of }) =>
    state.kind === 'ready' && of === clusterId
      ? state.snapshot.containers.map((container) => ({ host: config.name, container }))
      : [],
  );
}

/**
 * Names to begin with: of the test container that a host has in the network already, so that starting again finds it;
 * else `alpine1`, `alpine2`, ... in the order of the hosts, leaving out what is taken. Pure.
 */
export function proposeNames(
  topology: Topology,
  request: Omit<NameRequest, 'containers'>,
  hosts: readonly HostName[],
  image: string,
): Map<HostName, string> {
  const present = containersOf(topology, request.clusterId);
  const taken = new Set(present.map(({ container }) => container.name.toLowerCase()));
  const base = baseName(image);
  const names = new Map<HostName, string>();
  hosts.forEach((host, index) => {
    const own = present.find(
      (one) => isMeant(one, host, request.network) && !validateContainerName(one.container.name),
    );
    let number = index + 1;
    while (taken.has(`${base}${number}`)) number += 1;
    const name = own?.container.name ?? `${base}${number}`;
    taken.add(name);
    names.set(host, name);
  });
  return names;
}

/** "alpine" of "alpine:latest", "netshoot" of "host:5000/team/netshoot@sha256:...". */
function baseName(image: string): string {
  const [repository = ''] = (image.split('/').at(-1) ?? '').split(/[:@]/);
  const base = repository
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+/, '');
  return base || 'test';
}
