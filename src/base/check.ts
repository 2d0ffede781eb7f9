import { isRecord } from './record';

/**
 * Small run-time checks for records that cross a border: between the page and the extension, and the arguments of
 * commands. Each check is a type predicate without side effects; it never throws, whatever it is given.
 */
export type Check<T> = (value: unknown) => value is T;

/** No honest text is longer; daemon messages and host names stay far below. */
const longestText = 20_000;
const longestCommand = 200_000;

/** A string of a length that can be shown. */
export const text: Check<string> = (value): value is string => typeof value === 'string' && value.length <= longestText;

/** A command to copy: one a finding makes for many hosts is longer than any other text. */
export const commandText: Check<string> = (value): value is string =>
  typeof value === 'string' && value.length <= longestCommand;

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
  const names = members.map(([name]) => name);
  const tests = members.map(([, check]) => check);
  // What inherits from `Object` alone has none of these members by inheritance and is read without asking for each: a
  // message may have millions.
  const isNoneInherited = names.every((name) => !(name in Object.prototype));
  return (value): value is T => {
    if (!isRecord(value)) return false;
    const candidate: Record<string, unknown> = value;
    const isPlain = isNoneInherited && Object.getPrototypeOf(candidate) === Object.prototype;
    for (let index = 0; index < names.length; index += 1) {
      const name = names[index] as string;
      // An inherited member is none: `{}` must not pass for a record with a `constructor`.
      const member = isPlain || Object.hasOwn(candidate, name) ? candidate[name] : undefined;
      if (!tests[index]?.(member)) return false;
    }
    return true;
  };
}

/** The same, and no further members. */
export function exactRecord<T extends object>(checks: { readonly [K in keyof T]-?: Check<T[K]> }): Check<T> {
  const isOne = record<T>(checks);
  return (value): value is T => isOne(value) && Object.keys(value).every((name) => Object.hasOwn(checks, name));
}

/** A plain record with members of any name. */
export function dictionary<T>(check: Check<T>): Check<Readonly<Record<string, T>>> {
  return (value): value is Record<string, T> =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(check);
}

/** A whole number in a range. */
export function integer(least: number, most = Number.MAX_SAFE_INTEGER): Check<number> {
  return (value): value is number => Number.isInteger(value) && amount(value) && value >= least && value <= most;
}
