import { beforeEach, describe, expect, it, vi } from 'vitest';
import { showTestResult } from '../../../src/ui/hosts/connectionTest/show';
import { ask } from '../../../src/ui/vscode/ask';
import { createQuickPick } from '../../../src/ui/vscode/quickInputs';
import { answers, disposals, reset, told, vscode, type FakeInput } from './fakeVscode';

vi.mock('vscode', async () => (await import('./fakeVscode')).vscode);

beforeEach(reset);

const text = 'docker says [x](command:y) $(error)';
const shown = 'docker says [x] (command:y) $ (error)';

describe('the items of a quick pick', () => {
  /** A pick, and what VS Code has of it. */
  function openPick() {
    let fake: FakeInput | undefined;
    const create = vi.spyOn(vscode.window, 'createQuickPick').mockImplementation(() => {
      const made = real();
      fake = made;
      return made;
    });
    const pick = createQuickPick();
    create.mockRestore();
    if (!fake) throw new Error('no pick was made');
    return { pick, fake };
  }
  const real = vscode.window.createQuickPick;

  it('are shown letter by letter, and come back as they were assigned', () => {
    const { pick, fake } = openPick();
    const item = { label: text, description: text, detail: text };
    pick.items = [item];
    expect(fake.items).toEqual([{ label: shown, description: shown, detail: shown }]);
    expect(pick.items[0]).toBe(item);
    expect(item.label).toBe(text);
  });

  it('are selected by what VS Code has of them, also after they were assigned again', () => {
    const { pick, fake } = openPick();
    const item = { label: text };
    for (let round = 0; round < 2; round += 1) {
      pick.items = [item];
      pick.activeItems = pick.items;
      pick.selectedItems = [item];
      expect(fake.activeItems[0]).toBe(fake.items[0]);
      expect(fake.selectedItems[0]).toBe(fake.items[0]);
      expect([pick.activeItems[0], pick.selectedItems[0]]).toEqual([item, item]);
      expect(pick.activeItems[0]).toBe(item);
    }
  });

  it('are in events as they were assigned', () => {
    const { pick, fake } = openPick();
    const item = { label: text };
    const heard: unknown[] = [];
    pick.items = [item];
    pick.onDidTriggerItemButton((event) => heard.push(event.item));
    pick.onDidChangeSelection((items) => heard.push(...items));
    fake.pressItemButton(fake.items[0]);
    fake.select([fake.items[0]]);
    expect(heard).toHaveLength(2);
    for (const one of heard) expect(one).toBe(item);
  });
});

it('a line of a test of a connection is copied as it was said', async () => {
  answers.push((input) => {
    input.choose('Not protected');
    input.escape();
  });
  await showTestResult({ host: 'node1', ok: true, stages: [], insecure: text, ms: 1 }, []);
  expect(told).toContain(`clipboard: Not protected ${text}`);
});

describe('a question', () => {
  it('whose wiring breaks lets go of its input', async () => {
    const broken = ask(createQuickPick(), () => {
      throw new TypeError('broken');
    });
    await expect(broken).rejects.toThrow('broken');
    expect(disposals.count).toBe(1);
  });
});
