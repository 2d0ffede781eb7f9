import { isOverlayError, OverlayError } from '../../base/errors';
import { isRecord } from '../../base/record';

/** An object out of a daemon's JSON; what is in it is known only after a look. */
export type Raw = Readonly<Record<string, unknown>>;

/** Small readers of untrusted JSON: what is missing or of another type becomes the empty value. */
export const raw = (value: unknown): Raw => (isRecord(value) ? value : {});

export const text = (value: unknown): string => (typeof value === 'string' ? value : '');

export const optionalText = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export const count = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);

export const flag = (value: unknown): boolean => value === true;

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Strings of a list; the rest is left out. */
export const texts = (value: unknown): string[] => list(value).filter((item) => typeof item === 'string');

/** A string map such as labels. The result has no prototype: a label may be called `__proto__`. */
export function textMap(value: unknown): Readonly<Record<string, string>> {
  const map = Object.create(null) as Record<string, string>;
  for (const [key, item] of Object.entries(raw(value))) if (typeof item === 'string') map[key] = item;
  return map;
}

/** One of the known words, or the fallback for words of a later engine. */
export function oneOf<T extends string>(value: unknown, known: readonly T[], fallback: T): T {
  return known.find((word) => word === value) ?? fallback;
}

/** A record must at least be an object with a valid id; without it nothing can be asked about it. */
export function required(value: unknown, key: string, isValid: (id: string) => boolean, what: string): string {
  const id = text(raw(value)[key]);
  if (!isValid(id)) throw notUnderstood(what);
  return id;
}

/**
 * Decodes the records of a listing; one that cannot be is left out, for it must not hide the others.
 *
 * @param onLeftOut told how many were, when any.
 */
export function decodeEach<T>(
  value: unknown,
  what: string,
  decodeOne: (item: unknown) => T,
  onLeftOut: (count: number) => void = () => undefined,
): T[] {
  // `null` is how Go writes an empty list.
  if (!Array.isArray(value) && value !== null) throw notUnderstood(what);
  const records = list(value);
  const decoded = records.flatMap((item) => {
    try {
      return [decodeOne(item)];
    } catch (error) {
      if (isOverlayError(error)) return [];
      throw error;
    }
  });
  if (decoded.length < records.length) onLeftOut(records.length - decoded.length);
  return decoded;
}

export function notUnderstood(what: string): OverlayError {
  return new OverlayError('engineError', { message: `its answer is not ${what}` });
}
