import type { Event } from '../../base/event';
import { contextKeys, views } from '../../contributions';
import type { Topology } from '../../model/swarm/topology';
import type { App } from '../app';
import type { ContextKey } from '../contextKeys';
import type { Feature } from '../feature';
import { createTreeView } from '../vscode/treeView';
import { createNetworkCommands } from './commands/createNetwork';
import { networkCommands } from './commands/networkCommands';
import { OtherDrivers } from './otherDrivers';
import { buildNetworksTree, type NetworkResults } from './tree/networksTree';

/** What the Networks view shows of verifications. */
export interface ResultsSource extends NetworkResults {
  readonly onDidChange: readonly Event<unknown>[];
  /** Looks at what other windows have found meanwhile. */
  rescan(): void;
}

/** Overlay networks: creating, connecting containers, removing; and those of other drivers. */
export function networksFeature(app: App, results: ResultsSource): Feature {
  const { fleet, runner, documents, context, store } = app;
  const others = store.add(new OtherDrivers(context.globalState));
  return {
    commands: {
      ...networkCommands(fleet, runner, documents, others),
      ...createNetworkCommands(fleet, runner, app.readings),
    },
    views: [
      createTreeView({
        id: views.networks,
        build: () => buildNetworksTree(fleet.topology, { ...results, now: Date.now(), othersShown: others.shown }),
        onDidChange: [fleet.onDidChange, others.onDidChange, ...results.onDidChange],
        showsAges: true,
        whileVisible: () => results.rescan(),
        onShown: app.viewShown,
      }),
    ],
    contextKeys: {
      values: () => ({ ...networkKeys(fleet.topology), [contextKeys.otherDriversShown]: others.shown }),
      onDidChange: [fleet.onDidChange, others.onDidChange],
    },
  };
}

/** Pure. */
export function networkKeys({ clusters }: Topology): Partial<Record<ContextKey, boolean>> {
  return { [contextKeys.hasOverlayNetwork]: clusters.some((one) => one.networks.some((n) => !n.network.ingress)) };
}
