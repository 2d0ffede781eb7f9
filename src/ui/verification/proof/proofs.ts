import { DisposableStore, type Disposable } from '../../../base/disposable';
import { OverlayError } from '../../../base/errors';
import type { Logger } from '../../../base/logger';
import { underlayMtuOf } from '../../../model/network/overlayOptions';
import type { Network } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import type { ProofReport } from '../../../model/report/proof';
import type { Cluster, ClusterNetwork } from '../../../model/swarm/topology';
import type { TwinReport } from '../../../model/report/twin';
import type { Fleet } from '../../../swarm/fleet';
import { freeSubnets } from '../../../swarm/networks/preflight';
import type { VerifyFacts } from '../../../diagnosis/facts';
import { factsOfTopology } from '../../../diagnosis/factsOfTopology';
import type { ActiveRuns } from '../../activeRuns';
import { findCluster } from '../../command/find';
import type { HostReadings } from '../../hosts/hostReadings';
import { readHelperImage, readVerifySettings } from '../../vscode/settings';
import { verifyHosts } from '../verifyHosts';
import { managerOf } from './scope';

export interface ProofsOptions {
  readonly fleet: Fleet;
  readonly logger: Logger;
  /** Names this window on what it makes. */
  readonly owner: string;
  readonly runs: ActiveRuns;
  /** What was found on the hosts' own networks. */
  readonly readings: HostReadings;
}

export interface ProofRunOptions {
  readonly signal: AbortSignal;
  /** Words for where it stands. */
  readonly onStage: (words: string) => void;
}

type OnEvent = (event: { kind: 'started'; runIds: readonly string[] } | { kind: 'stage'; words: string }) => void;

/** The proofs and twin tests of this window. */
export class Proofs implements Disposable {
  private readonly stop = new AbortController();
  private readonly running = new Set<Promise<unknown>>();
  private readonly proving = new Set<{ readonly name: string; readonly hosts: readonly HostName[] }>();

  /** Ids of the swarms whose two networks are being compared. */
  private readonly comparing = new Set<string>();

  constructor(private readonly options: ProofsOptions) {}

  /**
   * Proves a network.
   *
   * @throws OverlayError `invalidArguments`, `notConnected`, `proofRunning`; what the network does is in the report.
   */
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
    const own = { name: item.network.name, hosts: request.hosts.map(({ host }) => host) };
    this.refuseSecond(own.hosts);
    this.proving.add(own);
    try {
      return await this.tracked(options, async (signal, onEvent) => {
        const { proveEncryption } = await import('../../../verify/proof/proveEncryption');
        return proveEncryption(request, { signal, onEvent, logger });
      });
    } finally {
      this.proving.delete(own);
    }
  }

  /** Packets are told apart by their sizes, which are the same in every proof, and a pair of hosts has one association for all. */
  private refuseSecond(hosts: readonly HostName[]): void {
    for (const other of this.proving) {
      const common = hosts.filter((host) => other.hosts.includes(host));
      if (common.length > 1) throw new OverlayError('proofRunning', { name: other.name });
    }
  }

  /**
   * Compares two temporary networks, made for the MTU of `like` where that is given.
   *
   * @throws OverlayError as {@link prove}, `twinRunning`, `nothingToChoose` without a manager, `twinNoSubnet`.
   */
  async compare(
    { cluster, like }: { readonly cluster: Cluster; readonly like?: Network },
    names: readonly HostName[] | undefined,
    options: ProofRunOptions,
  ): Promise<TwinReport> {
    const { fleet, owner, logger } = this.options;
    const underlayMtu = underlayMtuOf(like?.options);
    const request = {
      clusterId: cluster.id,
      manager: managerOf(fleet, cluster),
      hosts: verifyHosts(fleet, cluster, names),
      ...readVerifySettings(),
      owner,
      facts: this.factsOf(cluster),
      ...(underlayMtu !== undefined && { underlayMtu }),
    };
    // Until their networks are listed, both would find the same subnets free.
    if (this.comparing.has(cluster.id)) throw new OverlayError('twinRunning', { name: cluster.name });
    this.comparing.add(cluster.id);
    try {
      return await this.tracked(options, async (signal, onEvent) => {
        const subnets = await this.chooseSubnets(cluster, request.hosts.length, signal, onEvent);
        const { runTwin } = await import('../../../verify/twin/runTwin');
        return runTwin({ ...request, subnets }, { signal, onEvent, logger });
      });
    } finally {
      this.comparing.delete(cluster.id);
    }
  }

  /** Docker would choose without a look at the hosts, and a comparison must not cut them off. @throws `twinNoSubnet` */
  private async chooseSubnets(
    cluster: Cluster,
    hosts: number,
    signal: AbortSignal,
    onEvent: OnEvent,
  ): Promise<readonly [string, string]> {
    const { fleet, readings } = this.options;
    onEvent({ kind: 'stage', words: "Looking at the hosts' own networks" });
    readings.start(cluster.id);
    await readings.settled(signal);
    const view = { topology: fleet.topology, cluster, readings: readings.current };
    // On each host the network itself has an address, and a second try another one.
    const [plain, encrypted] = freeSubnets(view, 2, hosts * 3 + 8);
    if (plain === undefined || encrypted === undefined) throw new OverlayError('twinNoSubnet', { name: cluster.name });
    return [plain, encrypted];
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
    work: (signal: AbortSignal, onEvent: OnEvent) => Promise<T>,
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
