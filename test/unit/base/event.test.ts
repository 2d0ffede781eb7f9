import { describe, expect, it } from 'vitest';
import { Emitter } from '../../../src/base/event';

describe('Emitter', () => {
  it('tells every listener, until it is disposed', () => {
    const emitter = new Emitter<number>();
    const heard: string[] = [];
    const first = emitter.event((value) => heard.push(`first ${value}`));
    emitter.event((value) => heard.push(`second ${value}`));
    emitter.fire(1);
    first.dispose();
    emitter.fire(2);
    emitter.dispose();
    emitter.fire(3);
    expect(heard).toEqual(['first 1', 'second 1', 'second 2']);
  });

  it('counts the same function twice when it is added twice', () => {
    const emitter = new Emitter<void>();
    let count = 0;
    const listener = () => {
      count += 1;
    };
    const one = emitter.event(listener);
    emitter.event(listener);
    emitter.fire();
    one.dispose();
    emitter.fire();
    expect(count).toBe(3);
  });

  it('goes on after a listener that throws', () => {
    const errors: unknown[] = [];
    const emitter = new Emitter<void>((error) => errors.push(error));
    const heard: string[] = [];
    emitter.event(() => {
      throw new Error('mine');
    });
    emitter.event(() => heard.push('heard'));
    emitter.fire();
    expect(heard).toEqual(['heard']);
    expect(errors).toHaveLength(1);
  });

  it('lets listeners come and go while it tells', () => {
    const emitter = new Emitter<void>();
    const heard: string[] = [];
    emitter.event(() => {
      emitter.event(() => heard.push('new'));
      heard.push('old');
    });
    emitter.fire();
    expect(heard).toEqual(['old']);
  });
});
