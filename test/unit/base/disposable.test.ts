import { describe, expect, it } from 'vitest';
import { DisposableStore, toDisposable } from '../../../src/base/disposable';

describe('toDisposable', () => {
  it('cleans up once', () => {
    let count = 0;
    const disposable = toDisposable(() => (count += 1));
    disposable.dispose();
    disposable.dispose();
    expect(count).toBe(1);
  });
});

describe('DisposableStore', () => {
  it('lets go in reverse order', () => {
    const order: number[] = [];
    const store = new DisposableStore();
    for (const item of [1, 2, 3]) store.add(toDisposable(() => order.push(item)));
    store.dispose();
    store.dispose();
    expect(order).toEqual([3, 2, 1]);
  });

  it('disposes what arrives late', () => {
    const store = new DisposableStore();
    store.dispose();
    let isDisposed = false;
    const late = toDisposable(() => (isDisposed = true));
    expect(store.add(late)).toBe(late);
    expect(isDisposed).toBe(true);
  });

  it('lets go of all, whatever one of them throws, and tells of it afterwards', () => {
    const gone: string[] = [];
    const failing = (name: string) => ({
      dispose() {
        gone.push(name);
        throw new Error(name);
      },
    });
    const store = new DisposableStore();
    store.add(toDisposable(() => gone.push('first')));
    store.add(failing('second'));
    store.add(toDisposable(() => gone.push('third')));
    expect(() => store.dispose()).toThrow('second');
    expect(gone).toEqual(['third', 'second', 'first']);
    store.dispose();
    const two = new DisposableStore();
    two.add(failing('a'));
    two.add(failing('b'));
    expect(() => two.dispose()).toThrow(AggregateError);
  });
});
