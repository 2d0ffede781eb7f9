import { beforeEach, describe, expect, it, vi } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { Secret } from '../../../src/base/text/redact';
import { joinCommand } from '../../../src/ui/swarm/commands/swarmSecretCommands';
import { literal } from '../../../src/ui/vscode/literal';
import { showError, showInfo, showInStatusBar, showWarning } from '../../../src/ui/vscode/messages';
import { withProgress } from '../../../src/ui/vscode/progress';
import { askSecret } from '../../../src/ui/hosts/prompts/askSecret';
import { createInputBox } from '../../../src/ui/vscode/quickInputs';
import { askText, pickOne } from '../../../src/ui/quickPick/pick';

/** Every text that reached VS Code in a place where it makes links of them. */
const shown = vi.hoisted(() => [] as string[]);

vi.mock('vscode', () => {
  const record = (text: unknown) => {
    if (typeof text === 'string') shown.push(text);
  };
  const message = (text: string) => (record(text), Promise.resolve(undefined));
  const event = () => ({ dispose: () => undefined });
  /** As the extension host's own: accessors on the prototype, private fields. */
  class Input {
    value = '';
    buttons = [];
    activeItems = [];
    #items: { label: string; description?: string; detail?: string }[] = [];
    onDidTriggerButton = event;
    onDidChangeValue = event;
    onDidAccept = event;
    onDidHide = event;
    set title(text: string) {
      record(text);
    }
    set prompt(text: string) {
      record(text);
    }
    set placeholder(text: string) {
      record(text);
    }
    set validationMessage(said: string | { message: string } | undefined) {
      record(typeof said === 'object' ? said.message : said);
    }
    get items() {
      return this.#items;
    }
    set items(items) {
      this.#items = items;
      for (const { label, description, detail } of items) [label, description, detail].forEach(record);
    }
    show() {}
    dispose() {}
  }
  return {
    ProgressLocation: { Notification: 15 },
    QuickPickItemKind: { Separator: -1 },
    QuickInputButtons: { Back: {} },
    ThemeIcon: class {},
    window: {
      showErrorMessage: message,
      showWarningMessage: message,
      showInformationMessage: message,
      setStatusBarMessage: message,
      createInputBox: () => new Input(),
      createQuickPick: () => new Input(),
      withProgress: (options: { title: string }, work: (progress: object, token: object) => unknown) => {
        record(options.title);
        const report = (step: { message: string }) => record(step.message);
        return work({ report }, { onCancellationRequested: event });
      },
    },
  };
});

/** What VS Code takes for a link (vs/base/common/linkedText.ts) and for an icon (iconLabels.ts). */
const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/gi;
const icon = /\$\(([a-z0-9-]+(?:~[a-z]+)?)\)/gi;
const hostile =
  '[Click here](command:workbench.action.terminal.sendSequence?%7B%22text%22%3A%22id%5Cn%22%7D) $(pass-filled)';

beforeEach(() => void (shown.length = 0));

/** The text has arrived, and nothing of it acts. */
function expectLiteral(): void {
  expect(shown.some((text) => text.includes('Click here'))).toBe(true);
  for (const text of shown) {
    expect(text).not.toMatch(link);
    expect(text).not.toMatch(icon);
  }
}

describe('what a daemon says is no link and no icon', () => {
  it('in an error, a warning, an information and the status bar', () => {
    showError(new OverlayError('engineError', { host: 'node1', message: hostile }));
    showWarning(hostile);
    showInfo(hostile);
    showInStatusBar(hostile);
    expect(shown).toHaveLength(4);
    expectLiteral();
  });

  it('in the title and the words of progress', async () => {
    await withProgress(`Pulling ${hostile}`, async (_signal, report) => report(hostile));
    expect(shown).toHaveLength(2);
    expectLiteral();
  });

  it('in a prompt, a placeholder and a validation', () => {
    void askText({ title: hostile, prompt: hostile, placeholder: hostile, validate: () => hostile });
    expectLiteral();
  });

  it('in a validation with a severity', () => {
    createInputBox().validationMessage = { message: hostile, severity: 1 };
    expectLiteral();
  });

  it('in the lines of a pick', () => {
    const items = [{ value: 1, label: hostile, description: hostile, detail: hostile, section: hostile }];
    void pickOne({ title: hostile, placeholder: hostile, items });
    expect(shown).toHaveLength(6);
    expectLiteral();
  });
});

it('what an SSH server asks is no link', () => {
  void askSecret({ title: 'Log in to node1 as deploy', prompt: hostile, canKeep: true });
  expectLiteral();
});

it('what an engine gives as token and address is one word each to a shell', () => {
  const command = joinCommand(new Secret('SWMTKN-1-a; touch /tmp/owned'), '10.0.0.1:2377 $(id)');
  expect(command).toBe("docker swarm join --token 'SWMTKN-1-a; touch /tmp/owned' '10.0.0.1:2377 $(id)'");
  expect(joinCommand(new Secret('SWMTKN-1-ab-cd'), '[fd00::1]:2377')).toContain("SWMTKN-1-ab-cd '[fd00::1]:2377'");
});

describe('literal', () => {
  it.each(['[a](https://x)', '[a](file:///x)', '[[a]](command:x)', '[a](command:x "title")', '[](x)[b](COMMAND:x)'])(
    '%s is no link',
    (text) => {
      expect(literal(text)).not.toMatch(link);
      expect(literal(text).replaceAll('] (', '](')).toBe(text);
    },
  );

  it('leaves all other text as it is', () => {
    const text = 'net [a] (b): docker rm $(docker ps -q) \\$x 100 $ ](';
    expect(literal(text)).toBe(text.replace('](', '] ('));
  });
});
