import { describeError } from '../../../base/errors';
import type { Subnet } from '../../../model/engine/records';
import type { NetworkFinding } from '../../../swarm/networks/preflight';
import { validateGateway, validateParts, validateRange } from '../../../swarm/networks/networkRules';
import { back } from '../../vscode/ask';
import { askText, pickOne, type PickItem } from '../../quickPick/pick';
import { runSteps, type Step } from '../../quickPick/steps';

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
  for (;;) {
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
    if (made) return subnets.map((one, at) => (at === index ? made : one));
  }
}

/** Subnet, gateway and range, one after the other. @returns undefined when gone back from the first of them. */
async function askSubnet(now: Subnet, others: readonly Subnet[], judge: JudgeSubnets): Promise<Subnet | undefined> {
  const words = (error: unknown) => (error === undefined ? undefined : describeError(error).happened);
  const ask = (
    key: keyof SubnetTexts,
    promptOf: (texts: SubnetTexts) => string,
    validate: (typed: string, texts: SubnetTexts) => string | undefined,
  ): Step<SubnetTexts> => ({
    ask: async (texts, at) => {
      const text = await askText({
        title: 'Subnet',
        prompt: promptOf(texts),
        placeholder: key === 'subnet' ? '10.20.0.0/24' : '',
        value: texts[key],
        validate: (typed) => validate(typed, texts),
        place: at,
      });
      if (text === back) return back;
      // What belongs to another subnet is of no use in this one.
      const isMoved = key === 'subnet' && text !== texts.subnet;
      return isMoved ? { subnet: text, gateway: '', ipRange: '' } : { ...texts, [key]: text };
    },
  });
  const texts = await runSteps<SubnetTexts>(
    { subnet: now.subnet, gateway: now.gateway ?? '', ipRange: now.ipRange ?? '' },
    [
      ask(
        'subnet',
        () => 'Subnet of the network, free on all hosts',
        (typed) => whyNot([...others, { subnet: typed }], judge),
      ),
      ask(
        'gateway',
        ({ subnet }) => `Gateway of ${subnet}; empty for the first address`,
        (typed, { subnet }) => (typed === '' ? undefined : words(validateGateway(subnet, typed))),
      ),
      ask(
        'ipRange',
        ({ subnet }) => `Range of ${subnet} that addresses of containers are taken from; empty for all of it`,
        (typed, { subnet }) => (typed === '' ? undefined : words(validateRange(subnet, typed))),
      ),
    ],
    true,
  );
  if (texts === back) return undefined;
  const { subnet, gateway, ipRange } = texts;
  return { subnet, ...(gateway ? { gateway } : {}), ...(ipRange ? { ipRange } : {}) };
}

/** Empty for what Docker chooses. */
interface SubnetTexts {
  readonly subnet: string;
  readonly gateway: string;
  readonly ipRange: string;
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
