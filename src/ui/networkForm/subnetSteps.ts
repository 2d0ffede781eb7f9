import { describeError } from '../../base/errors';
import type { Subnet } from '../../model/engine';
import type { NetworkFinding } from '../../swarm/foresight';
import { validateGateway, validateParts, validateRange } from '../../swarm/networkRules';
import { askText, back, pickOne, type PickItem } from '../quickPicks/pick';

/** What stands against these subnets on the hosts. */
export type JudgeSubnets = (subnets: readonly Subnet[]) => readonly NetworkFinding[];

type Row = { readonly kind: 'done' } | { readonly kind: 'add' } | { readonly kind: 'edit'; readonly index: number };
const place = { canGoBack: true };

/**
 * Lets subnets be added, changed and removed until they are used.
 *
 * @param proposals free ones, offered for a new subnet. @throws OverlayError `cancelled` when dismissed.
 */
export async function askSubnets(
  before: readonly Subnet[],
  judge: JudgeSubnets,
  proposals: readonly string[],
): Promise<readonly Subnet[]> {
  let subnets = before;
  for (;;) {
    const row = await pickOne<Row>({
      title: 'Subnets',
      placeholder: 'Without one Docker chooses',
      items: subnetItems(subnets, judge),
      place,
    });
    if (row === back || row.kind === 'done') return subnets;
    subnets = row.kind === 'add' ? await add(subnets, judge, proposals) : await edit(subnets, row.index, judge);
  }
}

/** The lines: use them, each subnet with what stands against it, another one. Pure. */
export function subnetItems(subnets: readonly Subnet[], judge: JudgeSubnets): PickItem<Row>[] {
  return [
    { value: { kind: 'done' }, label: subnets.length > 0 ? 'Use these subnets' : 'Let Docker choose', icon: 'check' },
    ...subnets.map((subnet, index): PickItem<Row> => {
      const [finding] = judge([subnet]).filter(({ about, severity }) => about === 'subnet' && severity !== 'note');
      return {
        value: { kind: 'edit', index },
        label: subnet.subnet,
        description: partsOf(subnet),
        ...(finding ? { detail: finding.text } : {}),
        icon: finding ? 'warning' : 'symbol-array',
      };
    }),
    { value: { kind: 'add' }, label: 'Add subnet…', icon: 'add' },
  ];
}

/** "gateway 10.0.0.1 · range 10.0.0.128/25" */
const partsOf = ({ gateway, ipRange }: Subnet): string =>
  [gateway ? `gateway ${gateway}` : 'gateway: the first address', ...(ipRange ? [`range ${ipRange}`] : [])].join(' · ');

async function add(
  subnets: readonly Subnet[],
  judge: JudgeSubnets,
  proposals: readonly string[],
): Promise<readonly Subnet[]> {
  const free = proposals.filter((one) => whyNot([...subnets, { subnet: one }], judge) === undefined);
  const made = await askSubnet({ subnet: free[0] ?? '' }, subnets, judge);
  return made ? [...subnets, made] : subnets;
}

async function edit(subnets: readonly Subnet[], index: number, judge: JudgeSubnets): Promise<readonly Subnet[]> {
  const now = subnets[index];
  if (!now) return subnets;
  const others = subnets.filter((_, at) => at !== index);
  const answer = await pickOne<'change' | 'remove'>({
    title: `Subnet ${now.subnet}`,
    placeholder: partsOf(now),
    items: [
      { value: 'change', label: 'Change…', icon: 'edit' },
      { value: 'remove', label: 'Remove', icon: 'trash' },
    ],
    place,
  });
  if (answer === back) return subnets;
  if (answer === 'remove') return others;
  const made = await askSubnet(now, others, judge);
  return made ? subnets.map((one, at) => (at === index ? made : one)) : subnets;
}

/** Subnet, gateway and range, one after the other. @returns undefined when gone back. */
async function askSubnet(now: Subnet, others: readonly Subnet[], judge: JudgeSubnets): Promise<Subnet | undefined> {
  const title = 'Subnet';
  const subnet = await askText({
    title,
    prompt: 'Subnet of the network, free on all hosts',
    placeholder: '10.20.0.0/24',
    value: now.subnet,
    validate: (text) => whyNot([...others, { subnet: text }], judge),
    place,
  });
  if (subnet === back) return undefined;
  const words = (error: unknown) => (error === undefined ? undefined : describeError(error).happened);
  const gateway = await askText({
    title,
    prompt: `Gateway of ${subnet}; empty for the first address`,
    value: subnet === now.subnet ? (now.gateway ?? '') : '',
    validate: (text) => (text === '' ? undefined : words(validateGateway(subnet, text))),
    place,
  });
  if (gateway === back) return undefined;
  const ipRange = await askText({
    title,
    prompt: `Range of ${subnet} that addresses of containers are taken from; empty for all of it`,
    value: subnet === now.subnet ? (now.ipRange ?? '') : '',
    validate: (text) => (text === '' ? undefined : words(validateRange(subnet, text))),
    place,
  });
  if (ipRange === back) return undefined;
  return { subnet, ...(gateway ? { gateway } : {}), ...(ipRange ? { ipRange } : {}) };
}

/** What Docker would refuse, or would cut hosts off. That an IPv4 one must come beside an IPv6 one is said later. */
function whyNot(subnets: readonly Subnet[], judge: JudgeSubnets): string | undefined {
  const wrong = validateParts(subnets);
  if (wrong) return describeError(wrong).happened;
  const found = judge(subnets).find(
    (finding) =>
      finding.severity === 'error' && finding.about === 'subnet' && finding.error.reason !== 'ipv6SubnetNeeded',
  );
  return found?.text;
}
