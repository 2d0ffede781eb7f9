import { describeError } from '../../../base/errors';
import type { HostAddresses } from '../../../contributions';
import type { HostName } from '../../../model/host/host';
import { addressesOf, describeUnreachable } from '../../../model/host/hostAddress';
import { defaultDataPathPort } from '../../../model/network/vxlan';
import type { HostView, Topology } from '../../../model/swarm/topology';
import { checkSwarmOptions } from '../../../swarm/plans/form/swarmOptions';
import { back } from '../../vscode/ask';
import { askText, pickOne, type PickItem } from '../../quickPick/pick';
import { runSteps } from '../../quickPick/steps';

/** What can be chosen when a swarm begins, and each host's addresses in it. */
export interface SwarmChoices {
  readonly addresses?: Readonly<Record<HostName, HostAddresses>>;
  readonly dataPathPort?: number;
  readonly addressPools?: readonly string[];
  readonly subnetSize?: number;
  readonly autolock?: boolean;
}

type OptionRow =
  | { readonly kind: 'done' | 'port' | 'pools' | 'subnets' | 'autolock' }
  | { readonly kind: 'addresses'; readonly host: HostName };

/** "data-path port 4790 · autolock": what differs from Docker's own choices. */
export function optionsWords({
  addresses = {},
  dataPathPort,
  addressPools,
  subnetSize,
  autolock,
}: SwarmChoices): string {
  const chosen = Object.keys(addresses).filter((host) => addressWords(addresses[host]) !== undefined);
  const words = [
    ...(chosen.length > 0 ? [`addresses of ${chosen.join(', ')}`] : []),
    ...(dataPathPort === undefined ? [] : [`data-path port ${dataPathPort}`]),
    ...(addressPools?.length ? [`pool ${addressPools.join(', ')}`] : []),
    ...(subnetSize === undefined ? [] : [`networks of /${subnetSize}`]),
    ...(autolock ? ['autolock'] : []),
  ];
  return words.length > 0 ? words.join(' · ') : 'addresses, data-path port, address pool, autolock';
}

/** Lets the options be changed one after the other. @throws OverlayError `cancelled` when dismissed. */
export async function askSwarmOptions(
  topology: Topology,
  hosts: readonly HostName[],
  before: SwarmChoices,
): Promise<SwarmChoices> {
  let choices = before;
  for (;;) {
    const row = await pickOne<OptionRow>({
      title: 'Form Swarm: More Options',
      placeholder: 'What Docker would choose itself can be chosen here',
      items: optionRows(hosts, choices),
      place: { canGoBack: true },
    });
    if (row === back || row.kind === 'done') return choices;
    choices = await change(topology, choices, row);
  }
}

function optionRows(hosts: readonly HostName[], choices: SwarmChoices): PickItem<OptionRow>[] {
  const {
    dataPathPort = defaultDataPathPort,
    addressPools = [],
    subnetSize = 24,
    autolock = false,
    addresses = {},
  } = choices;
  return [
    { value: { kind: 'done' }, label: 'Use these options', icon: 'check' },
    {
      value: { kind: 'port' },
      label: `Data-path port: ${dataPathPort}/udp`,
      detail: 'Carries the data of overlay networks; another one where 4789 is taken (NSX). Cannot be changed later',
      icon: 'plug',
    },
    {
      value: { kind: 'pools' },
      label: `Address pool: ${addressPools.length > 0 ? addressPools.join(', ') : '10.0.0.0/8'}`,
      detail: 'Subnets of new networks are taken from it. Cannot be changed later',
      icon: 'symbol-array',
    },
    {
      value: { kind: 'subnets' },
      label: `Subnet size: /${subnetSize}`,
      detail: 'Of each new network without a subnet of its own. Cannot be changed later',
      icon: 'symbol-ruler',
    },
    {
      value: { kind: 'autolock' },
      label: `Autolock: ${autolock ? 'on' : 'off'}`,
      detail: 'On: a manager needs the unlock key after each restart of its engine',
      icon: autolock ? 'lock' : 'unlock',
    },
    ...hosts.map((host): PickItem<OptionRow> => ({
      value: { kind: 'addresses', host },
      label: host,
      description: addressWords(addresses[host]) ?? 'as Docker chooses',
      icon: 'server',
      section: 'Addresses',
    })),
  ];
}

function addressWords(addresses: HostAddresses | undefined): string | undefined {
  const { advertise, dataPath, listen } = addresses ?? {};
  const words = [
    ...(advertise ? [`advertises ${advertise}`] : []),
    ...(dataPath ? [`data path ${dataPath}`] : []),
    ...(listen ? [`listens on ${listen}`] : []),
  ];
  return words.length > 0 ? words.join(' · ') : undefined;
}

