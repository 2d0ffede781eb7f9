import { isOverlayError, type OverlayError } from '../../base/errors';
import { Secret } from '../../base/text/redact';
import type { Cluster, HostView, Topology } from '../../model/swarm/topology';
import type { Fleet } from '../../swarm/fleet';
import type { SecretStore } from '../hosts/prompts/secretMemory';

const begin = 'dockerOverlay.secret.unlockKey.';
const keyOf = (clusterId: string): string => `${begin}${clusterId}`;
/**
 * A locked manager does not say which swarm it is of: what is kept under its engine's id is the swarm's. Names and
 * endpoints of hosts are changed, and may lead to another machine then, whom the key does not concern.
 */
const swarmOf = (engineId: string): string => `dockerOverlay.secret.unlockKeyOf.${engineId}`;

/** Secrets of which it is known what there is. */
export interface ListedSecrets extends SecretStore {
  keys(): readonly string[];
}

/** Unlock keys of swarms with autolock, in SecretStorage by cluster id. */
export class UnlockKeys {
  constructor(private readonly store: ListedSecrets) {}

  /** Keeps the key of a swarm, for the managers it has now. */
  async keep(clusterId: string, key: Secret, managers: readonly HostView[]): Promise<void> {
    await this.store.store(keyOf(clusterId), key.reveal());
    for (const engineId of managers.flatMap(engineIdOf)) await this.store.store(swarmOf(engineId), clusterId);
  }

  /** The swarms of all keys that are kept. */
  clusters(): string[] {
    return this.store.keys().flatMap((key) => (key.startsWith(begin) ? [key.slice(begin.length)] : []));
  }

  async kept(clusterId: string): Promise<Secret | undefined> {
    const value = await this.store.get(keyOf(clusterId));
    return value === undefined ? undefined : new Secret(value);
  }

  /** A key that is of no use any more. */
  async forget(clusterId: string): Promise<void> {
    await this.store.delete(keyOf(clusterId));
  }

  /** The swarm a locked host was a manager of, as far as that was noted. */
  async clusterOf(host: HostView): Promise<string | undefined> {
    const [engineId] = engineIdOf(host);
    return engineId === undefined ? undefined : this.store.get(swarmOf(engineId));
  }

  /**
   * The key to be shown: what a manager says, as it may have been rotated elsewhere; what is kept when no manager can
   * be asked. Undefined when autolock is off.
   *
   * @throws OverlayError when no manager answers and nothing is kept.
   */
  async current(
    fleet: Fleet,
    cluster: Cluster,
  ): Promise<{ readonly key: Secret; readonly from: 'secretStorage' | 'manager' } | undefined> {
    const kept = await this.kept(cluster.id);
    try {
      const key =
        cluster.managerHosts.length > 0 && cluster.quorum.hasMajority ? await this.read(fleet, cluster) : kept;
      return key && { key, from: kept?.reveal() === key.reveal() ? 'secretStorage' : 'manager' };
    } catch (error) {
      if (!kept || !isOverlayError(error)) throw error;
      return { key: kept, from: 'secretStorage' };
    }
  }

  /** Asks a manager for the key of today and keeps it; undefined when autolock is off. @throws OverlayError */
  async read(fleet: Fleet, cluster: Cluster): Promise<Secret | undefined> {
    let last: OverlayError | undefined;
    for (const host of cluster.managerHosts) {
      try {
        const key = await fleet.engine(host).swarm.unlockKey();
        if (key) await this.keep(cluster.id, key, managersOf(fleet.topology, cluster));
        else await this.forget(cluster.id);
        return key;
      } catch (error) {
        if (!isOverlayError(error)) throw error;
        last = error;
      }
    }
    if (last) throw last;
    return undefined;
  }
}

function managersOf({ hosts }: Topology, { nodes }: Cluster): HostView[] {
  const names = new Set(nodes.flatMap(({ node, host }) => (node.manager && host !== undefined ? [host] : [])));
  return hosts.filter(({ config }) => names.has(config.name));
}

const engineIdOf = ({ state }: HostView): string[] =>
  state.kind === 'ready' && state.snapshot.info.engineId !== '' ? [state.snapshot.info.engineId] : [];

/**
 * The swarm that a locked host is probably a manager of: one with a node that is down and has its hostname. Undefined
 * unless there is just one. Pure.
 */
export function likelyCluster(topology: Topology, host: HostView): Cluster | undefined {
  if (host.state.kind !== 'ready') return undefined;
  const { hostname } = host.state.snapshot.info;
  const fitting = topology.clusters.filter((cluster) =>
    cluster.nodes.some(({ node }) => node.hostname === hostname && node.role === 'manager' && !isUp(node)),
  );
  return fitting.length === 1 ? fitting[0] : undefined;
}

const isUp = (node: { state: string; manager?: { reachability: string } }): boolean =>
  node.state === 'ready' && node.manager?.reachability !== 'unreachable';
