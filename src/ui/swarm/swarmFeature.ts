import { contextKeys, views } from '../../contributions';
import { isMajorityLost } from '../../model/swarm/clusterState';
import { membershipOf } from '../../model/swarm/membership';
import type { Topology } from '../../model/swarm/topology';
import type { App } from '../app';
import type { ContextKey } from '../contextKeys';
import type { Feature } from '../feature';
import { createTreeView } from '../vscode/treeView';
import { nodeCommands } from './commands/nodeCommands';
import { swarmCareCommands } from './commands/swarmCareCommands';
import { swarmCommands } from './commands/swarmCommands';
import { swarmSecretCommands } from './commands/swarmSecretCommands';
import { watchMajority } from './majorityWatch';
import { buildSwarmTree } from './tree/swarmTree';
import { UnlockKeys } from './unlockKeys';

/** Swarms and their nodes: forming, joining, managers, keys, labels. */
export function swarmFeature(app: App): Feature {
  const { fleet, runner, documents, store } = app;
  const keys = new UnlockKeys(app.secrets);
  store.add(watchMajority(fleet));
  return {
    commands: {
      ...swarmCommands(fleet, runner, keys),
      ...swarmSecretCommands(fleet, runner, keys),
      ...swarmCareCommands(fleet, runner, documents),
      ...nodeCommands(fleet, runner, documents),
    },
    views: [
      createTreeView({
        id: views.swarm,
        build: () => buildSwarmTree(fleet.topology),
        onDidChange: [fleet.onDidChange],
        onShown: app.viewShown,
      }),
    ],
    contextKeys: { values: () => swarmKeys(fleet.topology), onDidChange: [fleet.onDidChange] },
  };
}

/** Pure. */
export function swarmKeys({ hosts, clusters }: Topology): Partial<Record<ContextKey, boolean>> {
  return {
    [contextKeys.hasFreeHosts]: hosts.some((host) => membershipOf(host) === 'free'),
    [contextKeys.hasCluster]: clusters.length > 0,
    [contextKeys.hasLockedHosts]: hosts.some((host) => membershipOf(host) === 'locked'),
    [contextKeys.majorityLost]: clusters.some(isMajorityLost),
  };
}