async function change(topology: Topology, choices: SwarmChoices, row: OptionRow): Promise<SwarmChoices> {
  switch (row.kind) {
    case 'done':
      return choices;
    case 'autolock':
      return { ...choices, autolock: !choices.autolock };
    case 'port':
      return askOption(
        choices,
        'UDP port, 1024 to 49151; 4789 is the usual one',
        `${choices.dataPathPort ?? defaultDataPathPort}`,
        (text) => ({
          dataPathPort: Number(text || defaultDataPathPort),
        }),
      );
    case 'pools':
      return askOption(
        choices,
        'IPv4 blocks, separated by commas; empty for 10.0.0.0/8',
        choices.addressPools?.join(', ') ?? '',
        (text) => ({ addressPools: text.split(/[\s,]+/).filter(Boolean) }),
      );
    case 'subnets':
      return askOption(choices, 'Prefix length of each network', `${choices.subnetSize ?? 24}`, (text) => ({
        subnetSize: Number(text.replace(/^\//, '') || 24),
      }));
    case 'addresses':
      return changeAddresses(topology, choices, row.host);
  }
}

/** Asks for an option as text; what the swarm could not be made with is said while typing. */
async function askOption(
  choices: SwarmChoices,
  prompt: string,
  value: string,
  read: (text: string) => SwarmChoices,
): Promise<SwarmChoices> {
  const text = await askText({
    title: 'Form Swarm: More Options',
    prompt,
    value,
    place: { canGoBack: true },
    validate: (typed) => {
      try {
        checkSwarmOptions({ ...choices, ...read(typed) });
        return undefined;
      } catch (error) {
        return describeError(error).happened;
      }
    },
  });
  return text === back ? choices : { ...choices, ...read(text) };
}

const kinds = {
  advertise: { label: 'Advertise address', detail: 'The address the other hosts reach it by', icon: 'globe' },
  dataPath: {
    label: 'Data-path address',
    detail: 'Where the data of overlay networks goes, when not to the advertised address',
    icon: 'arrow-swap',
  },
  listen: {
    label: 'Listen address',
    detail: 'Where a manager listens; all addresses and port 2377 otherwise',
    icon: 'broadcast',
  },
} as const;

async function changeAddresses(topology: Topology, choices: SwarmChoices, host: HostName): Promise<SwarmChoices> {
  const now = choices.addresses?.[host] ?? {};
  const title = `Addresses of ${host}`;
  const view = topology.hosts.find((one) => one.config.name === host);
  const answer = await runSteps<AddressChoice>(
    { kind: 'advertise', address: '' },
    [
      {
        ask: async (_, place) => {
          const items = (['advertise', 'dataPath', 'listen'] as const).map((kind) => ({
            value: kind,
            ...kinds[kind],
            description: now[kind] ?? '',
          }));
          const kind = await pickOne({ title, placeholder: 'Which address?', items, place });
          return kind === back ? back : { kind, address: now[kind] ?? '' };
        },
      },
      {
        ask: async (choice, place) => {
          const items: PickItem<string | undefined>[] = [
            ...(view ? addressItems(view) : []),
            { value: '', label: 'As Docker chooses', icon: 'circle-outline' },
            { value: undefined, label: 'Another address or interface…', icon: 'edit' },
          ];
          const placeholder = kinds[choice.kind].detail;
          const address = await pickOne({ title, placeholder, items, place });
          if (address === back) return back;
          return { kind: choice.kind, address: address ?? choice.address, isTyped: address === undefined };
        },
      },
      {
        when: ({ isTyped }) => isTyped === true,
        ask: async (choice, place) => {
          const prompt = kinds[choice.kind].detail;
          const value = choice.address;
          const address = await askText({ title, prompt, placeholder: '10.0.0.5 or eth1', value, place });
          return address === back ? back : { ...choice, address };
        },
      },
    ],
    true,
  );
  if (answer === back) return choices;
  const { kind, address } = answer;
  return { ...choices, addresses: { ...choices.addresses, [host]: { ...now, [kind]: address || undefined } } };
}

/** `address`: empty for Docker's own choice. */
interface AddressChoice {
  readonly kind: keyof HostAddresses;
  readonly address: string;
  readonly isTyped?: boolean;
}

/** Addresses of a host, those that others will hardly reach last and marked. @param listed what its engine listed */
export function addressItems(view: HostView, listed: readonly string[] = []): PickItem<string>[] {
  return addressesOf(view, listed).map(({ address, unreachable }) => ({
    value: address,
    label: address,
    ...(unreachable ? { description: `others will hardly reach it: ${describeUnreachable(unreachable)}` } : {}),
    icon: unreachable ? 'warning' : 'globe',
  }));
}
