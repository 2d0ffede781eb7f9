import { contextKeys } from '../../contributions';
import type { Topology } from '../../model/swarm/topology';
import { testContainersOf } from '../../probe/testContainers/names';
import type { App } from '../app';
import type { ContextKey } from '../contextKeys';
import type { Feature } from '../feature';
import { ShellTerminals } from './shellTerminals';
import { testContainerCommands } from './testContainerCommands';

/** Containers that a person starts to try a network, and shells in them. */
export function testContainersFeature({ fleet, runner, logger, store }: App): Feature {
  const shells = store.add(new ShellTerminals(fleet, logger));
  return {
    commands: testContainerCommands(fleet, runner, shells, logger),
    contextKeys: { values: () => testContainerKeys(fleet.topology), onDidChange: [fleet.onDidChange] },
    stop: () => shells.endAll(),
  };
}

/** Pure. */
export function testContainerKeys(topology: Topology): Partial<Record<ContextKey, boolean>> {
  return { [contextKeys.hasTestContainers]: testContainersOf(topology).length > 0 };
}
