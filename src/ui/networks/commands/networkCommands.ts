import type { Fleet } from '../../../swarm/fleet';
import type { JsonDocuments } from '../../vscode/jsonDocuments';
import type { OtherDrivers } from '../otherDrivers';
import type { PlanRunner } from '../../operations/planRunner';
import { connectContainers } from './connectContainers';
import { disconnectContainers } from './disconnectContainers';
import { inspectNetwork } from './inspectNetwork';
import { pruneNetworks } from './pruneNetworks';
import type { CommandTable } from '../../command/register';
import { removeNetworks } from './removeNetworks';

/** What is done with networks that are there. */
export function networkCommands(fleet: Fleet, runner: PlanRunner, documents: JsonDocuments, others: OtherDrivers) {
  return {
    'dockerOverlay.network.inspect': (args) => inspectNetwork(fleet, documents, args),
    'dockerOverlay.network.remove': (args) => removeNetworks(fleet, runner, args),
    'dockerOverlay.network.prune': (args) => pruneNetworks(fleet, runner, args),
    'dockerOverlay.network.connectContainer': (args) => connectContainers(fleet, runner, args),
    'dockerOverlay.network.disconnectContainer': (args) => disconnectContainers(fleet, runner, args),
    'dockerOverlay.networks.showOthers': () => others.set(true),
    'dockerOverlay.networks.hideOthers': () => others.set(false),
  } satisfies Partial<CommandTable>;
}
