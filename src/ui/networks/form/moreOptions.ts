import { containerMtu, defaultUnderlayMtu } from '../../../model/network/overlayOptions';
import { labelProblem, parseLabel } from '../../swarm/commands/labelItems';
import { back, type StepPlace } from '../../vscode/ask';
import { askText, pickOne, type PickItem } from '../../quickPick/pick';
import { WentBack } from '../../quickPick/steps';
import { count } from '../../../base/text/words';
import { askMtu } from './askMtu';
import type { NetworkForm } from './form';
import { askSubnets, type JudgeSubnets } from './subnetSteps';

type Row = 'done' | 'subnets' | 'mtu' | 'labels' | 'options' | 'ingress';
type Texts = Readonly<Record<string, string>>;
const place = { canGoBack: true };

export interface MoreOptionsFacts {
  readonly judge: JudgeSubnets;
  /** Subnets that are free. */
  readonly proposals: readonly string[];
  /** The smallest MTU that was seen between the hosts, bytes. */
  readonly smallestMtu: () => number | undefined;
}

/** Lets the options be changed one after the other. @throws OverlayError `cancelled` when dismissed. */
export async function askMoreOptions(
  before: NetworkForm,
  facts: MoreOptionsFacts,
  at: StepPlace,
): Promise<NetworkForm | WentBack<NetworkForm>> {
  let form = before;
  for (;;) {
    const row = await pickOne<Row>({
      title: `Create ${form.name}: More Options`,
      placeholder: 'What Docker would choose itself can be chosen here',
      items: optionItems(form),
      place: at,
    });
    if (row === back) return new WentBack(form);
    if (row === 'done') return form;
    form = await change(form, row, facts);
  }
}

/** The lines with what is chosen now. Pure. */
export function optionItems(form: NetworkForm): PickItem<Row>[] {
  const { subnets, mtu = defaultUnderlayMtu, labels, options, ingress } = form;
  const encrypted = form.toggles.includes('encrypted');
  return [
    { value: 'done', label: 'Use these options', icon: 'check' },
    {
      value: 'subnets',
      label: `Subnets: ${subnets.length > 0 ? subnets.map(({ subnet }) => subnet).join(', ') : 'Docker chooses'}`,
      detail: 'Each with its gateway, and the range that addresses of containers are taken from.',
      icon: 'symbol-array',
    },
    {
      value: 'mtu',
      label: `MTU between the hosts: ${mtu}`,
      description: `${containerMtu(mtu, encrypted)} in containers`,
      detail: 'Smaller where the network between the hosts carries less than 1500 bytes (VPN, cloud).',
      icon: 'symbol-ruler',
    },
    { value: 'labels', label: `Labels: ${wordsOf(labels)}`, detail: 'Told by docker network inspect.', icon: 'tag' },
    {
      value: 'options',
      label: `Driver options: ${wordsOf(options)}`,
      detail: 'For the overlay driver, as key=value.',
      icon: 'settings',
    },
    {
      value: 'ingress',
      label: `Routing mesh: ${ingress ? 'this one replaces it' : 'stays as it is'}`,
      detail: 'By it published ports of services are reached. The old one is removed first; containers cannot join it.',
      icon: ingress ? 'warning' : 'arrow-swap',
    },
  ];
}

function wordsOf(texts: Texts): string {
  const entries = Object.entries(texts).map(([key, value]) => (value === '' ? key : `${key}=${value}`));
  return entries.length > 3 ? count(entries.length, 'entry', 'entries') : entries.join(', ') || 'none';
}

async function change(form: NetworkForm, row: Row, facts: MoreOptionsFacts): Promise<NetworkForm> {
  switch (row) {
    case 'done':
      return form;
    case 'subnets':
      return { ...form, subnets: await askSubnets(form.subnets, facts.judge, facts.proposals) };
    case 'mtu': {
      const mtu = await askMtu(form.mtu, facts.smallestMtu());
      return mtu === back ? form : { ...form, mtu };
    }
    case 'labels':
      return { ...form, labels: await askTexts('Labels', form.labels) };
    case 'options':
      return { ...form, options: await askTexts('Driver options', form.options) };
    case 'ingress':
      return { ...form, ingress: !form.ingress };
  }
}

/** Lets entries be added, changed and removed. */
async function askTexts(title: string, before: Texts): Promise<Texts> {
  let texts = before;
  for (;;) {
    const key = await pickOne<string | undefined>({
      title,
      placeholder: 'Choose one to change or remove it',
      items: [
        ...Object.entries(texts).map(([key, value]) => ({ value: key, label: `${key}=${value}`, icon: 'tag' })),
        { value: undefined, label: 'Add key=value…', icon: 'add' },
        { value: '', label: 'Done', icon: 'check' },
      ],
      place,
    });
    if (key === back || key === '') return texts;
    const text = await askText({
      title,
      prompt: key === undefined ? 'key=value' : 'key=value; empty to remove it',
      placeholder: 'key=value',
      value: key === undefined ? '' : `${key}=${texts[key] ?? ''}`,
      validate: (typed) => (typed === '' && key !== undefined ? undefined : entryProblem(typed)),
      place,
    });
    if (text === back) continue;
    const rest = Object.fromEntries(Object.entries(texts).filter(([one]) => one !== key));
    const { key: name, value } = parseLabel(text);
    texts = text === '' ? rest : { ...rest, [name]: value };
  }
}

/** `encrypted` is a switch of its own: as an option it would encrypt whatever its value. */
export function entryProblem(text: string): string | undefined {
  return parseLabel(text).key === 'encrypted' ? 'Encryption is a switch of its own.' : labelProblem(text);
}
