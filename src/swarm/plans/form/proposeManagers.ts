import { placeOf, proposeManagers as proposePlaced, type PlacedNode } from '../../../model/swarm/placement';
import type { HostName } from '../../../model/host/host';
import type { HostView, Topology } from '../../../model/swarm/topology';
import { hostByName } from '../../topology/lookup';

/**
 * Which hosts to propose as managers: an odd number that tolerates what is usual, spread over zones (1-1-1, 2-2-1) and
 * regions. 1 of 1 or 2 hosts, 3 of 3 to 6, and 5 from 7 on; more only makes each change slower. Hosts that are managers
 * already are kept where that costs no spread.
 *
 * @throws invalidArguments for a host that is not configured.
 */
export function proposeManagers(topology: Topology, hosts: readonly HostName[]): HostName[] {
  const nodes = placedHosts(topology, hosts, []);
  const usable = nodes.filter(({ isUp }) => isUp).length;
  if (usable === 0) return [];
  const wanted = usable < 3 ? 1 : usable < 7 ? 3 : 5;
  const chosen = new Set(proposePlaced(nodes, wanted).managers);
  return hosts.filter((_, index) => chosen.has(idOf(index)));
}

/**
 * Hosts as placement sees them. Zone and region are those of the node's labels, else the folder, "zone" or
 * "region/zone"; a folder that all hosts share tells no zones apart and is not taken for one.
 *
 * @param managers hosts that will be managers, beside those that are.
 */
export function placedHosts(
  topology: Topology,
  hosts: readonly HostName[],
  managers: readonly HostName[],
): PlacedNode[] {
  const views = hosts.map((host) => hostByName(topology, host));
  const hasZones = new Set(views.map((view) => view.config.folder ?? '')).size > 1;
  return views.map((view, index) => ({
    // In the order given: of equals the first is proposed.
    id: idOf(index),
    ...placeOfHost(view, hasZones),
    isManager: managers.includes(view.config.name) || view.node?.manager !== undefined,
    isUp: view.state.kind !== 'ready' || view.state.snapshot.info.osType !== 'windows',
    isRelieved: view.node?.availability === 'drain',
  }));
}

function placeOfHost({ node, config }: HostView, hasZones: boolean): Pick<PlacedNode, 'zone' | 'region'> {
  const labelled = placeOf(node?.labels ?? {});
  if (labelled.zone !== undefined || !config.folder || !hasZones) return labelled;
  const [zone = '', ...outer] = config.folder
    .split('/')
    .map((part) => part.trim())
    .reverse();
  const region = outer.reverse().join('/');
  return { ...(region && { region }), ...labelled, ...(zone && { zone }) };
}

const idOf = (index: number): string => String(index).padStart(6, '0');
