import * as vscode from 'vscode';
import type { OverlayError } from '../../../base/errors';
import type { Event } from '../../../base/event';
import { ask } from '../../vscode/ask';
import { createQuickPick } from '../../vscode/quickInputs';
import { looksLikeAddress, typedOffer, type HostOffer, type HostOffers } from './hostOffers';

/** Where the offers come from. */
export interface OfferSource {
  load(): Promise<HostOffers>;
  /** They are loaded anew. */
  readonly onDidChange: Event<void>;
}

/** What was ticked and typed, for a pick that is opened again. */
export interface AddHostsState {
  readonly ticked: readonly HostOffer[];
  readonly text: string;
}

export type AddHostsAnswer =
  | { readonly kind: 'add'; readonly offers: readonly HostOffer[] }
  | { readonly kind: 'test'; readonly offer: HostOffer; readonly state: AddHostsState };

interface Row extends vscode.QuickPickItem {
  readonly offer?: HostOffer;
}

const testButton = (): vscode.QuickInputButton => ({
  iconPath: new vscode.ThemeIcon('beaker'),
  tooltip: 'Test Connection',
});

/**
 * The Add Hosts pick: several can be ticked at once, among what was found, and what is typed becomes an item of its
 * own. Enter adds what is ticked, or the item with the focus when nothing is ticked. What is broken cannot be ticked.
 *
 * @param onBroken told when somebody tries; the pick stays open
 * @throws OverlayError `cancelled` when dismissed.
 */
export function pickHostsToAdd(
  source: OfferSource,
  onBroken: (error: OverlayError) => void,
  state: AddHostsState = { ticked: [], text: '' },
): Promise<AddHostsAnswer> {
  const pick = createQuickPick<Row>();
  const rows = new Rows();
  let reopened = state.ticked;
  pick.title = 'Add Hosts';
  pick.placeholder = 'Tick hosts, or type user@host:port, a socket, tcp://…';
  pick.canSelectMany = true;
  pick.matchOnDescription = true;
  pick.busy = true;
  pick.buttons = [testButton()];
  pick.value = state.text;
  const show = () => {
    const ticked = [...offersOf(pick.selectedItems), ...reopened];
    reopened = [];
    const items = rows.update(pick.value, ticked);
    pick.items = items;
    pick.selectedItems = items.filter((row) => row.offer && isAmong(row.offer, ticked));
    const made = rows.typedNow;
    if (made && looksLikeAddress(pick.value)) pick.activeItems = [made];
  };
  show();
  return ask<AddHostsAnswer, Row>(pick, (answer, store, fail) => {
    const test = (offer: HostOffer | undefined) => {
      if (offer?.broken) onBroken(offer.broken);
      else if (offer)
        answer({ kind: 'test', offer, state: { ticked: offersOf(pick.selectedItems), text: pick.value } });
    };
    const load = async () => {
      const offers = await source.load();
      rows.found(offers);
      pick.busy = false;
      show();
    };
    const loadOrFail = () => void load().catch(fail);
    store.add(pick.onDidChangeValue(show));
    store.add(source.onDidChange(loadOrFail));
    store.add(pick.onDidTriggerItemButton(({ item }) => test(item.offer)));
    store.add(pick.onDidTriggerButton(() => test(pick.activeItems[0]?.offer)));
    store.add(
      pick.onDidAccept(() => {
        const offers = offersOf(pick.selectedItems.length > 0 ? pick.selectedItems : pick.activeItems);
        const broken = offers.find((offer) => offer.broken)?.broken;
        if (broken) {
          onBroken(broken);
          pick.selectedItems = pick.selectedItems.filter((row) => !row.offer?.broken);
        } else if (offers.length > 0) answer({ kind: 'add', offers });
      }),
    );
    loadOrFail();
  });
}

/** The rows: what was found, and under "Other" at the end what is typed, and what was typed and ticked before. */
class Rows {
  private listed: Row[] = [];
  private readonly typed = new Map<string, Row>();
  /** The row made of the text as it is now. */
  typedNow: Row | undefined;

  found(offers: HostOffers): void {
    this.listed = Object.entries(offers).flatMap(([section, items]: [string, readonly HostOffer[]]) =>
      items.length > 0 ? [heading(section), ...items.map(rowOf)] : [],
    );
  }

  /** VS Code tells ticks by position, and late: what is there must keep its place, so the typed one is always last. */
  update(text: string, ticked: readonly HostOffer[]): Row[] {
    const listed = offersOf(this.listed);
    const kept = ticked.filter((offer) => !isAmong(offer, listed));
    const made = typedOffer(text);
    const fresh = made && 'offer' in made && !isAmong(made.offer, [...listed, ...kept]) ? made.offer : undefined;
    this.typedNow = fresh && this.rowFor(fresh);
    const typed = [...kept.map((offer) => this.rowFor(offer)), ...(this.typedNow ? [this.typedNow] : [])];
    const needsHeading = typed.length > 0 && !this.listed.some((row) => row.label === otherSection);
    return [...this.listed, ...(needsHeading ? [heading(otherSection)] : []), ...typed];
  }

  /** The same object for the same address: VS Code knows rows by identity. */
  private rowFor(offer: HostOffer): Row {
    const known = this.typed.get(offer.endpoint);
    if (known?.offer?.label === offer.label) return known;
    const row = { ...rowOf(offer), alwaysShow: true };
    this.typed.set(offer.endpoint, row);
    return row;
  }
}

function rowOf(offer: HostOffer): Row {
  return {
    offer,
    label: offer.label,
    description: offer.description,
    iconPath: new vscode.ThemeIcon(offer.icon),
    buttons: offer.broken ? [] : [testButton()],
  };
}

const otherSection: keyof HostOffers = 'Other';

const heading = (label: string): Row => ({ label, kind: vscode.QuickPickItemKind.Separator });

const offersOf = (rows: readonly Row[]): HostOffer[] => rows.flatMap((row) => (row.offer ? [row.offer] : []));

const isAmong = (offer: HostOffer, others: readonly HostOffer[]): boolean =>
  others.some((one) => one.endpoint === offer.endpoint);
