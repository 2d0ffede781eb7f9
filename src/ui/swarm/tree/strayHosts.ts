import { describeError, OverlayError } from '../../../base/errors';
import { redact } from '../../../base/text/redact';
import { brokenReason } from '../../../model/swarm/brokenMember';
import type { SwarmStatus } from '../../../model/engine/records';
import type { Cluster, HostView, Topology } from '../../../model/swarm/topology';
import { addressText } from '../../hosts/tree/hostNode';
import { tooltip } from '../../tree/tooltip';
import type { TreeIcon, TreeNode } from '../../tree/treeNode';
import { hostViewItem } from '../../tree/viewItems';
import { mayBeLast, membershipOf, type Membership } from '../../../model/swarm/membership';

interface StrayWords {
  /** Beside the host's name. */
  readonly description: string;
  readonly icon: TreeIcon;
  readonly sentences: readonly string[];
}

const warning: TreeIcon = { id: 'warning', color: 'list.warningForeground' };

/** Hosts that are neither free nor in a swarm: joining, locked, or stuck. What they wait for, and the way out. */
export function strayNodes(topology: Topology): TreeNode[] {
  return topology.hosts.flatMap((host) => {
    const cluster = topology.clusters.find((one) => one.id === host.clusterId);
    const words = strayWords(host, membershipOf(host), mayBeLast(host, cluster));
    return words ? [strayNode(host, cluster, words)] : [];
  });
}

function strayNode(
  host: HostView,
  cluster: Cluster | undefined,
  { description, icon, sentences }: StrayWords,
): TreeNode {
  const { name } = host.config;
  return {
    id: `stray/${name}`,
    label: name,
    description,
    icon,
    tooltip: tooltip(name, [], sentences),
    contextValue: hostViewItem(host, cluster),
    accessibleLabel: `Host ${name}, ${description}`,
    target: { kind: 'host', host: name, address: addressText(host) },
    children: [],
  };
}

function strayWords(host: HostView, membership: Membership | undefined, isLast: boolean): StrayWords | undefined {
  if (host.state.kind !== 'ready') return undefined;
  const { swarm } = host.state.snapshot.info;
  // Daemons quote tokens now and then.
  const cause = redact(swarm.error ?? '').trim();
  const because = cause ? [`Docker says: ${cause}`] : [];
  const { name } = host.config;
  switch (membership) {
    case 'joining':
      if (isLast) {
        const { title, happened, remedy } = describeError(new OverlayError('memberStarting', { host: name }));
        return { description: title, icon: { id: 'loading~spin' }, sentences: [happened, ...because, remedy] };
      }
      return {
        description: `joining a swarm${managerWords(swarm)}…`,
        icon: { id: 'loading~spin' },
        sentences: [
          `${host.config.name} is joining a swarm and waits for a manager’s answer. It goes on by itself once a manager can be reached: 2377/tcp must be open from here to there.`,
          ...reasonWords(host.config.name, swarm),
          ...because,
          'To give it up: Leave Swarm.',
        ],
      };
    case 'locked':
      return {
        description: 'locked: needs the unlock key',
        icon: { id: 'lock', color: 'list.warningForeground' },
        sentences: [
          `${host.config.name} is a manager that was restarted, and its part of the swarm’s log is encrypted. It takes part again when it is unlocked.`,
          'If the key is lost and another manager is left: Leave Swarm, then join it again. If it is the only manager, the swarm is lost with the key, and Leave Swarm erases it.',
        ],
      };
    case 'error': {
      const broken = brokenReason(swarm);
      if (broken) {
        const { title, happened, remedy } = describeError(new OverlayError(broken, { host: name, message: cause }));
        const way = isLast
          ? remedy
          : 'Its swarm goes on without it: Leave Swarm demotes it there if it is a manager, and lets it leave; then it can join again.';
        return { description: title, icon: warning, sentences: [happened, way] };
      }
      return {
        description: reasonTitle(swarm) ?? 'swarm error',
        icon: warning,
        sentences: [
          ...reasonWords(host.config.name, swarm),
          ...because,
          'The join came to nothing. Leave Swarm clears what is left of it; then it can join again.',
        ],
      };
    }
    default:
      return undefined;
  }
}

/** What the failure of a join is called: "Join token refused". */
const reasonTitle = ({ errorReason }: SwarmStatus): string | undefined =>
  errorReason && describeError(new OverlayError(errorReason)).title;

function reasonWords(host: string, { errorReason, remoteManagers }: SwarmStatus): string[] {
  if (errorReason === undefined) return [];
  const address = remoteManagers.map((one) => one.address).find(Boolean);
  const { happened, remedy } = describeError(new OverlayError(errorReason, { host, address }));
  return [happened, remedy];
}

function managerWords({ remoteManagers }: SwarmStatus): string {
  const address = remoteManagers.map((one) => one.address).find(Boolean);
  return address ? ` at ${address}` : '';
}
