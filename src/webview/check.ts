/**
 * Small run-time checks for records that cross the border between the page and the extension. Each check is a type
 * predicate without side effects; it never throws, whatever it is given.
 */
export type Check<T> = (value: unknown) => value is T;

/** No honest text is longer; daemon messages and host names stay far below. */
const longestText = 20_000;

/** A string of a length that can be shown. */
export const text: Check<string> = (value): value is string => typeof value === 'string' && value.length <= longestText;

/** A finite number that is not negative: counts, ms, epochs. */
export const amount: Check<number> = (value): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

export const flag: Check<boolean> = (value): value is boolean => typeof value === 'boolean';

/** One of the given words. */
export function oneOf<T extends string>(...words: readonly T[]): Check<T> {
  return (value): value is T => typeof value === 'string' && (words as readonly string[]).includes(value);
}

/** Absent, or what `check` accepts. Structured clone keeps `undefined` members, JSON drops them: both are absent. */
export function optional<T>(check: Check<T>): Check<T | undefined> {
  return (value): value is T | undefined => value === undefined || check(value);
}

/** A dense array of at most `most` elements. */
export function list<T>(check: Check<T>, most: number): Check<readonly T[]> {
  return (value): value is readonly T[] => {
    if (!Array.isArray(value) || value.length > most) return false;
    const items: readonly unknown[] = value;
    // By index: `every` would step over the holes of a sparse array.
    for (let index = 0; index < items.length; index += 1) if (!check(items[index])) return false;
    return true;
  };
}

/** A plain record whose members pass; further members are let be (a newer side may send more). */
export function record<T extends object>(checks: { readonly [K in keyof T]-?: Check<T[K]> }): Check<T> {
  const members = Object.entries<Check<unknown>>(checks);
  return (value): value is T => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    const candidate = value as Record<string, unknown>;
    for (const [key, check] of members) {
      // An inherited member is none: `{}` must not pass for a record with a `constructor`.
      if (!check(Object.hasOwn(candidate, key) ? candidate[key] : undefined)) return false;
    }
    return true;
  };
}
