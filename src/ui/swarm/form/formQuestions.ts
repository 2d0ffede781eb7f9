import type { CommandArguments } from '../../../contributions';
import type { HostName } from '../../../model/host/host';
import type { Topology } from '../../../model/swarm/topology';
import type { Plan } from '../../../swarm/plans/plan';
import { proposeManagers } from '../../../swarm/plans';
import { findHost } from '../../command/find';
import { hostItem } from '../../hosts/chooseHosts';
import { askSwarmOptions, optionsWords, type SwarmChoices } from './swarmOptions';
import { managersAdvice, managersTitle } from './managerWords';
import { back, type StepPlace } from '../../vscode/ask';
import { pickMany } from '../../quickPick/pick';
import { more, previewPlan } from '../../quickPick/preview';
import { runSteps, WentBack, type Step } from '../../quickPick/steps';
import { count } from '../../../base/text/words';
import { hostsToForm } from './formHosts';

/** Everything a swarm is formed of. */
export interface FormChoice extends SwarmChoices {
  readonly hosts: readonly HostName[];
  /** The first one begins; undefined while none was chosen. */
  readonly managers?: readonly HostName[];
}

type FormArguments = CommandArguments['dockerOverlay.swarm.form'];

/** Asks for what the arguments do not say: hosts, managers, and a look at the plan with its options. */
export function askForm(
  topology: Topology,
  args: FormArguments,
  initial: FormChoice,
  planOf: (choice: FormChoice) => Plan,
): Promise<FormChoice> {
  const steps: Step<FormChoice>[] = [
    {
      when: () => args.hosts === undefined && hostsToForm(topology).length > 1,
      ask: (choice, place) => askHosts(topology, choice, place),
    },
    { when: () => args.managers === undefined, ask: (choice, place) => askManagers(topology, choice, place) },
    { when: () => !args.confirmed, ask: (choice, place) => preview(topology, choice, place, planOf) },
  ];
  return runSteps(initial, steps);
}

async function askHosts(topology: Topology, choice: FormChoice, place: StepPlace) {
  const offered = hostsToForm(topology);
  const items = topology.hosts
    .filter((host) => offered.includes(host.config.name))
    .map((host) => ({ ...hostItem(host), value: host.config.name, picked: choice.hosts.includes(host.config.name) }));
  const hosts = await pickMany<HostName>({
    title: 'Form Swarm',
    placeholder: 'Which hosts?',
    items,
    place,
    validate: (ticked) => (ticked.length === 0 ? 'Tick at least one host' : undefined),
  });
  if (hosts === back) return back;
  // Managers chosen before may not be among the hosts any more.
  const isSame = hosts.length === choice.hosts.length && hosts.every((host) => choice.hosts.includes(host));
  return isSame ? choice : { ...choice, hosts, managers: undefined };
}

async function askManagers(topology: Topology, choice: FormChoice, place: StepPlace) {
  const { hosts } = choice;
  const proposal = choice.managers ?? proposeManagers(topology, hosts);
  const items = hosts.map((name) => {
    const host = findHost(topology, name);
    const { folder } = host.config;
    const item = hostItem(host);
    return { ...item, ...(folder ? { detail: folder } : {}), value: name, picked: proposal.includes(name) };
  });
  const managers = await pickMany<HostName>({
    title: '',
    titleFor: (ticked) => managersTitle(ticked.length, hosts.length),
    placeholder: `Which of the ${count(hosts.length, 'host')} are managers? The others become workers`,
    items,
    place,
    // Nothing but "none at all" is refused: two managers are worth no more than one, yet a way to three.
    validate: (ticked) => (ticked.length === 0 ? `Managers: ${managersAdvice(0, hosts.length) ?? ''}` : undefined),
  });
  return managers === back ? back : { ...choice, managers };
}

/** The plan as it would be; "More options" changes it. */
async function preview(
  topology: Topology,
  chosen: FormChoice,
  place: StepPlace,
  planOf: (choice: FormChoice) => Plan,
): Promise<FormChoice | WentBack<FormChoice>> {
  let choice = chosen;
  for (;;) {
    const answer = await previewPlan(planOf(choice), `Form the swarm of ${count(choice.hosts.length, 'host')}`, {
      place,
      moreOptions: optionsWords(choice),
    });
    if (answer === back) return new WentBack(choice);
    if (answer !== more) return choice;
    choice = { ...choice, ...(await askSwarmOptions(topology, choice.hosts, choice)) };
  }
}
