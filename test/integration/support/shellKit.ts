import { stripVTControlCharacters } from 'node:util';
import { vi } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import { Orphans } from '../../../src/ui/testContainers/orphans';
import type { ShellTarget } from '../../../src/ui/testContainers/shellEnd';
import { ShellSession, type ScreenSize } from '../../../src/ui/testContainers/shellSession';
import type { EngineOf } from '../../../src/swarm/askManager';

/** A shell with a screen of text, and what a person does with it. */
export class TestShell {
  readonly session: ShellSession;
  readonly orphans: Orphans;
  readonly faults: unknown[] = [];
  shown = '';
  isClosed = false;

  constructor(target: ShellTarget, engineOf: EngineOf, size?: ScreenSize) {
    this.orphans = new Orphans(engineOf, silentLogger);
    this.session = new ShellSession(target, {
      engineOf,
      screen: { write: (text) => void (this.shown += text), close: () => void (this.isClosed = true) },
      onOrphan: (orphan, mark) => this.orphans.add(orphan, mark),
      onFault: (error) => this.faults.push(error),
    });
    this.session.open(size);
  }

  /** Types a line; the words of the command itself are not taken for its output. */
  type(line: string): void {
    this.shown = '';
    this.session.input(`${line}\r`);
  }

  async sees(text: string | RegExp, timeout = 60_000): Promise<void> {
    const isThere = () => (typeof text === 'string' ? this.shown.includes(text) : text.test(this.shown));
    await vi.waitFor(
      () => {
        if (!isThere()) throw new Error(`Not seen: ${String(text)} in ${JSON.stringify(this.shown.slice(-600))}`);
      },
      { timeout, interval: 50 },
    );
  }

  /** The prompt, so that what is typed next is read by the shell. */
  async ready(): Promise<void> {
    await vi.waitFor(
      () => {
        if (!this.isReady) throw new Error(`No prompt in ${JSON.stringify(this.shown.slice(-600))}`);
      },
      { timeout: 60_000, interval: 50 },
    );
  }

  /** Whether the last that is shown is a prompt; it is drawn again after each change of the size. */
  get isReady(): boolean {
    return /[#$] $/.test(stripVTControlCharacters(this.shown));
  }

  async close(): Promise<void> {
    this.session.close();
    await this.orphans.settled();
  }
}
