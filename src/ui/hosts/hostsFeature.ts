import type { Event } from '../../base/event';
import { contextKeys, views } from '../../contributions';
import type { Topology } from '../../model/swarm/topology';
import type { App } from '../app';
import type { ContextKey } from '../contextKeys';
import type { Feature } from '../feature';
import type { TreeNode } from '../tree/treeNode';
import { createTreeView } from '../vscode/treeView';
import { secretCommands } from './commands/forgetSecrets';
import { hostCommands } from './commands/hostCommands';
import { filterCommands } from './commands/filterCommands';
import { ConnectionTester } from './connectionTest/tester';
import { HostsFilter } from './hostsFilter';
import { LazyContexts } from './lazyContexts';
import { filterMessage } from './tree/hostFilter';
import { HostsTree } from './tree/hostsTree';

/** What the Hosts view shows below a host that another feature has found. */
export interface HostDetails {
  itemOf(host: string): TreeNode | undefined;
  readonly onDidChange: Event<unknown>;
}

/** Which hosts there are: adding, connecting, testing, folders, and what was remembered of them. */
export function hostsFeature(app: App, ports: HostDetails): Feature {
  const { fleet, hosts, connector, logger, context, store } = app;
  const contexts = store.add(new LazyContexts(fleet, hosts, logger));
  const tester = new ConnectionTester({ connector, createEngine: connector.createEngine });
  const filter = store.add(new HostsFilter());
  const tree = new HostsTree();
  return {
    commands: {
      ...hostCommands({ fleet, hosts, tester, onContextsChange: contexts.onDidChange }),
      ...filterCommands(fleet, filter),
      ...secretCommands(app.secrets, context.globalState),
    },
    views: [
      createTreeView({
        id: views.hosts,
        build: () => tree.build(fleet.topology, filter.current, (host) => ports.itemOf(host)),
        message: () => filter.current && filterMessage(fleet.topology, filter.current),
        onDidChange: [fleet.onDidChange, filter.onDidChange, ports.onDidChange],
        showsAges: true,
        onShown: app.viewShown,
      }),
    ],
    contextKeys: {
      values: () => ({ ...hostKeys(fleet.topology), [contextKeys.hostsFiltered]: filter.current !== undefined }),
      onDidChange: [fleet.onDidChange, filter.onDidChange],
    },
  };
}

/** Pure. */
export function hostKeys({ hosts, problems }: Topology): Partial<Record<ContextKey, boolean>> {
  return {
    [contextKeys.hasHosts]: hosts.length + problems.length > 0,
    [contextKeys.hasConnectedHosts]: hosts.some((host) => host.state.kind === 'ready'),
  };
}
