import { OverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { CommandArguments, ContainerOnHost } from '../../contributions';
import type { Fleet } from '../../swarm/fleet';
import { testContainersOf, type TestContainer } from '../../probe/testContainers/names';
import { planRemoveTestContainers } from '../../probe/testContainers/removePlan';
import { findHost } from '../command/find';
import { confirmPlan, type PlanOutcome, type PlanRunner } from '../operations/planRunner';
import { nothing } from '../quickPick/choose';
import { chooseTestContainers, noTestContainers } from './choose';
import { startTestContainers } from './start';
import type { ShellTerminals } from './shellTerminals';
import { count, list } from '../../base/text/words';
import type { CommandTable } from '../command/register';

export function testContainerCommands(fleet: Fleet, runner: PlanRunner, shells: ShellTerminals, logger: Logger) {
  return {
    'dockerOverlay.testContainers.start': (args) => startTestContainers(fleet, runner, logger, args),
    'dockerOverlay.testContainers.openShell': (args) => openShells(fleet, shells, args),
    'dockerOverlay.testContainers.remove': (args) => removeTestContainers(fleet, runner, args),
  } satisfies Partial<CommandTable>;
}

/** A terminal for each; what keeps a shell from opening is said in its terminal. @returns whose they are. */
async function openShells(
  fleet: Fleet,
  shells: ShellTerminals,
  args: CommandArguments['dockerOverlay.testContainers.openShell'],
): Promise<readonly (ContainerOnHost & { readonly name: string })[]> {
  const chosen = await chooseTestContainers(fleet, args.containers, {
    title: 'Open Shell in Test Container',
    placeholder: 'In which of them? Each gets a terminal of its own',
  });
  const targets = chosen.map(({ host, container }) => ({ host, containerId: container.id, name: container.name }));
  for (const target of targets) shells.show(target);
  return targets;
}

async function removeTestContainers(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.testContainers.remove'],
): Promise<PlanOutcome> {
  const containers = await toRemove(fleet, args);
  const plan = planRemoveTestContainers(fleet.topology, (host) => fleet.engine(host), containers);
  const number = count(plan.steps.length, 'Test Container');
  if (!args.confirmed) await confirmPlan(plan, `Remove ${number.toLowerCase()}?`, `Remove ${number}`);
  return runner.finish(plan, { running: `Removing ${number.toLowerCase()}`, done: 'removed' });
}

/** Those named, those of the hosts named, all, or those asked for. */
async function toRemove(
  fleet: Fleet,
  args: CommandArguments['dockerOverlay.testContainers.remove'],
): Promise<readonly ContainerOnHost[]> {
  // What is removed is named before: also one that was started this very moment, and none that is gone.
  await fleet.refresh();
  if (args.containers) return args.containers;
  if (args.hosts) return onHosts(fleet, args.hosts).map(toArgument);
  if (!args.all) {
    const question = { title: 'Remove Test Containers', placeholder: 'Which of them?' };
    return (await chooseTestContainers(fleet, undefined, question)).map(toArgument);
  }
  const all = testContainersOf(fleet.topology);
  if (all.length === 0) throw nothing(noTestContainers);
  return all.map(toArgument);
}

function onHosts(fleet: Fleet, hosts: readonly string[]): TestContainer[] {
  for (const host of hosts)
    if (findHost(fleet.topology, host).state.kind !== 'ready') throw new OverlayError('notConnected', { host });
  const found = testContainersOf(fleet.topology).filter((one) => hosts.includes(one.host));
  if (found.length === 0)
    throw new OverlayError('nothingToChoose', { message: `There are no test containers on ${list(hosts)}.` });
  return found;
}

const toArgument = ({ host, container }: TestContainer): ContainerOnHost => ({ host, containerId: container.id });
