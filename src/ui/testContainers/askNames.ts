import { describeError } from '../../base/errors';
import type { HostName } from '../../model/host/host';
import { back, type StepPlace } from '../vscode/ask';
import { pickOne, askText, type PickItem } from '../quickPick/pick';
import { WentBack } from '../quickPick/steps';

/** Container name by host. */
export type ContainerNames = ReadonlyMap<HostName, string>;

/** What is wrong with the name of one host among all of them; undefined when nothing is. */
export type JudgeName = (names: ContainerNames, host: HostName) => unknown;

const title = 'Names of the Test Containers';

type Row = { readonly kind: 'go' } | { readonly kind: 'edit'; readonly host: HostName };

/** Shows all names at once, and lets each be changed; goes on once all of them can be used. */
export async function askContainerNames(
  names: ContainerNames,
  judge: JudgeName,
  place: StepPlace,
): Promise<ContainerNames | WentBack<ContainerNames>> {
  let now = names;
  for (;;) {
    const isGood = [...now.keys()].every((host) => judge(now, host) === undefined);
    const placeholder = isGood ? 'Enter goes on; choose a name to change it' : 'Choose a name to change it';
    const answer = await pickOne({ title, placeholder, items: nameItems(now, judge), place });
    if (answer === back) return new WentBack(now);
    if (answer.kind === 'go') return now;
    now = await editName(now, answer.host, judge, place);
  }
}

/** The rows: first the way on, where all names can be used, then a name a host. Pure. */
export function nameItems(names: ContainerNames, judge: JudgeName): PickItem<Row>[] {
  const rows = [...names].map(([host, name]): PickItem<Row> => {
    const wrong = judge(names, host);
    return {
      value: { kind: 'edit', host },
      label: name,
      description: `on ${host}`,
      ...(wrong === undefined ? {} : { detail: describeError(wrong).happened }),
      icon: wrong === undefined ? 'edit' : 'warning',
    };
  });
  if (rows.some((row) => row.icon === 'warning')) return rows;
  const go = names.size === 1 ? 'Go on with this name' : 'Go on with these names';
  return [{ value: { kind: 'go' }, label: go, icon: 'arrow-right' }, ...rows];
}

async function editName(
  names: ContainerNames,
  host: HostName,
  judge: JudgeName,
  place: StepPlace,
): Promise<ContainerNames> {
  const changed = (name: string): ContainerNames => new Map(names).set(host, name);
  const name = await askText({
    title: `Test Container on ${host}`,
    prompt: 'Its name, by which the others find it',
    value: names.get(host) ?? '',
    place: { ...place, canGoBack: true },
    validate: (text) => {
      const wrong = judge(changed(text), host);
      return wrong === undefined ? undefined : describeError(wrong).happened;
    },
  });
  return name === back ? names : changed(name);
}
