import type { Cluster, Topology } from '../../model/swarm/topology';
import { isMajorityLost } from '../../model/swarm/clusterState';

/** What happened to the majority of a swarm's managers. */
export interface MajorityChange {
  readonly kind: 'lost' | 'back';
  readonly cluster: Cluster;
}

/** Tells each loss and each return once. A loss counts when it has lasted: elections have none for a moment. */
export class MajorityTracker {
  /** Epoch ms since when, and whether it was told. */
  private readonly lost = new Map<string, { readonly since: number; readonly told: boolean }>();

  /** @param lastsMs for how long a majority must be lost before it is told */
  constructor(private readonly lastsMs: number) {}

  /** @param now epoch ms */
  update(topology: Topology, now: number): MajorityChange[] {
    const news: MajorityChange[] = [];
    for (const cluster of topology.clusters) {
      const known = this.lost.get(cluster.id);
      if (isMajorityLost(cluster)) {
        const since = known?.since ?? now;
        const isLasting = now - since >= this.lastsMs;
        if (isLasting && !known?.told) news.push({ kind: 'lost', cluster });
        this.lost.set(cluster.id, { since, told: known?.told === true || isLasting });
      } else if (known && cluster.quorum.hasMajority && !cluster.stale) {
        this.lost.delete(cluster.id);
        if (known.told) news.push({ kind: 'back', cluster });
      }
    }
    return news;
  }

  /** Whether a loss was seen that has not been told yet: look again in a while. */
  get isPending(): boolean {
    return [...this.lost.values()].some((one) => !one.told);
  }
}
