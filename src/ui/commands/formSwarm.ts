import { OverlayError } from '../../base/errors';
import type { CommandArguments } from '../../contributions';
import type { HostName } from '../../model/host';
import type { HostView, Topology } from '../../model/topology';
import type { Fleet } from '../../swarm/fleet';
import type { Plan, PlanResult } from '../../swarm/plan';
import { planForm, proposeManagers } from '../../swarm/plans';
import { findHost, hostItem } from '../choose';
import { showInfo, commandButton } from '../messages';
import type { PlanOutcome, PlanRunner } from '../planRunner';
import { back, more, notBack, pickMany, pickOne } from '../quickPicks/pick';
import { managersAdvice, managersTitle } from '../quickPicks/managerWords';
import { previewPlan } from '../quickPicks/preview';
import { membershipOf } from '../trees/viewItems';
import { count } from '../trees/words';

type FormArguments = CommandArguments['dockerOverlay.swarm.form'];
type Addresses = Readonly<Record<HostName, string>>;

interface Choice {
  readonly hosts: readonly HostName[];
  readonly managers: readonly HostName[];
}

const words = { running: 'Forming swarm', done: 'joined' };

/** Makes one swarm of several hosts: which are managers, a preview, and off. */
export async function formSwarm(fleet: Fleet, runner: PlanRunner, args: FormArguments): Promise<PlanOutcome> {
  const choice = await choose(fleet, args);
  const advertise = args.advertise ?? {};
  let plan = planOf(fleet, choice, advertise);
  let result = await runner.run(plan, words);
  // Docker itself says which addresses there are, and refuses before it has done anything.
  const addresses = await askAddresses(result, advertise);
  if (addresses) {
    plan = planOf(fleet, choice, addresses);
    result = await runner.run(plan, words);
  }
  const outcome = runner.outcome(result);
  tellDone(choice);
  return outcome;
}

function tellDone({ hosts, managers }: Choice): void {
  const workers = hosts.length - managers.length;
  const parts = [count(managers.length, 'manager'), ...(workers > 0 ? [count(workers, 'worker')] : [])];
  showInfo(`The swarm of ${count(hosts.length, 'host')} is formed: ${parts.join(', ')}.`, [
    commandButton('Create Overlay Network', 'dockerOverlay.network.create'),
  ]);
}

const planOf = (fleet: Fleet, choice: Choice, advertise: Addresses): Plan =>
  planForm(fleet.topology, (host) => fleet.engine(host), { ...choice, advertise });

/** Asks for what the arguments do not say; with hosts, managers and `confirmed` nothing is asked. */
async function choose(fleet: Fleet, args: FormArguments): Promise<Choice> {
  let hosts = args.hosts ?? freeHosts(fleet.topology);
  if (hosts.length === 0)
    throw new OverlayError('nothingToChoose', { message: 'Every connected host is in a swarm already.' });
  hosts.forEach((host) => findHost(fleet.topology, host));
  let ticked = args.managers;
  for (;;) {
    const managers = args.managers ?? (await askManagers(fleet.topology, hosts, ticked));
    if (managers === more) {
      hosts = await askHosts(fleet.topology, hosts);
      ticked = undefined;
      continue;
    }
    const choice = { hosts, managers };
    if (args.confirmed) return choice;
    const plan = planOf(fleet, choice, args.advertise ?? {});
    const answer = await previewPlan(
      plan,
      `Form the swarm of ${count(hosts.length, 'host')}`,
      args.managers === undefined,
    );
    if (answer !== back) return choice;
    ticked = managers;
  }
}

function freeHosts(topology: Topology): HostName[] {
  return topology.hosts.filter((host) => membershipOf(host) === 'free').map((host) => host.config.name);
}

async function askManagers(
  topology: Topology,
  hosts: readonly HostName[],
  ticked: readonly HostName[] | undefined,
): Promise<readonly HostName[] | typeof more> {
  const proposal = ticked ?? proposeManagers(hosts);
  const items = hosts.map((name) => {
    const item = hostItem(findHost(topology, name));
    return { ...item, value: name, picked: proposal.includes(name) };
  });
  const answer = await pickMany<HostName>({
    title: '',
    titleFor: (managers) => managersTitle(managers.length, hosts.length),
    placeholder: `Which of the ${count(hosts.length, 'host')} are managers? The others become workers`,
    items,
    moreButton: { icon: 'checklist', tooltip: 'Choose Other Hosts' },
    // Nothing but "none at all" is refused: two managers are worth no more than one, yet a way to three.
    validate: (managers) => (managers.length === 0 ? `Managers: ${managersAdvice(0, hosts.length) ?? ''}` : undefined),
  });
  return notBack(answer);
}

async function askHosts(topology: Topology, ticked: readonly HostName[]): Promise<HostName[]> {
  const isFree = (host: HostView) => membershipOf(host) === 'free';
  const items = topology.hosts
    .filter(isFree)
    .map((host) => ({ ...hostItem(host), picked: ticked.includes(host.config.name) }));
  const chosen = notBack(
    await pickMany({
      title: 'Form Swarm',
      placeholder: 'Which hosts?',
      items,
      validate: (hosts) => (hosts.length === 0 ? 'Tick at least one host' : undefined),
    }),
  );
  return chosen.map((host) => host.config.name);
}

/** Asks for the address of each host that has several; undefined when that was not what went wrong. */
export async function askAddresses(result: PlanResult, known: Addresses): Promise<Addresses | undefined> {
  const unclear = result.steps.flatMap(({ step, state }) =>
    state.kind === 'failed' && state.error.reason === 'advertiseAddressAmbiguous' && step.host !== undefined
      ? [{ host: step.host, items: state.error.params.items ?? [] }]
      : [],
  );
  const askable = unclear.filter(({ items }) => items.length > 0);
  if (askable.length === 0) return undefined;
  const chosen: Record<HostName, string> = { ...known };
  for (const { host, items } of askable) {
    chosen[host] = notBack(
      await pickOne({
        title: `Address of ${host}`,
        placeholder: `${host} has several addresses: by which one do the other hosts reach it?`,
        items: items.map((address) => ({ value: address, label: address, icon: 'globe' })),
      }),
    );
  }
  return chosen;
}
