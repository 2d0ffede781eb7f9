import { describe, expect, it } from 'vitest';
import { StreamSlots } from '../../../src/engine/http/streamSlots';

const never = new AbortController().signal;

/** Enters and notes it, so that a test sees who is in. */
function visitor(slots: StreamSlots, entered: number[], number: number, signal = never): Promise<() => void> {
  return slots.enter(signal).then((leave) => {
    entered.push(number);
    return leave;
  });
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('the streams of a link', () => {
  it('are given out up to the limit, then in order', async () => {
    const slots = new StreamSlots(() => 2);
    const entered: number[] = [];
    const visits = [1, 2, 3, 4].map((number) => visitor(slots, entered, number));
    await turn();
    expect(entered).toEqual([1, 2]);
    const leave = await visits[0];
    leave?.();
    leave?.();
    await turn();
    expect(entered).toEqual([1, 2, 3]);
  });

  it('become fewer and more as the link says; one is always there', async () => {
    let limit = 3;
    const slots = new StreamSlots(() => limit);
    const entered: number[] = [];
    const visits = [1, 2, 3, 4, 5].map((number) => visitor(slots, entered, number));
    await turn();
    limit = 0;
    (await visits[0])?.();
    (await visits[1])?.();
    await turn();
    expect(entered).toEqual([1, 2, 3]);
    (await visits[2])?.();
    await turn();
    expect(entered).toEqual([1, 2, 3, 4]);
    limit = 9;
    (await visits[3])?.();
    await turn();
    expect(entered).toEqual([1, 2, 3, 4, 5]);
  });

  it('are not all given to those who keep them for long', async () => {
    let limit = 5;
    const slots = new StreamSlots(() => limit);
    const first = await slots.enter(never, true);
    const second = await slots.enter(never, true);
    await expect(slots.enter(never, true)).rejects.toMatchObject({ reason: 'noRoomForTerminal' });
    const others = await Promise.all([slots.enter(never), slots.enter(never), slots.enter(never)]);
    // Free places are no use when those that keep theirs have as many as they may.
    others.forEach((leave) => leave());
    await expect(slots.enter(never, true)).rejects.toMatchObject({ reason: 'noRoomForTerminal' });
    first();
    first();
    const third = await slots.enter(never, true);
    await expect(slots.enter(never, true)).rejects.toMatchObject({ reason: 'noRoomForTerminal' });
    third();
    second();
    limit = 3;
    await expect(slots.enter(never, true)).rejects.toMatchObject({ reason: 'noRoomForTerminal' });
  });

  it('are to spare only where there are many, and half of them at the most', async () => {
    expect(new StreamSlots(() => 8).hasPlenty).toBe(false);
    const slots = new StreamSlots(() => 16);
    for (let held = 0; held < 5; held += 1) {
      expect(slots.hasPlenty).toBe(true);
      await slots.enter(never, true);
    }
    expect(slots.hasPlenty).toBe(false);
  });

  it('wanted for long and given up are not counted', async () => {
    const slots = new StreamSlots(() => 4);
    const others = await Promise.all([1, 2, 3, 4].map(() => slots.enter(never)));
    const gone = new AbortController();
    const waiting = slots.enter(gone.signal, true);
    gone.abort(new Error('given up'));
    await expect(waiting).rejects.toThrow('given up');
    others[0]?.();
    await slots.enter(never, true);
  });

  it('are not held by who has given up waiting', async () => {
    const slots = new StreamSlots(() => 1);
    const entered: number[] = [];
    const first = visitor(slots, entered, 1);
    const gone = new AbortController();
    const second = visitor(slots, entered, 2, gone.signal);
    const third = visitor(slots, entered, 3);
    await turn();
    gone.abort(new Error('given up'));
    await expect(second).rejects.toThrow('given up');
    (await first)();
    await third;
    expect(entered).toEqual([1, 3]);
  });
});
