import * as vscode from 'vscode';
import { DisposableStore } from '../../base/disposable';
import { OverlayError } from '../../base/errors';
import { looksLikeAddress, typedOffer, type HostOffer, type HostOffers } from './addHostsItems';

interface Row extends vscode.QuickPickItem {
  readonly offer?: HostOffer;
}

/**
 * The Add Hosts pick: several can be ticked at once, among what was found, and what is typed becomes an item of its
 * own. Enter adds what is ticked, or the item with the focus when nothing is ticked.
 *
 * @throws OverlayError `cancelled` when dismissed.
 */
export function pickHostsToAdd(found: Promise<HostOffers>): Promise<readonly HostOffer[]> {
  return new Promise((resolve, reject) => {
    const store = new DisposableStore();
    const pick = store.add(vscode.window.createQuickPick<Row>());
    let rows: Row[] = [];
    let typed: Row[] = [];
    pick.title = 'Add Hosts';
    pick.placeholder = 'Tick hosts, or type user@host:port, a socket, tcp://…';
    pick.canSelectMany = true;
    pick.matchOnDescription = true;
    pick.busy = true;
    const show = () => {
      const kept = [...pick.selectedItems];
      const text = pick.value;
      const keptTyped = typed.filter((row) => kept.includes(row));
      typed = [...keptTyped, ...typedRow(text, [...rows, ...keptTyped])];
      // VS Code tells ticks by position, and late: what is there must keep its place, so the typed one is always last.
      const needsHeading = typed.length > 0 && !rows.some((row) => row.label === otherSection);
      pick.items = [...rows, ...(needsHeading ? [heading(otherSection)] : []), ...typed];
      pick.selectedItems = kept;
      const made = typed.at(-1);
      if (made && looksLikeAddress(text)) pick.activeItems = [made];
    };
    store.add(pick.onDidChangeValue(show));
    store.add(
      pick.onDidAccept(() => {
        const chosen = pick.selectedItems.length > 0 ? pick.selectedItems : pick.activeItems;
        const offers = chosen.flatMap((row) => (row.offer ? [row.offer] : []));
        if (offers.length === 0) return;
        resolve(offers);
        store.dispose();
      }),
    );
    store.add(
      pick.onDidHide(() => {
        reject(new OverlayError('cancelled'));
        store.dispose();
      }),
    );
    pick.show();
    found.then(
      (offers) => {
        rows = rowsOf(offers);
        pick.busy = false;
        show();
      },
      (error: unknown) => {
        reject(error);
        store.dispose();
      },
    );
  });
}

function rowsOf(offers: HostOffers): Row[] {
  return Object.entries(offers).flatMap(([section, items]: [string, readonly HostOffer[]]) =>
    items.length > 0 ? [heading(section), ...items.map(rowOf)] : [],
  );
}

function rowOf(offer: HostOffer): Row {
  return {
    offer,
    label: offer.label,
    description: offer.description,
    iconPath: new vscode.ThemeIcon(offer.icon),
  };
}

const otherSection: keyof HostOffers = 'Other';

const heading = (label: string): Row => ({ label, kind: vscode.QuickPickItemKind.Separator });

/** The item made of what is typed; none when it is one that is listed, or no address at all. */
function typedRow(text: string, listed: readonly Row[]): Row[] {
  const made = typedOffer(text);
  if (!made || !('offer' in made)) return [];
  const { offer } = made;
  if (listed.some((row) => row.offer?.endpoint === offer.endpoint)) return [];
  return [{ ...rowOf(offer), alwaysShow: true }];
}
