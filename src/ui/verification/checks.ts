import type * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import type { Logger } from '../../base/logger';
import type { Fleet } from '../../swarm/fleet';
import { ActiveRuns } from '../activeRuns';
import { HostReadings } from '../hosts/hostReadings';
import { Leftovers } from './leftovers';
import type { Memory } from '../vscode/memory';
import type { MatrixPanels } from './panel/matrixPanel';
import { connectPanelRequests } from './panel/panelRequests';
import { PortChecks } from './ports/portChecks';
import { Proofs } from './proof/proofs';
import type { LastReports } from './results/lastReports';
import { Verifications } from './verifications';
import { Watches } from './watch/watches';
import type { WindowOwner } from './windowOwner';

export interface ChecksOptions {
  readonly fleet: Fleet;
  readonly panels: MatrixPanels;
  readonly reports: LastReports;
  readonly logger: Logger;
  /** Names this window on the containers it makes. */
  readonly owner: WindowOwner;
  /** Of the workspace. */
  readonly memory: Memory;
}

/** Everything of this window that starts containers for a while to find something out. */
export class Checks implements vscode.Disposable {
  private readonly store = new DisposableStore();
  readonly verifications: Verifications;
  readonly watches: Watches;
  readonly readings: HostReadings;
  readonly ports: PortChecks;
  readonly proofs: Proofs;

  constructor({ fleet, panels, reports, logger, owner, memory }: ChecksOptions) {
    const runs = new ActiveRuns();
    const shared = { fleet, logger, owner: owner.label, runs };
    this.store.add(new Leftovers({ fleet, logger, owner, runs }));
    this.verifications = this.store.add(new Verifications({ ...shared, panels, reports }));
    const { verifications } = this;
    this.watches = this.store.add(new Watches({ fleet, panels, verifications, reports, logger, memory }));
    this.store.add(connectPanelRequests(panels, verifications));
    const isNeeded = (networkId: string) =>
      panels.get(networkId) !== undefined ||
      verifications.isRunning(networkId) ||
      this.watches.networkIds.includes(networkId);
    const release = () => void reports.release(isNeeded);
    this.store.add(panels.onDidDispose(release));
    for (const { onDidChange } of [verifications, this.watches]) this.store.add(onDidChange(release));
    this.readings = this.store.add(new HostReadings(shared));
    this.ports = this.store.add(new PortChecks(shared));
    this.proofs = this.store.add(new Proofs({ ...shared, readings: this.readings }));
  }

  /** Ends what is under way and resolves once its containers are removed; for the end of the window. */
  async stopAll(): Promise<void> {
    // First, or a watch would tell a person that its verification was cancelled.
    this.watches.dispose();
    await Promise.all([this.verifications.stopAll(), this.proofs.stopAll(), this.readings.stop(), this.ports.stop()]);
  }

  dispose(): void {
    this.store.dispose();
  }
}
