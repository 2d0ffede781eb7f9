import { toDisposable, type Disposable } from './disposable';

/** Subscribes a listener; structurally the same as `vscode.Event`. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** Source of an {@link Event}. A listener that throws does not keep the others from hearing. */
export class Emitter<T> implements Disposable {
  private readonly listeners = new Set<(value: T) => void>();
  private readonly onListenerError: (error: unknown) => void;

  constructor(onListenerError: (error: unknown) => void = rethrowLater) {
    this.onListenerError = onListenerError;
  }

  readonly event: Event<T> = (listener) => {
    const entry = (value: T) => listener(value);
    this.listeners.add(entry);
    return toDisposable(() => this.listeners.delete(entry));
  };

  fire(value: T): void {
    for (const listener of [...this.listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.onListenerError(error);
      }
    }
  }

  dispose(): void {
    this.listeners.clear();
  }
}

/** A programming error must surface, yet not in the middle of another's loop. */
function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
