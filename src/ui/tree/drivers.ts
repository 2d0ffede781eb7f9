import { groupBy } from '../../base/groupBy';

/** What each network driver is and when it is best, one line each, for people who choose. */
const drivers: Readonly<Record<string, { what: string; best: string }>> = {
  bridge: { what: 'The default: a private network on one host.', best: 'several containers on the same host talk.' },
  host: {
    what: "No isolation from the host's network.",
    best: 'isolation of the network is not wanted, of the rest is.',
  },
  overlay: {
    what: 'Several daemons, one flat virtual network (VXLAN).',
    best: 'containers on different hosts, or services, must talk.',
  },
  macvlan: {
    what: 'A MAC address a container.',
    best: 'containers must look like physical machines, e.g. after leaving VMs.',
  },
  ipvlan: { what: "Containers share the host's MAC address.", best: 'the switch allows one MAC address a port only.' },
  none: { what: 'No network.', best: 'none is wanted.' },
};

/** Docker calls the driver of the network "none" `null`. */
export const driverName = (driver: string): string => (driver === 'null' ? 'none' : driver);

/** Two sentences for a tooltip. */
export function driverHelp(driver: string): string[] {
  const known = driverOf(driver);
  return known ? [known.what, `Best when ${known.best}`] : ['A driver of a plugin; its maker says what it is for.'];
}

/** "Best when several containers on the same host.", or that a plugin made the driver. */
export function bestWhen(driver: string): string {
  const known = driverOf(driver);
  return known ? `best when ${known.best.replace(/\.$/, '')}` : 'a driver of a plugin';
}

/** The name comes from a daemon: `constructor` is no driver we know. */
const driverOf = (driver: string) => (Object.hasOwn(drivers, driver) ? drivers[driver] : undefined);

/** By the driver's name, in the order the drivers are listed in. */
export function byDriver<T>(items: readonly T[], of: (item: T) => string): [string, T[]][] {
  return [...groupBy(items, (item) => driverName(of(item)))].sort(
    ([a], [b]) => driverOrder(a) - driverOrder(b) || a.localeCompare(b),
  );
}

function driverOrder(driver: string): number {
  const at = Object.keys(drivers).indexOf(driver);
  return at < 0 ? Number.MAX_SAFE_INTEGER : at;
}
