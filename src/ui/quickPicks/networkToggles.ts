import type { Cluster, Topology } from '../../model/topology';
import { list } from '../trees/words';
import type { PickItem } from './pick';

export type NetworkToggle = 'attachable' | 'encrypted' | 'internal' | 'ipv6' | 'more';

/** The switches of a new network, each with a line on what it means on these hosts. Pure. */
export function networkToggles(topology: Topology, cluster: Cluster): PickItem<NetworkToggle>[] {
  return [
    {
      value: 'attachable',
      label: 'Attachable',
      detail: 'Containers started by hand can join it, and it can be verified.',
      icon: 'plug',
    },
    { value: 'encrypted', label: 'Encrypted', detail: encryptedMeaning(topology, cluster), icon: 'lock' },
    {
      value: 'internal',
      label: 'Internal',
      detail: 'No way out: containers reach each other and nothing outside.',
      icon: 'circle-slash',
    },
    { value: 'ipv6', label: 'IPv6', detail: 'IPv6 addresses besides those of IPv4.', icon: 'globe' },
    { value: 'more', label: 'More options…', detail: 'Choose the subnet and gateway yourself.', icon: 'settings' },
  ];
}

/** MTU and ports are those of Docker's overlay driver: 1500 - 50, and 26 less with ESP, on whole fours. */
function encryptedMeaning(topology: Topology, cluster: Cluster): string {
  const parts = ['IPsec ESP between the hosts, keys change every 12 h; MTU 1424 instead of 1450'];
  const windows = cluster.nodes.filter((member) => member.node.os === 'windows');
  if (windows.length > 0) parts.push('does not work on Windows nodes');
  const old = topology.hosts.flatMap((host) =>
    host.clusterId === cluster.id &&
    host.state.kind === 'ready' &&
    leaksPlaintext(host.state.snapshot.info.serverVersion)
      ? [host.config.name]
      : [],
  );
  if (old.length > 0) parts.push(`${list(old)}: engine too old, may send plaintext (CVE-2023-28840)`);
  return `${parts.join(' · ')}.`;
}

/** Engines below 20.10.24 and 23.0.3 (CVE-2023-28840 to 28842). */
export function leaksPlaintext(version: string): boolean {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(version);
  if (!match) return false;
  const [major, minor, patch] = match.slice(1).map(Number) as [number, number, number];
  if (major >= 24) return false;
  if (major === 23) return minor === 0 && patch < 3;
  return major < 20 || (major === 20 && (minor < 10 || (minor === 10 && patch < 24)));
}
