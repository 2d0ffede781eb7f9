import { OverlayError } from '../../../base/errors';
import type { CommandArguments } from '../../../contributions';
import type { Memento } from '../../vscode/memento';
import { confirm, showInfo } from '../../vscode/messages';
import { forgetConsents, keptConsents } from '../prompts/insecureConsents';
import { secretWords, type SavedSecrets } from '../prompts/savedSecrets';
import { notBack } from '../../vscode/ask';
import { pickMany, type PickItem } from '../../quickPick/pick';
import { count, list } from '../../../base/text/words';
import type { CommandTable } from '../../command/register';

type Saved = { readonly kind: 'secret'; readonly key: string } | { readonly kind: 'consent'; readonly of: string };

/** @param machineState where consents to links that are not protected are kept */
export function secretCommands(secrets: SavedSecrets, machineState: Memento) {
  return {
    'dockerOverlay.forgetSecrets': (args) => forgetSecrets(secrets, machineState, args),
  } satisfies Partial<CommandTable>;
}

/** Lets what was kept be taken back: passphrases, passwords, unlock keys, consents. @returns how many are forgotten. */
async function forgetSecrets(
  secrets: SavedSecrets,
  machineState: Memento,
  args: CommandArguments['dockerOverlay.forgetSecrets'],
): Promise<number> {
  const items = savedItems(secrets, machineState);
  if (items.length === 0)
    throw new OverlayError('nothingToChoose', {
      message: 'No secret is saved, and no consent to an unprotected link.',
    });
  const chosen = args.all ? items : await choose(items);
  const names = chosen.map(({ label }) => label);
  if (!args.confirmed) {
    const button = names.length === 1 ? 'Forget It' : `Forget ${names.length}`;
    if (!(await confirm(`Forget ${list(names)}?`, detailOf(chosen), button))) throw new OverlayError('cancelled');
  }
  for (const { value } of chosen) if (value.kind === 'secret') await secrets.delete(value.key);
  // What says only which swarm a host is of has no use without that swarm's key.
  if (args.all) for (const key of secrets.keys()) await secrets.delete(key);
  await forgetConsents(
    machineState,
    chosen.flatMap(({ value }) => (value.kind === 'consent' ? [value.of] : [])),
  );
  showInfo(
    `Forgotten: ${list(names)}. Links that are open stay; what was typed in this window is known to it until it is closed or reloaded.`,
  );
  return chosen.length;
}

function savedItems(secrets: SavedSecrets, machineState: Memento): PickItem<Saved>[] {
  const kept = secrets.keys().flatMap((key): PickItem<Saved>[] => {
    const words = secretWords(key);
    return words ? [{ value: { kind: 'secret', key }, ...words, section: 'Secrets' }] : [];
  });
  const consents = keptConsents(machineState).map((of): PickItem<Saved> => ({
    value: { kind: 'consent', of },
    label: `Consent to the unprotected link ${of}`,
    icon: 'unlock',
    section: 'Consents',
  }));
  return [...kept, ...consents];
}

async function choose(items: readonly PickItem<Saved>[]): Promise<readonly PickItem<Saved>[]> {
  const ticked = notBack(
    await pickMany<Saved>({
      title: 'Forget Saved Secrets',
      placeholder: 'Which? You are asked again when they are needed',
      items,
      validate: (chosen) => (chosen.length === 0 ? 'Tick at least one' : undefined),
    }),
  );
  return items.filter(({ value }) => ticked.includes(value));
}

function detailOf(chosen: readonly PickItem<Saved>[]): string {
  const keys = chosen.filter(({ icon }) => icon === 'lock').length;
  const asked = 'You are asked again when they are needed.';
  if (keys === 0) return asked;
  return `${asked} Of ${count(keys, 'unlock key')} be sure that there is another copy: without its key a locked manager cannot be opened again.`;
}
