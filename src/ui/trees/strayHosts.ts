import { describeError, OverlayError } from '../../base/errors';
import { redact } from '../../base/redact';
import type { SwarmStatus } from '../../model/engine';
import type { HostView, Topology } from '../../model/topology';
import { addressText } from './hostNode';
import { tooltip } from './markdown';
import type { TreeIcon, TreeNode } from './treeNode';
import { hostViewItem, membershipOf, type Membership } from './viewItems';

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
    const words = strayWords(host, membershipOf(host));
    return words ? [strayNode(host, words)] : [];
  });
}

function strayNode(host: HostView, { description, icon, sentences }: StrayWords): TreeNode {
  const { name } = host.config;
  return {
    id: `stray/${name}`,
    label: name,
    description,
    icon,
    tooltip: tooltip(name, [], sentences),
    contextValue: hostViewItem(host),
    accessibleLabel: `Host ${name}, ${description}`,
    target: { kind: 'host', host: name, address: addressText(host) },
    children: [],
  };
}

function strayWords(host: HostView, membership: Membership | undefined): StrayWords | undefined {
  if (host.state.kind !== 'ready') return undefined;
  const { swarm } = host.state.snapshot.info;
  // Daemons quote tokens now and then.
  const cause = redact(swarm.error ?? '').trim();
  const because = cause ? [`Docker says: ${cause}`] : [];
  switch (membership) {
    case 'joining':
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
          'If the key is lost: Leave Swarm, then join it again.',
        ],
      };
    case 'error':
      return {
        description: reasonTitle(swarm) ?? `swarm error${cause ? `: ${firstPart(cause)}` : ''}`,
        icon: warning,
        sentences: [
          ...reasonWords(host.config.name, swarm),
          ...because,
          'It is in no swarm that works. Leave Swarm clears what is left of it; then it can join again.',
        ],
      };
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

/** The first clause of a daemon's long sentence. */
const firstPart = (text: string): string => (text.split(/[:\n]/)[0] ?? text).slice(0, 80);
