import { test } from 'vitest';

/** Adds a step of a story as a test. */
export type AddStep = (name: string, play: () => Promise<void>) => void;

/** The steps of one story: each builds on those before it, so that none is played after one that failed. */
export function chain(): AddStep {
  let failed: string | undefined;
  return (name, play) =>
    test(name, async () => {
      if (failed !== undefined) throw new Error(`A step before this one failed: ${failed}`);
      failed = name;
      await play();
      failed = undefined;
    });
}
