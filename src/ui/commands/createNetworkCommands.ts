import { describeError, type OverlayError } from '../../base/errors';
import type { CommandArguments } from '../../contributions';
import type { Cluster, ClusterNetwork, Topology } from '../../model/topology';
import type { Fleet } from '../../swarm/fleet';
import { validateGateway, validateNetworkName, validateSubnet } from '../../swarm/networkRules';
import { planCreateNetwork } from '../../swarm/plans';
import { chooseCluster } from '../choose';
import { commandButton, showInfo } from '../messages';
import type { PlanRunner } from '../planRunner';
import { networkToggles, type NetworkToggle } from '../quickPicks/networkToggles';
import { askText, pickMany, type StepPlace } from '../quickPicks/pick';
import { runSteps, type Step } from '../quickPicks/steps';
import { count } from '../trees/words';
import type { CommandTable } from './register';

type CreateArguments = CommandArguments['dockerOverlay.network.create'];

export function createNetworkCommands(
  fleet: Fleet,
  runner: PlanRunner,
): Pick<CommandTable, 'dockerOverlay.network.create'> {
  return { 'dockerOverlay.network.create': (args) => createNetwork(fleet, runner, args) };
}

/** @returns id and name of the new network. */
async function createNetwork(
  fleet: Fleet,
  runner: PlanRunner,
  args: CreateArguments,
): Promise<{ networkId: string | undefined; name: string }> {
  const cluster = await chooseCluster(fleet.topology, args.clusterId, 'Create Overlay Network');
  const form = args.name === undefined ? await askNetwork(fleet.topology, cluster, args) : formOf(args, args.name);
  const subnets = form.subnet ? [{ subnet: form.subnet, ...(form.gateway ? { gateway: form.gateway } : {}) }] : [];
  const has = (toggle: NetworkToggle) => form.toggles.includes(toggle);
  const plan = planCreateNetwork(fleet.topology, (one) => fleet.engine(one), {
    clusterId: cluster.id,
    request: {
      name: form.name,
      driver: 'overlay',
      attachable: has('attachable'),
      encrypted: has('encrypted'),
      internal: has('internal'),
      ipv6: has('ipv6'),
      subnets,
    },
  });
  await runner.finish(plan, { running: `Creating ${form.name}`, done: 'done' });
  const now = fleet.topology.clusters.find((one) => one.id === cluster.id);
  const made = now?.networks.find((one) => one.network.name === form.name);
  tellCreated(form, cluster, made);
  return { networkId: made?.network.id, name: form.name };
}

function tellCreated(form: NetworkForm, cluster: Cluster, made: ClusterNetwork | undefined): void {
  const argument = { clusterId: cluster.id, ...(made ? { networkId: made.network.id } : {}) };
  const isVerifiable = form.toggles.includes('attachable') && made !== undefined && cluster.hosts.length > 1;
  showInfo(
    `${form.name} created on ${count(cluster.hosts.length, 'host')}.`,
    isVerifiable ? [commandButton('Verify', 'dockerOverlay.verify.run', argument)] : [],
  );
}

interface NetworkForm {
  readonly name: string;
  readonly toggles: readonly NetworkToggle[];
  readonly subnet: string;
  readonly gateway: string;
}

/** With a name given nothing is asked: what is left out is as in the dialog, attachable and nothing else. */
function formOf(args: CreateArguments, name: string): NetworkForm {
  const toggles: NetworkToggle[] = [];
  if (args.attachable ?? true) toggles.push('attachable');
  for (const toggle of ['encrypted', 'internal', 'ipv6'] as const) if (args[toggle]) toggles.push(toggle);
  return { name, toggles, subnet: args.subnet ?? '', gateway: args.gateway ?? '' };
}

async function askNetwork(topology: Topology, cluster: Cluster, args: CreateArguments): Promise<NetworkForm> {
  const isManual = (form: NetworkForm) => form.toggles.includes('more');
  const steps: Step<NetworkForm>[] = [
    askFor('name', 'Name of the network, the same on all hosts', 'my_net', (name) =>
      validateNetworkName(name, topology, cluster.id),
    ),
    { ask: (form, place) => askToggles(topology, cluster, form, place) },
    {
      when: isManual,
      ...askFor('subnet', 'Subnet; empty to let Docker choose', '10.20.0.0/24', (subnet) =>
        subnet === '' ? undefined : validateSubnet(topology, cluster.id, subnet),
      ),
    },
    {
      when: (form) => isManual(form) && form.subnet !== '',
      ask: (form, place) =>
        askFor('gateway', 'Gateway; empty for the first address', '', (gateway) =>
          gateway === '' ? undefined : validateGateway(form.subnet, gateway),
        ).ask(form, place),
    },
  ];
  const initial = formOf(args, '');
  const form = await runSteps(initial, steps);
  // What was answered before "More options" was unticked again.
  return isManual(form) ? form : { ...form, subnet: initial.subnet, gateway: initial.gateway };
}

function askFor(
  key: 'name' | 'subnet' | 'gateway',
  prompt: string,
  placeholder: string,
  validate: (text: string) => OverlayError | undefined,
): Step<NetworkForm> {
  return {
    ask: async (form, place) => {
      const text = await askText({
        title: 'Create Overlay Network',
        prompt,
        placeholder,
        value: form[key],
        place,
        validate: (value) => {
          const wrong = validate(value);
          return wrong && describeError(wrong).happened;
        },
      });
      return typeof text === 'symbol' ? text : { ...form, [key]: text };
    },
  };
}

async function askToggles(topology: Topology, cluster: Cluster, form: NetworkForm, place: StepPlace) {
  const answer = await pickMany({
    title: `Create ${form.name}`,
    placeholder: 'Tick what it is to be; Enter creates it',
    items: networkToggles(topology, cluster).map((item) => ({ ...item, picked: form.toggles.includes(item.value) })),
    place,
  });
  return typeof answer === 'symbol' ? answer : { ...form, toggles: answer };
}
