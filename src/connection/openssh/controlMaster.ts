import type { OverlayError } from '../../base/errors';
import { Emitter } from '../../base/event';
import type { Logger } from '../../base/logger';
import type { SshConnection } from '../route/sshTransport';
import type { GuardedProcess } from './guardedProcess';
import { removePrivateDirectory } from './privateDirectory';
import { serverAddress, type SshSettings } from '../sshConfig/settings';
import { forwardRefusal, opensshLoss } from './errors';

/** A login by the system's ssh program, and the directory where it can be used. */
export interface OpensshConnection extends SshConnection {
  readonly dir: string;
  /** Words for the last forwarding that the server refused. */
  readonly refusal: string | undefined;
}

export interface ControlMasterRequest {
  readonly host: string;
  readonly settings: SshSettings;
  readonly logger: Logger;
}

/** A run of ssh that is logged in. */
export class ControlMaster implements OpensshConnection {
  readonly settings: SshSettings;
  readonly address: string;
  refusal: string | undefined;
  closedBy: OverlayError | undefined;
  private readonly closed = new Emitter<OverlayError>();
  readonly onDidClose = this.closed.event;
  private isDisposed = false;
  private readonly words: string[] = [];

  constructor(
    readonly dir: string,
    private readonly process: GuardedProcess,
    private readonly request: ControlMasterRequest,
  ) {
    this.settings = request.settings;
    this.address = serverAddress(this.settings);
    void process.ended.then(() => this.onEnd());
  }

  /** Each stream makes some debugging lines; only what is said to people counts. */
  hear(line: string): void {
    if (/^(debug\d: |Transferred: |Bytes per second: )/.test(line)) return;
    const refusal = forwardRefusal(line);
    if (refusal !== undefined) this.refusal = refusal;
    else this.words.splice(0, this.words.length, line);
    this.request.logger.debug(`${this.request.host}: ssh: ${line}`);
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.closed.dispose();
    this.process.end();
  }

  private onEnd(): void {
    this.closedBy = opensshLoss(this.words, this.request.host);
    const report = (error: unknown) => this.request.logger.warn(`${this.request.host}: ${this.dir}: ${String(error)}`);
    // The shell around ssh has done it, unless it was killed.
    removePrivateDirectory(this.dir).catch(report);
    if (!this.isDisposed) this.closed.fire(this.closedBy);
  }
}
