import { oneLine } from '../../base/text/oneLine';
import type { TerminalSession } from '../../engine/api';
import type { EngineOf } from '../../swarm/askManager';
import { PacedOutput } from './pacedOutput';
import {
  endOf,
  describeEnd,
  checkContainer,
  findEnd,
  type NextAction,
  type ShellEnd,
  type ShellTarget,
} from './shellEnd';

/** What shows the shell. */
export interface ShellScreen {
  write(text: string): void;
  /** The shell has ended well: nothing more will come. */
  close(): void;
}

/** Columns and rows. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ShellOptions {
  readonly engineOf: EngineOf;
  readonly screen: ShellScreen;
  /** A shell that may run on in its container although nobody sees it any more. */
  readonly onOrphan: (target: ShellTarget, mark: string) => void;
  /** What is no expected failure. */
  readonly onFault: (error: unknown) => void;
}

/** bash where the image has it. */
const command = ['sh', '-c', 'if command -v bash >/dev/null 2>&1; then exec bash; else exec sh; fi'];

const usualSize: ScreenSize = { columns: 80, rows: 24 };

type State =
  | { readonly kind: 'opening' }
  | { readonly kind: 'open'; readonly session: TerminalSession; readonly output: PacedOutput }
  /** Between the end of the stream and its words. */
  | { readonly kind: 'ending' }
  | { readonly kind: 'ended'; readonly next: NextAction }
  | { readonly kind: 'closed' };

/** One shell in one container, for a terminal: knows nothing of VS Code. */
export class ShellSession {
  private state: State = { kind: 'opening' };
  private size: ScreenSize = usualSize;
  private isResizing = false;
  /** Typed before the shell was there. */
  private typed = '';

  constructor(
    private readonly target: ShellTarget,
    private readonly options: ShellOptions,
  ) {}

  /** Opens the shell; what keeps it from opening is said on the screen. */
  open(size: ScreenSize = usualSize): void {
    this.size = size;
    this.begin(false);
  }

  /** What was typed; after the end, Enter opens another shell. */
  input(text: string): void {
    const { state } = this;
    if (state.kind === 'open') state.session.stream.write(text);
    else if (state.kind === 'opening') this.typed += text;
    else if (state.kind === 'ended' && state.next && /[\r\n]/.test(text)) this.begin(state.next === 'start');
  }

  resize(size: ScreenSize): void {
    this.size = size;
    if (this.state.kind === 'open' && !this.isResizing) void this.sendSize(this.state.session);
  }

  /** The terminal is closed: the shell goes with it. */
  close(): void {
    const { state } = this;
    this.state = { kind: 'closed' };
    if (state.kind !== 'open') return;
    state.output.stop();
    this.letGo(state.session);
  }

  private begin(startFirst: boolean): void {
    this.state = { kind: 'opening' };
    this.typed = '';
    this.openShell(startFirst).catch(this.options.onFault);
  }

  private async openShell(startFirst: boolean): Promise<void> {
    const { host, containerId } = this.target;
    const size = this.size;
    let session: TerminalSession;
    try {
      const engine = this.options.engineOf(host);
      if (startFirst) await engine.containers.start(containerId);
      const gone = await checkContainer(engine, containerId);
      if (gone) return this.tell(gone);
      session = await engine.containers.openTerminal(containerId, { command, ...size });
    } catch (error) {
      return this.tell(endOf(error));
    }
    // Closed meanwhile.
    if (this.state.kind !== 'opening') return this.letGo(session);
    const output = new PacedOutput(session.stream, (text) => this.options.screen.write(text));
    this.state = { kind: 'open', session, output };
    session.stream.write(this.typed);
    // An error ends the stream too, and why is asked then.
    session.stream.on('error', () => undefined);
    session.stream.once('close', () => void this.end(session, output).catch(this.options.onFault));
    session.stream.once('end', () => session.stream.destroy());
    if (size !== this.size) await this.sendSize(session);
  }

  /** One request at a time, and then only the last size: dragging a border makes dozens. */
  private async sendSize(session: TerminalSession): Promise<void> {
    this.isResizing = true;
    let sent: ScreenSize | undefined;
    try {
      while (sent !== this.size && this.state.kind === 'open' && this.state.session === session) {
        sent = this.size;
        await session.resize(sent.columns, sent.rows);
      }
    } catch (error) {
      // A shell that is over takes no size; whatever it was, its end is told where the stream ends.
      endOf(error);
    } finally {
      this.isResizing = false;
    }
  }

  private async end(session: TerminalSession, output: PacedOutput): Promise<void> {
    if (this.state.kind !== 'open' || this.state.session !== session) return;
    this.state = { kind: 'ending' };
    const [why] = await Promise.all([findEnd(this.target, session, this.options.engineOf), output.end()]);
    if (why.kind === 'linkLost') this.options.onOrphan(this.target, session.mark);
    this.tell(why);
  }

  private tell(end: ShellEnd): void {
    // Closed meanwhile.
    if (this.state.kind === 'closed') return;
    if (end.kind === 'exited' && end.code === 0) {
      this.state = { kind: 'closed' };
      this.options.screen.close();
      return;
    }
    const { text, next } = describeEnd(end, this.target);
    this.state = { kind: 'ended', next };
    // Out of whatever a program has made of the screen, and on a line of its own.
    this.options.screen.write(`\x1b[?1049l\x1b[0m\r\n\x1b[2m${oneLine(text, { max: 2_000 })}\x1b[0m\r\n`);
  }

  private letGo(session: TerminalSession): void {
    session.stream.on('error', () => undefined);
    session.stream.destroy();
    this.options.onOrphan(this.target, session.mark);
  }
}
