import { describe, expect, test, vi } from 'vitest';
import { back } from '../../../src/ui/vscode/ask';
import { runSteps, WentBack, type Step } from '../../../src/ui/quickPick/steps';

// Steps know the symbol for "back" only; the module that holds it also makes the picks.
vi.mock('vscode', () => ({}));

type Form = Record<string, number>;

/** A step that gives these answers in turn, and notes where it stood. */
function scripted(
  key: string,
  answers: (number | typeof back)[],
  seen: string[],
  when?: Step<Form>['when'],
): Step<Form> {
  return {
    ...(when ? { when } : {}),
    ask: async (form, { step, totalSteps, canGoBack }) => {
      seen.push(`${key} ${step}/${totalSteps}${canGoBack ? ' back' : ''}`);
      const answer = answers.shift();
      return typeof answer === 'number' ? { ...form, [key]: answer } : back;
    },
  };
}

describe('steps', () => {
  test('ask one after another', async () => {
    const seen: string[] = [];
    const form = await runSteps<Form>({}, [scripted('a', [1], seen), scripted('b', [2], seen)]);
    expect(form).toEqual({ a: 1, b: 2 });
    expect(seen).toEqual(['a 1/2', 'b 2/2 back']);
  });

  test('show every answer again after the back button', async () => {
    const forms: Form[] = [];
    const noting = (key: string, answers: (number | typeof back)[]): Step<Form> => ({
      ask: async (form, place) => {
        forms.push(form);
        return scripted(key, [answers.shift() ?? back], []).ask(form, place);
      },
    });
    await runSteps<Form>({}, [noting('a', [1, 1]), noting('b', [2, back, 2]), noting('c', [back, 3])]);
    expect(forms).toEqual([
      {},
      { a: 1 },
      { a: 1, b: 2 },
      { a: 1, b: 2 },
      { a: 1, b: 2 },
      { a: 1, b: 2 },
      { a: 1, b: 2 },
    ]);
  });

  test('lead back to the question before', async () => {
    const seen: string[] = [];
    const form = await runSteps<Form>({}, [
      scripted('a', [1, 5], seen),
      scripted('b', [2, back, 6], seen),
      scripted('c', [back, 7], seen),
    ]);
    expect(form).toEqual({ a: 5, b: 6, c: 7 });
    expect(seen).toEqual(['a 1/3', 'b 2/3 back', 'c 3/3 back', 'b 2/3 back', 'a 1/3', 'b 2/3 back', 'c 3/3 back']);
  });

  test('leave out those that do not apply, in both directions', async () => {
    const seen: string[] = [];
    const form = await runSteps<Form>({}, [
      scripted('a', [1, 2], seen),
      scripted('b', [9], seen, (state) => state['a'] === 2),
      scripted('c', [back, 3], seen),
    ]);
    expect(form).toEqual({ a: 2, b: 9, c: 3 });
    expect(seen).toEqual(['a 1/2', 'c 2/2 back', 'a 1/2', 'b 2/3 back', 'c 3/3 back']);
  });

  test('of several parts keep what was changed in them on the way back', async () => {
    const seen: Form[] = [];
    const answers = [new WentBack<Form>({ a: 1, b: 2 }), { a: 3, b: 4 }];
    const form = await runSteps<Form>({}, [
      scripted('a', [1, 3], []),
      {
        ask: async (state) => {
          seen.push(state);
          return answers.shift() ?? back;
        },
      },
    ]);
    expect(seen).toEqual([{ a: 1 }, { a: 3, b: 2 }]);
    expect(form).toEqual({ a: 3, b: 4 });
  });

  test('that are a part of a question lead out of it', async () => {
    const seen: string[] = [];
    const steps = () => [scripted('a', [1, back], seen), scripted('b', [back], seen)];
    expect(await runSteps<Form>({}, steps(), true)).toBe(back);
    expect(seen).toEqual(['a 1/2 back', 'b 2/2 back', 'a 1/2 back']);
  });
});
