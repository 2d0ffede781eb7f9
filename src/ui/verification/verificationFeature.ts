import * as vscode from 'vscode';
import { contextKeys } from '../../contributions';
import type { App } from '../app';
import type { Feature } from '../feature';
import type { HostDetails } from '../hosts/hostsFeature';
import type { ResultsSource } from '../networks/networksFeature';
import { Leftovers } from './leftovers';
import { MatrixPanels } from './panel/matrixPanels';
import { connectPanelRequests } from './panel/panelRequests';
import { PortChecks } from './ports/portChecks';
import { portCommands } from './ports/portCommands';
import { portNode } from './ports/portNode';
import { proofCommands } from './proof/proofCommands';
import { Proofs } from './proof/proofs';
import { LastReports } from './results/lastReports';
import { ResultFiles } from './results/resultFiles';
import { Verifications } from './verifications';
import { verifyCommands } from './verifyCommands';
import { Watches } from './watch/watches';

export interface VerificationFeature extends Feature {
  readonly verifications: Verifications;
  /** For the Hosts view: the last check of each host's ports. */
  readonly ports: HostDetails;
  /** For the Networks view. */
  readonly results: ResultsSource;
}

/** What starts containers for a while to find something out: verifications, watches, port checks, proofs. */
export function verificationFeature(app: App): VerificationFeature {
  const { context, fleet, hosts, logger, owner, runs, previews, readings, store } = app;
  const memory = context.workspaceState;
  const files = new ResultFiles(vscode.Uri.joinPath(context.globalStorageUri, 'results').fsPath);
  const reports = new LastReports(files, logger, memory);
  const panels = store.add(new MatrixPanels(vscode.Uri.joinPath(context.extensionUri, 'dist'), reports));
  const shared = { fleet, logger, owner: owner.label, runs };
  store.add(new Leftovers({ fleet, logger, owner, runs }));
  const verifications = store.add(new Verifications({ ...shared, panels, reports }));
  const watches = store.add(new Watches({ fleet, panels, verifications, reports, logger, memory }));
  const ports = store.add(new PortChecks(shared));
  const proofs = store.add(new Proofs({ ...shared, readings }));
  store.add(connectPanelRequests(panels, verifications));
  store.add(app.onDidShowView(() => void reports.start()));
  // Somebody looks at a panel that came back.
  store.add(panels.onDidRestore(() => hosts.start()));

  const isNeeded = (networkId: string) =>
    panels.get(networkId) !== undefined || verifications.isRunning(networkId) || watches.networkIds.includes(networkId);
  const release = () => void reports.release(isNeeded);
  for (const onDidChange of [panels.onDidDispose, verifications.onDidChange, watches.onDidChange])
    store.add(onDidChange(release));

  return {
    verifications,
    ports: {
      itemOf: (host) => {
        const last = ports.lastOf(host);
        return last && portNode(host, last, Date.now());
      },
      onDidChange: ports.onDidChange,
    },
    results: {
      lastResult: (networkId) => reports.result(networkId),
      isRunning: (networkId) => verifications.isRunning(networkId),
      get watched() {
        return watches.all;
      },
      onDidChange: [verifications.onDidChange, reports.onDidChange, watches.onDidChange],
      rescan: () => void reports.rescan(),
    },
    commands: {
      ...verifyCommands(fleet, verifications, reports, watches),
      ...portCommands(fleet, ports, previews),
      ...proofCommands(fleet, proofs, previews),
    },
    contextKeys: {
      values: () => ({
        [contextKeys.verifying]: verifications.runningNetworks.length > 0,
        [contextKeys.watching]: watches.networkIds.length > 0,
      }),
      onDidChange: [verifications.onDidChange, watches.onDidChange],
    },
    start: () => {
      // A watch goes on without being looked at.
      if (watches.resume()) hosts.start();
    },
    stop: async () => {
      // First, or a watch would tell a person that its verification was cancelled.
      watches.dispose();
      await Promise.all([verifications.stopAll(), proofs.stopAll(), ports.stop()]);
    },
  };
}
