import { isOverlayError } from '../../base/errors';

/**
 * Whether two values of plain data say the same. Same references are the fast way, so parts that are kept from one
 * snapshot to the next cost nothing. Errors of ours are the same when reason and parameters are.
 */
export function sameContent(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (isOverlayError(a) && isOverlayError(b)) return a.reason === b.reason && sameContent(a.params, b.params);
  if (a instanceof Error || b instanceof Error) return false;
  if (Array.isArray(a) || Array.isArray(b)) return sameList(a, b);
  const left = definedEntries(a);
  const right = new Map(definedEntries(b));
  return (
    left.length === right.size && left.every(([key, value]) => right.has(key) && sameContent(value, right.get(key)))
  );
}

/** `next`, or `previous` if it says the same: keeps references stable for those who compare them. */
export function keepIfSame<T>(previous: T, next: T): T {
  return sameContent(previous, next) ? previous : next;
}

function sameList(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((value, index) => sameContent(value, b[index]));
}

function definedEntries(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, member]) => member !== undefined);
}
