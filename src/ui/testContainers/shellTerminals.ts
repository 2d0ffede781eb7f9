import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../../base/disposable';
import type { Logger } from '../../base/logger';
import type { Fleet } from '../../swarm/fleet';
import { Orphans } from './orphans';
import type { ShellTarget } from './shellEnd';
import { ShellSession, type ScreenSize } from './shellSession';

/** Shells in test containers as terminals of VS Code, over the links that are there: no new login. */
export class ShellTerminals implements Disposable {
  private readonly store = new DisposableStore();
  private readonly orphans: Orphans;
  private readonly open = new Set<ShellSession>();

  constructor(
    private readonly fleet: Fleet,
    private readonly logger: Logger,
  ) {
    this.orphans = new Orphans((host) => fleet.engine(host), logger);
    this.store.add(fleet.onDidConnect((host) => this.orphans.connected(host)));
  }

  /** Shows a terminal, which opens the shell. */
  show(target: ShellTarget): void {
    const { written, closed, session } = this.sessionOf(target);
    const pty: vscode.Pseudoterminal = {
      onDidWrite: written.event,
      onDidClose: closed.event,
      open: (size) => session.open(size && sizeOf(size)),
      close: () => {
        session.close();
        this.open.delete(session);
        written.dispose();
        closed.dispose();
      },
      handleInput: (text) => session.input(text),
      setDimensions: (size) => session.resize(sizeOf(size)),
    };
    const name = `${target.name} on ${target.host}`;
    const iconPath = new vscode.ThemeIcon('vm-active');
    vscode.window.createTerminal({ name, pty, iconPath, isTransient: true }).show();
  }

  private sessionOf(target: ShellTarget) {
    const written = new vscode.EventEmitter<string>();
    const closed = new vscode.EventEmitter<number | void>();
    const session = new ShellSession(target, {
      engineOf: (host) => this.fleet.engine(host),
      screen: { write: (text) => written.fire(text), close: () => closed.fire() },
      onOrphan: (orphan, mark) => this.orphans.add(orphan, mark),
      onFault: (error) => this.logger.error(`Shell in ${target.name} on ${target.host}`, error),
    });
    this.open.add(session);
    return { written, closed, session };
  }

  /** Ends all shells, in their containers too: for the end of the window, while the links are still there. */
  async endAll(): Promise<void> {
    for (const session of this.open) session.close();
    this.open.clear();
    await this.orphans.settled();
  }

  dispose(): void {
    for (const session of this.open) session.close();
    this.store.dispose();
  }
}

const sizeOf = ({ columns, rows }: vscode.TerminalDimensions): ScreenSize => ({ columns, rows });
