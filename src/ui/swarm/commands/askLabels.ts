import { labelItems, labelProblem, parseLabel, type LabelChoice, type Labels } from './labelItems';
import { back, notBack, type Back } from '../../vscode/ask';
import { askText, pickOne, type PickItem } from '../../quickPick/pick';

/**
 * Lets labels be added, changed and removed until they are applied.
 *
 * @param inUse values that other nodes have, by key
 * @returns all labels the node is to have. @throws OverlayError `cancelled` when dismissed.
 */
export async function askLabels(
  node: string,
  before: Labels,
  inUse: ReadonlyMap<string, readonly string[]>,
): Promise<Labels> {
  let labels = before;
  for (;;) {
    const choice = notBack(
      await pickOne<LabelChoice>({
        title: `Labels of ${node}`,
        placeholder: 'Add, change or remove labels, then apply',
        items: labelItems(before, labels),
      }),
    );
    if (choice.kind === 'apply') return labels;
    const next =
      choice.kind === 'edit' ? await change(labels, choice.key, inUse) : await add(labels, choice.key, inUse);
    if (next !== back) labels = next;
  }
}

const place = { canGoBack: true };

async function change(
  labels: Labels,
  key: string,
  inUse: ReadonlyMap<string, readonly string[]>,
): Promise<Labels | Back> {
  for (;;) {
    const answer = await pickOne<'change' | 'remove'>({
      title: `Label ${key}`,
      placeholder: `${key}=${labels[key] ?? ''}`,
      items: [
        { value: 'change', label: 'Change value…', icon: 'edit' },
        { value: 'remove', label: 'Remove', icon: 'trash' },
      ],
      place,
    });
    if (answer === 'remove') return Object.fromEntries(Object.entries(labels).filter(([one]) => one !== key));
    if (answer === back) return back;
    const changed = await add(labels, key, inUse);
    if (changed !== back) return changed;
  }
}

/** Asks for the value of a key, or for both. */
async function add(
  labels: Labels,
  key: string | undefined,
  inUse: ReadonlyMap<string, readonly string[]>,
): Promise<Labels | Back> {
  if (key === undefined) {
    const text = await askText({
      title: 'Add label',
      prompt: 'key=value',
      placeholder: 'disk=ssd',
      validate: labelProblem,
      place,
    });
    if (text === back) return back;
    const label = parseLabel(text);
    return { ...labels, [label.key]: label.value };
  }
  const value = await askValue(key, labels[key] ?? '', inUse.get(key) ?? []);
  return value === back ? back : { ...labels, [key]: value };
}

/** One of the values there are, else a typed one. */
async function askValue(key: string, value: string, known: readonly string[]): Promise<string | Back> {
  const type = () => askText({ title: `Value of ${key}`, prompt: `${key}=`, value, place });
  if (known.length === 0) return type();
  const items: PickItem<string | undefined>[] = [
    ...known.map((one) => ({
      value: one,
      label: one,
      icon: 'tag',
      ...(one === value ? { description: 'now' } : {}),
    })),
    { value: undefined, label: 'Another value…', icon: 'edit' },
  ];
  for (;;) {
    const chosen = await pickOne({ title: `Value of ${key}`, placeholder: 'Values that nodes have', items, place });
    if (chosen !== undefined) return chosen;
    const typed = await type();
    if (typed !== back) return typed;
  }
}
