/** Something that holds a resource until it is told to let go. Structurally the same as `vscode.Disposable`. */
export interface Disposable {
  dispose(): void;
}

/** Wraps a clean-up function; it runs at most once. */
export function toDisposable(cleanUp: () => void): Disposable {
  let done = false;
  return {
    dispose() {
      if (done) return;
      done = true;
      cleanUp();
    },
  };
}

/**
 * Owns disposables and lets go of them in reverse order.
 *
 * What is added after `dispose()` is disposed at once: a connection that comes up after its owner is gone must not
 * stay open.
 */
export class DisposableStore implements Disposable {
  private readonly items: Disposable[] = [];
  private isDisposed = false;

  add<T extends Disposable>(item: T): T {
    if (this.isDisposed) item.dispose();
    else this.items.push(item);
    return item;
  }

  /** @throws what an item throws, an `AggregateError` of several: after all of them had their turn. */
  dispose(): void {
    this.isDisposed = true;
    const errors: unknown[] = [];
    for (const item of this.items.splice(0).reverse()) {
      try {
        item.dispose();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} disposables failed`);
  }
}
