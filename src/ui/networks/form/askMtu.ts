import { containerMtu, defaultUnderlayMtu } from '../../../model/network/overlayOptions';
import { back, type Back } from '../../vscode/ask';
import { askText } from '../../quickPick/pick';

/** Bytes; below it IPv4 itself is not carried any more, above it no link is. */
const [least, most] = [576, 65535];

/** What is wrong with a typed MTU; undefined when nothing is. Empty stands for Docker's own. */
export function mtuProblem(text: string): string | undefined {
  if (text === '') return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? undefined : `Type a number from ${least} to ${most}.`;
}

/** What a typed MTU means for containers. */
export function mtuMeaning(text: string): string {
  const underlay = text === '' ? defaultUnderlayMtu : Number(text);
  return `Containers get ${containerMtu(underlay, false)}, in an encrypted network ${containerMtu(underlay, true)}.`;
}

/**
 * Asks for the MTU between the hosts, saying what containers get while it is typed.
 *
 * @param found the smallest that was seen on the hosts
 * @returns undefined for Docker's own. @throws OverlayError `cancelled` when dismissed.
 */
export async function askMtu(value: number | undefined, found: number | undefined): Promise<number | undefined | Back> {
  const text = await askText({
    title: 'MTU between the hosts',
    prompt: `Bytes that the network between the hosts carries; empty for ${defaultUnderlayMtu}${found === undefined ? '' : `. The smallest seen on the hosts is ${found}`}`,
    value: value === undefined ? '' : String(value),
    validate: mtuProblem,
    meaning: mtuMeaning,
    place: { canGoBack: true },
  });
  if (text === back) return back;
  return text === '' ? undefined : Number(text);
}
