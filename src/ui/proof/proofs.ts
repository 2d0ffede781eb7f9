import type { Disposable } from '../../base/disposable';
import { DisposableStore } from '../../base/disposable';
import { OverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host';
import type { ProofReport } from '../../model/proof';
import type { Cluster, ClusterNetwork } from '../../model/topology';
import type { TwinReport } from '../../model/twin';
import type { Fleet } from '../../swarm/fleet';
import type { VerifyFacts } from '../../verify/facts';
import { factsOfTopology } from '../../verify/topologyFacts';
import type { ActiveRuns } from '../activeRuns';
import { findCluster } from '../choose';
import { readHelperImage, readVerifySettings } from '../settings';
import { managerOf, verifyHosts } from './scope';

export interface ProofsOptions {
  readonly fleet: Fleet;
  readonly logger: Logger;
  /** Names this window on what it makes. */
  readonly owner: string;
  readonly runs: ActiveRuns;
}

export interface ProofRunOptions {
  readonly signal: AbortSignal;
  /** Words for where it stands. */
  readonly onStage: (words: string) => void;
}

/** The proofs and twin tests of this window. */
export class Proofs implements Disposable {
  private readonly stop = new AbortController();
  private readonly running = new Set<Promise<unknown>>();

  constructor(private readonly options: ProofsOptions) {}

  /** Proves a network. @throws OverlayError `invalidArguments`, `notConnected`; what the network does is in the report. */
  async prove(
    item: ClusterNetwork,
    names: readonly HostName[] | undefined,
    options: ProofRunOptions,
  ): Promise<ProofReport> {
    const { fleet, owner, logger } = this.options;
    const cluster = findCluster(fleet.topology, item.clusterId);
    const request = {
      clusterId: cluster.id,
      network: item.network,
      hosts: verifyHosts(fleet, cluster, names),
      ...readVerifySettings(),
      helperImage: readHelperImage(),
      owner,
      facts: factsOfTopology(fleet.topology, cluster, item),
    };
    return this.tracked(options, async (signal, onEvent) => {
      const { proveEncryption } = await import('../../verify/proof/proveEncryption');
      return proveEncryption(request, { signal, onEvent, logger });
    });
  }

  /** Compares two temporary networks. @throws as {@link prove}, and `nothingToChoose` without a manager. */
  async compare(
    cluster: Cluster,
    names: readonly HostName[] | undefined,
    options: ProofRunOptions,
  ): Promise<TwinReport> {
    const { fleet, owner, logger } = this.options;
    const request = {
      clusterId: cluster.id,
      manager: managerOf(fleet, cluster),
      hosts: verifyHosts(fleet, cluster, names),
      ...readVerifySettings(),
      owner,
      facts: this.factsOf(cluster),
    };
    return this.tracked(options, async (signal, onEvent) => {
      const { runTwin } = await import('../../verify/twin/runTwin');
      return runTwin(request, { signal, onEvent, logger });
    });
  }

  /** Ends all that is running and resolves once it is cleaned up; for the end of the window. */
  async stopAll(): Promise<void> {
    this.stop.abort(new OverlayError('cancelled'));
    await Promise.allSettled(this.running);
  }

  dispose(): void {
    this.stop.abort(new OverlayError('cancelled'));
  }

  private async tracked<T>(
    { signal, onStage }: ProofRunOptions,
    work: (
      signal: AbortSignal,
      onEvent: (event: { kind: 'started'; runIds: readonly string[] } | { kind: 'stage'; words: string }) => void,
    ) => Promise<T>,
  ): Promise<T> {
    const active = new DisposableStore();
    const run = work(AbortSignal.any([signal, this.stop.signal]), (event) => {
      if (event.kind === 'started') active.add(this.options.runs.add(event.runIds));
      else onStage(event.words);
    });
    this.running.add(run);
    try {
      return await run;
    } finally {
      this.running.delete(run);
      active.dispose();
      // Events tell that everything is gone, but who looks at the trees next must see it already.
      await this.options.fleet.refresh();
    }
  }

  private factsOf(cluster: Cluster): VerifyFacts {
    const hosts = this.options.fleet.topology.hosts.flatMap(({ config, state, clusterId }) => {
      if (clusterId !== cluster.id || state.kind !== 'ready') return [];
      const { info } = state.snapshot;
      const address = info.swarm.nodeAddress;
      return [
        {
          host: config.name,
          engineVersion: info.serverVersion,
          kernel: info.kernelVersion,
          ...(address && { address }),
        },
      ];
    });
    return { dataPathPort: cluster.dataPathPort, encrypted: false, hosts };
  }
}
