import * as vscode from 'vscode';
import { DisposableStore, toDisposable, type Disposable } from '../base/disposable';
import { views } from '../contributions';
import type { Fleet } from '../swarm/fleet';
import { ContextKeys, contextValues } from './contextKeys';
import type { HostsFilter } from './hosts/hostsFilter';
import type { LastReports } from './verification/results/lastReports';
import type { Operations } from './operations/operations';
import type { OtherDrivers } from './networks/otherDrivers';
import type { PortChecks } from './verification/ports/portChecks';
import { portNode } from './verification/ports/portNode';
import { filterMessage } from './hosts/tree/hostFilter';
import { HostsTree } from './hosts/tree/hostsTree';
import { buildNetworksTree } from './networks/tree/networksTree';
import { buildOperationsTree } from './operations/operationsTree';
import { buildSwarmTree } from './swarm/tree/swarmTree';
import { createTreeView } from './vscode/treeView';
import type { Verifications } from './verification/verifications';
import type { Watches } from './verification/watch/watches';

/** "2 min ago" must not stand still. */
const clockMs = 60_000;

/** What the views show. */
export interface ViewSources {
  readonly fleet: Fleet;
  readonly verifications: Verifications;
  readonly reports: LastReports;
  readonly filter: HostsFilter;
  readonly operations: Operations;
  readonly others: OtherDrivers;
  readonly watches: Watches;
  readonly ports: PortChecks;
}

export interface Views extends Disposable {
  /** Opens the Operations view at one of them. */
  showOperation(id: string): Promise<void>;
}

function portItem(ports: PortChecks, host: string) {
  const last = ports.lastOf(host);
  return last && portNode(host, last, Date.now());
}

/** Registers the views and the context keys, and keeps them in step with what is known. */
export function registerViews(sources: ViewSources, onFirstShown: () => void): Views {
  const { fleet, verifications, reports, filter, operations, others, watches, ports } = sources;
  const store = new DisposableStore();
  const networksContext = () => ({
    now: Date.now(),
    lastResult: (networkId: string) => reports.result(networkId),
    isRunning: (networkId: string) => verifications.isRunning(networkId),
    watched: watches.all,
    othersShown: others.shown,
  });
  const hostsTree = new HostsTree();
  const buildHosts = () => hostsTree.build(fleet.topology, filter.current, (host) => portItem(ports, host));
  const hosts = store.add(createTreeView(views.hosts, buildHosts, onFirstShown));
  const tellFilter = () => hosts.setMessage(filter.current && filterMessage(fleet.topology, filter.current));
  const swarm = store.add(createTreeView(views.swarm, () => buildSwarmTree(fleet.topology), onFirstShown));
  const networks = store.add(
    createTreeView(views.networks, () => buildNetworksTree(fleet.topology, networksContext()), onFirstShown),
  );
  const steps = store.add(
    createTreeView(views.operations, () => buildOperationsTree(operations.all, Date.now()), onFirstShown),
  );
  const keys = new ContextKeys((key, value) => void vscode.commands.executeCommand('setContext', key, value));
  const updateKeys = () =>
    keys.update(
      contextValues(
        fleet.topology,
        verifications.runningNetworks.length > 0,
        filter.current !== undefined,
        operations.all,
        others.shown,
        watches.networkIds.length > 0,
      ),
    );
  store.add(
    fleet.onDidChange(() => {
      updateKeys();
      tellFilter();
      for (const view of [hosts, swarm, networks]) view.refresh();
    }),
  );
  store.add(ports.onDidChange(() => hosts.refresh()));
  store.add(
    filter.onDidChange(() => {
      updateKeys();
      tellFilter();
      hosts.refresh();
    }),
  );
  store.add(
    verifications.onDidChange(() => {
      updateKeys();
      networks.refresh();
    }),
  );
  store.add(reports.onDidChange(() => networks.refresh()));
  store.add(
    watches.onDidChange(() => {
      updateKeys();
      networks.refresh();
    }),
  );
  store.add(
    operations.onDidChange(() => {
      updateKeys();
      steps.refresh();
    }),
  );
  store.add(
    others.onDidChange(() => {
      updateKeys();
      networks.refresh();
    }),
  );
  const clock = setInterval(() => {
    for (const view of [hosts, networks, steps]) if (view.visible) view.refresh();
    if (networks.visible) void reports.rescan();
  }, clockMs);
  store.add(toDisposable(() => clearInterval(clock)));
  updateKeys();
  return { showOperation: (id) => steps.reveal(`operation/${id}`), dispose: () => store.dispose() };
}
