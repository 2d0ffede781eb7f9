import { OverlayError } from '../../../base/errors';
import type { CommandArguments, ContainerOnHost } from '../../../contributions';
import { addressProblem, subnetUse, type KnownAddress } from '../../../model/network/networkUse';
import type { ClusterNetwork, Topology } from '../../../model/swarm/topology';
import type { EndpointRequest } from '../../../engine/api';
import type { Fleet } from '../../../swarm/fleet';
import { surveyNetworks, usersOf } from '../../../swarm/networks/networkUsers';
import { planConnectContainers } from '../../../swarm/plans';
import { chooseNetwork } from '../chooseNetworks';
import { findCluster } from '../../command/find';
import type { PlanOutcome, PlanRunner } from '../../operations/planRunner';
import { connectable, isConnected, pickContainers } from './pickContainers';
import { back } from '../../vscode/ask';
import { askText } from '../../quickPick/pick';
import { runSteps, type Step } from '../../quickPick/steps';
import { count } from '../../../base/text/words';

type ConnectArguments = CommandArguments['dockerOverlay.network.connectContainer'];

const title = 'Connect Containers to Network';

/** Connects containers to a network; names and addresses are asked for where one container is chosen by hand. */
export async function connectContainers(
  fleet: Fleet,
  runner: PlanRunner,
  args: ConnectArguments,
): Promise<PlanOutcome> {
  const item = await chooseNetwork(fleet.topology, args.networkId, {
    title,
    placeholder: 'To which network?',
    offer: (one) => isOffered(fleet.topology, one, args),
    none: 'There is no attachable overlay network these containers could be connected to.',
    remedy: 'Connect more hosts of its swarm, or create an attachable network first (Networks view).',
  });
  const { network, clusterId } = item;
  const cluster = findCluster(fleet.topology, clusterId);
  const containers = args.containers ?? (await ask(fleet.topology, item));
  const engineOf = (host: string) => fleet.engine(host);
  const isAsked = args.networkId === undefined || args.containers === undefined;
  const isSingle = containers.length === 1;
  const surveys =
    isSingle && (isAsked || args.ipv4 !== undefined || args.ipv6 !== undefined)
      ? await surveyNetworks(cluster, fleet.topology, engineOf, [network.id])
      : undefined;
  const known = usersOf(fleet.topology, item, surveys).addresses;
  const given: EndpointRequest = { aliases: args.aliases, ipv4: args.ipv4, ipv6: args.ipv6 };
  const endpoint = isAsked && isSingle ? await askEndpoint(item, known, given) : given;
  const plan = planConnectContainers(fleet.topology, engineOf, {
    clusterId,
    networkId: network.id,
    containers,
    ...endpoint,
    surveys,
  });
  const what = count(containers.length, 'container');
  return runner.finish(plan, { running: `Connecting ${what} to ${network.name}`, done: 'connected' });
}

/** Attachable, and one of the containers that are named is not in it yet. */
function isOffered(topology: Topology, item: ClusterNetwork, args: ConnectArguments): boolean {
  const { network, clusterId } = item;
  if (network.ingress || !network.attachable) return false;
  if (args.clusterId !== undefined && clusterId !== args.clusterId) return false;
  return args.containers?.some((one) => !isIn(topology, item, one)) ?? true;
}

function isIn(topology: Topology, { network }: ClusterNetwork, { host, containerId }: ContainerOnHost): boolean {
  const state = topology.hosts.find((one) => one.config.name === host)?.state;
  const containers = state?.kind === 'ready' ? state.snapshot.containers : [];
  return containers.some((one) => one.id === containerId && isConnected(one, network));
}

async function ask(topology: Topology, { network, clusterId }: ClusterNetwork): Promise<readonly ContainerOnHost[]> {
  const offered = connectable(topology, findCluster(topology, clusterId), network);
  if (offered.length === 0)
    throw new OverlayError('nothingToChoose', {
      message: `The connected hosts have no container that could be connected to ${network.name}.`,
      remedy: 'Start one there first, or connect more hosts of its swarm.',
    });
  return pickContainers(`Connect to ${network.name}`, 'Which containers? They go on running', offered);
}

interface EndpointForm {
  readonly aliases: string;
  readonly ipv4: string;
  readonly ipv6: string;
}

async function askEndpoint(
  item: ClusterNetwork,
  known: readonly KnownAddress[],
  given: EndpointRequest,
): Promise<EndpointRequest> {
  const steps: Step<EndpointForm>[] = [
    askFor(item, 'aliases', 'Further names, separated by spaces; empty for none', (text) =>
      namesIn(text).every((one) => /^[\w][\w.-]*$/.test(one))
        ? undefined
        : 'Names have letters, digits, ".", "-" and "_"',
    ),
    askFor(item, 'ipv4', `IPv4 address; empty to let Docker choose (${freeWords(item, known)})`, (text) =>
      addressWords(item, text, 4, known),
    ),
    {
      when: () => item.network.ipv6,
      ...askFor(item, 'ipv6', 'IPv6 address; empty to let Docker choose', (text) => addressWords(item, text, 6, known)),
    },
  ];
  const initial = { aliases: given.aliases?.join(' ') ?? '', ipv4: given.ipv4 ?? '', ipv6: given.ipv6 ?? '' };
  const form = await runSteps(initial, steps);
  return {
    aliases: namesIn(form.aliases),
    ...(form.ipv4 ? { ipv4: form.ipv4 } : {}),
    ...(form.ipv6 ? { ipv6: form.ipv6 } : {}),
  };
}

const namesIn = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

/** "10.0.1.0/24: 251 free as far as known" */
function freeWords({ network }: ClusterNetwork, known: readonly KnownAddress[]): string {
  const uses = network.subnets.flatMap(
    (subnet) =>
      subnetUse(
        subnet,
        known.map((one) => one.address),
      ) ?? [],
  );
  return uses.map(({ subnet, free }) => `${subnet}: ${free} free as far as known`).join(', ');
}

function addressWords(
  { network }: ClusterNetwork,
  text: string,
  family: 4 | 6,
  known: readonly KnownAddress[],
): string | undefined {
  const problem = text === '' ? undefined : addressProblem(network, text, family, known);
  if (!problem) return undefined;
  return problem.kind === 'taken' ? `${text} is in use by ${problem.by}` : `${text} cannot be used: ${problem.message}`;
}

function askFor(
  { network }: ClusterNetwork,
  key: keyof EndpointForm,
  prompt: string,
  validate: (text: string) => string | undefined,
): Step<EndpointForm> {
  return {
    ask: async (form, place) => {
      const text = await askText({ title: `Connect to ${network.name}`, prompt, value: form[key], place, validate });
      return text === back ? back : { ...form, [key]: text };
    },
  };
}
