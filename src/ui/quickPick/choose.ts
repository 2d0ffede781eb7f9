import { OverlayError } from '../../base/errors';
import { notBack } from '../vscode/ask';
import { pickMany, pickOne, type PickItem } from './pick';

/*
 * Asks for what a command works on where its arguments do not name it.
 */

/** Said when there is nothing to choose from: that is no error, and often nothing has to be done. */
export interface NothingWords {
  readonly none: string;
  /** What to do, if there is something. */
  readonly remedy?: string;
}

export interface Question extends NothingWords {
  readonly title: string;
  readonly placeholder: string;
}

/** A question whose candidates are known to whom it is asked of. */
export interface QuestionAbout<T> extends Question {
  /** Which are offered. */
  readonly offer: (candidate: T) => boolean;
  /** All of them are ticked at first. */
  readonly picked?: boolean;
}

/**
 * One of these; the only one there is is taken unasked.
 *
 * @throws OverlayError `nothingToChoose`, `cancelled`.
 */
export async function chooseOne<T>(items: readonly PickItem<T>[], question: Question): Promise<T> {
  const [only] = items;
  return only && items.length === 1 ? only.value : askForOne(items, question);
}

/** One of these, asked for also when there is only one. @throws OverlayError `nothingToChoose`, `cancelled`. */
export async function askForOne<T>(items: readonly PickItem<T>[], question: Question): Promise<T> {
  if (items.length === 0) throw nothing(question);
  return notBack(await pickOne({ ...question, items }));
}

/**
 * At least one of these.
 *
 * @param noun "host"
 * @throws OverlayError `nothingToChoose`, `cancelled`.
 */
export async function askForSome<T>(items: readonly PickItem<T>[], noun: string, question: Question): Promise<T[]> {
  if (items.length === 0) throw nothing(question);
  const validate = (ticked: readonly unknown[]) => (ticked.length === 0 ? `Tick at least one ${noun}` : undefined);
  return [...notBack(await pickMany({ ...question, items, validate }))];
}

/** The error for nothing to choose from. */
export const nothing = ({ none, remedy }: NothingWords): OverlayError =>
  new OverlayError('nothingToChoose', { message: none, ...(remedy === undefined ? {} : { remedy }) });
