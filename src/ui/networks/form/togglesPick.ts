import type { DisposableStore } from '../../../base/disposable';
import type { Event } from '../../../base/event';
import { createQuickPick } from '../../vscode/quickInputs';
import { ask, type Back, type StepPlace } from '../../vscode/ask';
import { rowsOf, type PickItem } from '../../quickPick/pick';
import type { NetworkToggle } from './networkToggles';

export interface TogglesQuestion {
  readonly title: string;
  readonly place: StepPlace;
  readonly ticked: readonly NetworkToggle[];
  /** The lines as they are now; asked again whenever `onDidChange` fires. */
  readonly items: () => readonly PickItem<NetworkToggle>[];
  readonly onDidChange: Event<void>;
}

/** Asks for the switches; their lines are written anew while it is open. @throws OverlayError `cancelled`. */
export function askLiveToggles(question: TogglesQuestion): Promise<readonly NetworkToggle[] | Back> {
  const pick = createQuickPick<ReturnType<typeof rowsOf<NetworkToggle>>[number]>();
  pick.title = question.title;
  pick.placeholder = 'Tick what it is to be; Enter goes on';
  pick.canSelectMany = true;
  // Otherwise the list jumps to its top with every new line.
  pick.keepScrollPosition = true;
  const show = (ticked: readonly NetworkToggle[], active: NetworkToggle | undefined) => {
    pick.items = rowsOf(question.items());
    pick.selectedItems = pick.items.filter((row) => row.item && ticked.includes(row.item.value));
    pick.activeItems = pick.items.filter((row) => row.item?.value === active);
  };
  const tickedNow = () => pick.selectedItems.flatMap((row) => (row.item ? [row.item.value] : []));
  show(question.ticked, undefined);
  const wire = (answer: (ticked: readonly NetworkToggle[]) => void, store: DisposableStore) => {
    store.add(
      question.onDidChange(() => {
        const before = JSON.stringify(pick.items.map(({ detail }) => detail));
        const after = JSON.stringify(rowsOf(question.items()).map(({ detail }) => detail));
        if (before !== after) show(tickedNow(), pick.activeItems[0]?.item?.value);
      }),
    );
    store.add(pick.onDidAccept(() => answer(tickedNow())));
  };
  return ask(pick, wire, question.place);
}
