import type { Network } from '../../model/engine/records';
import { dots } from '../../base/text/words';
import { tooltip } from './tooltip';
import type { TreeNode } from './treeNode';
import { driverName } from './drivers';

/**
 * The item of a network as one host has it.
 *
 * @param on where it stands apart from its host: the host, and what is in the network there
 */
export function localNetworkNode(
  id: string,
  network: Network,
  on?: { readonly host: string; readonly contents: string | false; readonly children: readonly TreeNode[] },
): TreeNode {
  const driver = driverName(network.driver);
  const subnets = network.subnets.map(({ subnet }) => subnet).join(', ');
  const description = dots(subnets, network.internal && 'internal', network.encrypted && 'encrypted', on?.contents);
  return {
    id,
    label: network.name,
    description,
    icon: { id: network.encrypted ? 'lock' : 'plug' },
    tooltip: tooltip(network.name, [
      ['Host', on?.host],
      ['Driver', driver],
      ['Scope', network.scope],
      ['Subnet', subnets],
      ['Gateway', network.subnets.flatMap(({ gateway }) => gateway ?? []).join(', ')],
      ['Id', network.id],
    ]),
    accessibleLabel: `Network ${network.name}${on ? ` on ${on.host}` : `, ${driver}`}, ${description}`,
    target: { kind: 'none' },
    children: on?.children ?? [],
  };
}
