import { Emitter } from '../../../src/base/event';

/**
 * What of VS Code the forms and commands use, without VS Code: quick inputs that a test answers one after the other, and
 * everything that was shown. For `vi.mock('vscode', async () => (await import('./fakeVscode')).vscode)`.
 */

/** A quick pick or input box that is open. */
export class FakeInput {
  title = '';
  placeholder: string | undefined;
  prompt = '';
  value = '';
  step: number | undefined;
  totalSteps: number | undefined;
  items: readonly { readonly label: string; readonly kind?: number }[] = [];
  activeItems: readonly unknown[] = [];
  selectedItems: readonly unknown[] = [];
  buttons: readonly unknown[] = [];
  validationMessage: unknown;
  private readonly emitters = {
    accept: new Emitter<void>(),
    hide: new Emitter<void>(),
    button: new Emitter<unknown>(),
    itemButton: new Emitter<unknown>(),
    value: new Emitter<string>(),
    selection: new Emitter<readonly unknown[]>(),
  };
  readonly onDidAccept = this.emitters.accept.event;
  readonly onDidHide = this.emitters.hide.event;
  readonly onDidTriggerButton = this.emitters.button.event;
  readonly onDidTriggerItemButton = this.emitters.itemButton.event;
  readonly onDidChangeValue = this.emitters.value.event;
  readonly onDidChangeSelection = this.emitters.selection.event;

  show(): void {
    shown.push(`${this.title} · ${this.placeholder ?? this.prompt}`);
    const answer = answers.shift();
    if (!answer) throw new Error(`Nobody answers "${this.title}"; before it came:\n${shown.join('\n')}`);
    setImmediate(() => answer(this));
  }

  dispose(): void {
    disposals.count += 1;
  }

  /** Takes the item whose label begins so. */
  choose(label: string): void {
    const item = this.items.find((one) => one.kind === undefined && one.label.startsWith(label));
    if (!item) throw new Error(`"${this.title}" has no item "${label}": ${this.labels().join(', ')}`);
    this.activeItems = [item];
    this.emitters.accept.fire();
  }

  /** Ticks just these, and accepts. */
  tick(...labels: readonly string[]): void {
    this.selectedItems = this.items.filter((one) => labels.some((label) => one.label.startsWith(label)));
    this.emitters.accept.fire();
  }

  type(text: string): void {
    this.value = text;
    this.emitters.value.fire(text);
    this.emitters.accept.fire();
  }

  /** Presses the button of an item. */
  pressItemButton(item: unknown): void {
    this.emitters.itemButton.fire({ item, button: {} });
  }

  select(items: readonly unknown[]): void {
    this.selectedItems = items;
    this.emitters.selection.fire(items);
  }

  /** Presses the back button. */
  back(): void {
    if (!this.buttons.includes(backButton)) throw new Error(`"${this.title}" has no back button`);
    this.emitters.button.fire(backButton);
  }

  escape(): void {
    this.emitters.hide.fire();
  }

  labels(): string[] {
    return this.items.map(({ label }) => label);
  }
}

/** How the inputs that come are answered. */
export const answers: ((input: FakeInput) => void)[] = [];
/** Each input that came, as "title · what it asks". */
export const shown: string[] = [];
/** How many inputs were let go of. */
export const disposals = { count: 0 };
/** Toasts, status bar messages and what went into the clipboard, each after its kind. */
export const told: string[] = [];
/** The settings of the user. */
export const settings = new Map<string, unknown>();
/** Who listens for changes of settings. */
export const settingsChanged = new Emitter<{ affectsConfiguration(key: string): boolean }>();

export function reset(): void {
  answers.length = 0;
  shown.length = 0;
  disposals.count = 0;
  told.length = 0;
  settings.clear();
}

const backButton = {};
const toast =
  (kind: string) =>
  (text: string, ...more: readonly unknown[]) => {
    const buttons = more.filter((one) => typeof one === 'string');
    told.push([`${kind}: ${text}`, ...buttons].join(' | '));
    return Promise.resolve(undefined);
  };

class Uri {
  constructor(
    readonly scheme: string,
    readonly path: string,
  ) {}

  get fsPath(): string {
    return this.path;
  }

  toString(): string {
    return `${this.scheme}:${this.path}`;
  }

  static file = (path: string) => new Uri('file', path);
  static from = ({ scheme, path }: { scheme: string; path: string }) => new Uri(scheme, path);
  static joinPath = (uri: Uri, ...parts: readonly string[]) => new Uri(uri.scheme, [uri.path, ...parts].join('/'));
}

export const commands = new Map<string, (...args: readonly unknown[]) => Promise<unknown>>();
/** Files written by `workspace.fs`, by path. */
export const written = new Map<string, string>();
export const workspaceFolders: { uri: Uri }[] = [];

export const vscode = {
  Uri,
  EventEmitter: class<T> extends Emitter<T> {},
  Disposable: { from: () => ({ dispose: () => undefined }) },
  ThemeIcon: class {
    constructor(
      readonly id: string,
      readonly color?: unknown,
    ) {}
  },
  ThemeColor: class {
    constructor(readonly id: string) {}
  },
  MarkdownString: class {
    constructor(readonly value: string) {}
  },
  TreeItem: class {
    constructor(
      readonly label: string,
      readonly collapsibleState: number,
    ) {}
  },
  TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
  QuickPickItemKind: { Separator: -1 },
  QuickInputButtons: { Back: backButton },
  InputBoxValidationSeverity: { Info: 1 },
  ProgressLocation: { Notification: 15 },
  ConfigurationTarget: { Global: 1 },
  window: {
    createQuickPick: () => new FakeInput(),
    createInputBox: () => new FakeInput(),
    showErrorMessage: toast('error'),
    showWarningMessage: toast('warning'),
    showInformationMessage: toast('info'),
    setStatusBarMessage: (text: string) => void told.push(`status: ${text}`),
    withProgress: (_: unknown, work: (progress: unknown, token: unknown) => unknown) =>
      work({ report: () => undefined }, { isCancellationRequested: false, onCancellationRequested: () => undefined }),
  },
  env: { clipboard: { writeText: async (text: string) => void told.push(`clipboard: ${text}`) } },
  commands: {
    registerCommand: (id: string, run: (...args: readonly unknown[]) => Promise<unknown>) => {
      commands.set(id, run);
      return { dispose: () => undefined };
    },
    executeCommand: async () => undefined,
  },
  workspace: {
    get workspaceFolders() {
      return workspaceFolders.length > 0 ? workspaceFolders : undefined;
    },
    fs: {
      writeFile: async (uri: Uri, bytes: Uint8Array) => void written.set(uri.path, new TextDecoder().decode(bytes)),
    },
    onDidChangeConfiguration: settingsChanged.event,
    registerTextDocumentContentProvider: () => ({ dispose: () => undefined }),
    onDidCloseTextDocument: () => ({ dispose: () => undefined }),
    getConfiguration: () => ({
      inspect: (key: string) => ({ globalValue: settings.get(key) }),
      update: async (key: string, value: unknown) => {
        // As VS Code does: others come in between, and the event may come before the end.
        await new Promise((resolve) => setImmediate(resolve));
        settings.set(key, value);
        settingsChanged.fire({ affectsConfiguration: (one) => one === key });
      },
    }),
  },
};
