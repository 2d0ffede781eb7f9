import { OverlayError } from '../../../base/errors';
import type { CommandArguments, HostAddresses } from '../../../contributions';
import type { HostName } from '../../../model/host/host';
import type { Topology } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import type { Plan, PlanResult, StepState } from '../../../swarm/plans/plan';
import { planForm } from '../../../swarm/plans';
import { findHost } from '../../command/find';
import { commandButton, showInfo } from '../../vscode/messages';
import type { PlanOutcome, PlanRunner } from '../../operations/planRunner';
import { notBack } from '../../vscode/ask';
import { pickOne } from '../../quickPick/pick';
import { addressItems } from './swarmOptions';
import { count } from '../../../base/text/words';
import type { UnlockKeys } from '../unlockKeys';
import { hostsToForm } from './formHosts';
import { askForm, type FormChoice } from './formQuestions';

type FormArguments = CommandArguments['dockerOverlay.swarm.form'];
type Addresses = Readonly<Record<HostName, HostAddresses>>;

const words = { running: 'Forming swarm', done: 'joined' };

/** Makes one swarm of several hosts: which ones, which are managers, a preview, and off. */
export async function formSwarm(
  fleet: Fleet,
  runner: PlanRunner,
  keys: UnlockKeys,
  args: FormArguments,
): Promise<PlanOutcome> {
  const choice = await askForm(fleet.topology, args, initialOf(fleet.topology, args), (one) => planOf(fleet, one));
  let result = await runner.run(planOf(fleet, choice), words);
  // Docker itself says which addresses there are, and refuses before it has done anything.
  const addresses = await askAddresses(fleet.topology, result, choice.addresses ?? {});
  if (addresses) result = await runner.run(planOf(fleet, { ...choice, addresses }), words, result);
  // Also of a swarm that is half formed: its managers lock from now on, and nobody else has the key.
  const isBegun = result.steps.some(({ step, state }) => step.id.startsWith('init:') && isThere(state));
  const kept = choice.autolock && (isBegun || result.outcome === 'done') ? keepKey(fleet, keys, choice) : undefined;
  await Promise.allSettled([kept]);
  const outcome = runner.outcome(result);
  await kept;
  tellDone(choice);
  return outcome;
}

function initialOf(topology: Topology, args: FormArguments): FormChoice {
  const hosts = args.hosts ?? hostsToForm(topology);
  if (hosts.length === 0)
    throw new OverlayError('nothingToChoose', {
      message: 'Every connected host is in a swarm already.',
      remedy: 'Add or connect another host, or let one leave its swarm.',
    });
  hosts.forEach((host) => findHost(topology, host));
  const { managers, dataPathPort, addressPools, subnetSize, autolock, advertise = {} } = args;
  const short = Object.fromEntries(Object.entries(advertise).map(([host, address]) => [host, { advertise: address }]));
  const addresses: Addresses = { ...short, ...args.addresses };
  return { hosts, managers, addresses, dataPathPort, addressPools, subnetSize, autolock };
}

function planOf(fleet: Fleet, { managers = [], ...choice }: FormChoice): Plan {
  return planForm(fleet.topology, (host) => fleet.engine(host), { ...choice, managers });
}

const isThere = ({ kind }: StepState): boolean => kind === 'done' || kind === 'alreadyDone';

/** The key of the new swarm, for when its first manager restarts. */
async function keepKey(fleet: Fleet, keys: UnlockKeys, { hosts }: FormChoice): Promise<void> {
  const cluster = fleet.topology.clusters.find((one) => one.hosts.some((host) => hosts.includes(host)));
  if (cluster) await keys.read(fleet, cluster);
}

function tellDone({ hosts, managers = [] }: FormChoice): void {
  const workers = hosts.length - managers.length;
  const parts = [count(managers.length, 'manager'), ...(workers > 0 ? [count(workers, 'worker')] : [])];
  showInfo(`The swarm of ${count(hosts.length, 'host')} is formed: ${parts.join(', ')}.`, [
    commandButton('Create Overlay Network', 'dockerOverlay.network.create'),
  ]);
}

/** Asks for the address of each host that has several; undefined when that was not what went wrong. */
export async function askAddresses(
  topology: Topology,
  result: PlanResult,
  known: Addresses,
): Promise<Addresses | undefined> {
  const unclear = result.steps.flatMap(({ step, state }) =>
    state.kind === 'failed' && state.error.reason === 'advertiseAddressAmbiguous' && step.host !== undefined
      ? [{ host: step.host, items: state.error.params.items ?? [] }]
      : [],
  );
  const askable = unclear.filter(({ items }) => items.length > 0);
  if (askable.length === 0) return undefined;
  const chosen: Record<HostName, HostAddresses> = { ...known };
  for (const { host, items } of askable) {
    const advertise = notBack(
      await pickOne({
        title: `Address of ${host}`,
        placeholder: `${host} has several addresses: by which one do the other hosts reach it?`,
        items: addressItems(findHost(topology, host), items),
      }),
    );
    chosen[host] = { ...chosen[host], advertise };
  }
  return chosen;
}
