/**
 * Something that goes on while a test does other things, and is awaited at its end. A test that fails before leaves it behind:
 * that it then fails as well, because the engines are gone, is no news.
 */
export function meanwhile<T>(work: Promise<T>): Promise<T> {
  work.catch(() => undefined);
  return work;
}
