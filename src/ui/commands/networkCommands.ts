import { describeError, OverlayError } from '../../base/errors';
import type { CommandArguments } from '../../contributions';
import type { Cluster, ClusterNetwork, Topology } from '../../model/topology';
import { validateGateway, validateNetworkName, validateSubnet } from '../../swarm/networkRules';
import type { Fleet } from '../../swarm/fleet';
import { planCreateNetwork, planRemoveNetworks } from '../../swarm/plans';
import { chooseCluster, chooseNetwork, chooseNetworks, findCluster, type NetworksQuestion } from '../choose';
import type { JsonDocuments } from '../documents';
import { commandButton, showInfo } from '../messages';
import { confirmPlan, type PlanOutcome, type PlanRunner } from '../planRunner';
import { askText, pickMany, type StepPlace } from '../quickPicks/pick';
import { networkToggles, type NetworkToggle } from '../quickPicks/networkToggles';
import { runSteps, type Step } from '../quickPicks/steps';
import { count, list } from '../trees/words';
import type { CommandTable } from './register';

type NetworkCommands = Pick<
  CommandTable,
  'dockerOverlay.network.create' | 'dockerOverlay.network.inspect' | 'dockerOverlay.network.remove'
>;
type CreateArguments = CommandArguments['dockerOverlay.network.create'];

export function networkCommands(fleet: Fleet, runner: PlanRunner, documents: JsonDocuments): NetworkCommands {
  return {
    'dockerOverlay.network.create': (args) => createNetwork(fleet, runner, args),
    'dockerOverlay.network.inspect': (args) => inspectNetwork(fleet, documents, args),
    'dockerOverlay.network.remove': (args) => removeNetworks(fleet, runner, args),
  };
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

async function inspectNetwork(
  fleet: Fleet,
  documents: JsonDocuments,
  args: CommandArguments['dockerOverlay.network.inspect'],
): Promise<unknown> {
  const { network, clusterId } = await chooseNetwork(fleet.topology, args.networkId, {
    title: 'Inspect Network',
    placeholder: 'Which network?',
    offer: () => true,
    none: 'There is no overlay network.',
  });
  const cluster = findCluster(fleet.topology, clusterId);
  const host = cluster.managerHosts[0] ?? cluster.hosts[0];
  if (host === undefined) throw new OverlayError('noReachableManager', { name: cluster.name });
  const raw = await fleet.engine(host).networks.inspectRaw(network.id);
  await documents.show([cluster.name, 'networks', network.name], raw);
  return raw;
}

async function removeNetworks(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.network.remove'],
): Promise<PlanOutcome> {
  const question: NetworksQuestion = {
    title: 'Remove Networks',
    placeholder: 'Which networks?',
    offer: (item) => !item.network.ingress && (args.clusterId === undefined || item.clusterId === args.clusterId),
    none: 'There is no overlay network besides ingress.',
  };
  const chosen = await chooseNetworks(fleet.topology, args.networkIds, question);
  const [first] = chosen;
  if (!first) throw new OverlayError('invalidArguments', { message: 'no network is named' });
  if (chosen.some((item) => item.clusterId !== first.clusterId))
    throw new OverlayError('invalidArguments', {
      message: 'the networks are of different swarms; remove them one swarm at a time',
    });
  const names = list(chosen.map((item) => item.network.name));
  // What hangs on a network is named before it is touched: also a container that was started this very moment.
  await fleet.refresh(findCluster(fleet.topology, first.clusterId).hosts);
  const plan = planRemoveNetworks(fleet.topology, (one) => fleet.engine(one), {
    clusterId: first.clusterId,
    networkIds: chosen.map((item) => item.network.id),
  });
  if (!args.confirmed) {
    const button = `Remove ${count(chosen.length, 'Network')}`;
    await confirmPlan(plan, `Remove ${names}?`, button);
  }
  return runner.finish(plan, { running: `Removing ${names}`, done: 'removed' });
}
