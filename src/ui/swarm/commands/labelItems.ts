import { placeOf } from '../../../model/swarm/placement';
import type { PickItem } from '../../quickPick/pick';

export type Labels = Readonly<Record<string, string>>;

/** What can be done in the list of labels. */
export type LabelChoice =
  | { readonly kind: 'apply' }
  | { readonly kind: 'edit'; readonly key: string }
  | { readonly kind: 'add'; readonly key?: string };

/** "set zone=a, removed disk": how the labels differ; empty when they do not. Pure. */
export function labelChanges(before: Labels, after: Labels): string {
  const set = Object.entries(after)
    .filter(([key, value]) => before[key] !== value)
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`));
  const removed = Object.keys(before).filter((key) => !(key in after));
  return [
    ...(set.length > 0 ? [`set ${set.join(', ')}`] : []),
    ...(removed.length > 0 ? [`remove ${removed.join(', ')}`] : []),
  ].join('; ');
}

/** The lines: apply when there is something to apply, zone and region when they are not set, the labels, a new one. */
export function labelItems(before: Labels, after: Labels): PickItem<LabelChoice>[] {
  const changes = labelChanges(before, after);
  const { zone, region } = placeOf(after);
  const suggested = [...(zone === undefined ? ['zone'] : []), ...(region === undefined ? ['region'] : [])];
  return [
    ...(changes ? [{ value: { kind: 'apply' } as const, label: 'Apply', description: changes, icon: 'check' }] : []),
    ...suggested.map((key) => ({
      value: { kind: 'add', key } as const,
      label: `Set ${key}…`,
      description: `the ${key} of this node, for the places of managers`,
      icon: 'location',
    })),
    ...Object.entries(after)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, value]) => ({
        value: { kind: 'edit', key } as const,
        label: value === '' ? key : `${key}=${value}`,
        ...(before[key] === value ? {} : { description: 'changed' }),
        icon: 'tag',
      })),
    { value: { kind: 'add' }, label: 'Add label…', icon: 'add' },
  ];
}

/** What is wrong with a typed label; undefined when nothing is. `key` or `key=value`. */
export function labelProblem(text: string): string | undefined {
  const { key } = parseLabel(text);
  if (key === '') return 'Type key=value.';
  return /\s/.test(key) ? 'A key has no blanks.' : undefined;
}

export function parseLabel(text: string): { key: string; value: string } {
  const at = text.indexOf('=');
  return at < 0 ? { key: text.trim(), value: '' } : { key: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}
