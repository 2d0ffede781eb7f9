import { promises as fs } from 'node:fs';
import path from 'node:path';
import { OverlayError } from '../base/errors';
import type { Logger } from '../base/logger';
import type { StageListener } from '../model/connectStage';
import type { GuardedProcess, ProcessEnd } from './guardedProcess';
import type { KeyRing } from './keyRing';
import { ProgramLink, type SystemSshLink } from './programLink';
import { makePrivateDirectory } from './privateDirectory';
import type { SshConfigSource, SshSettings } from './sshConfig';
import { masterArguments, privateFiles, type SshTarget } from './systemSshConfig';
import { hungUp, systemSshFailure } from './systemSshErrors';
import { confirmHostKeys } from './systemSshHostKeys';
import { SystemSshLog } from './systemSshLog';
import { SystemSshRun } from './systemSshRun';
import { formatAddress, systemCode } from './text';
import type { ConnectionPrompts } from './transport';

/** Greeting, key exchange and login of one server, without the time a person reads. */
const loginTimeoutMs = 20_000;
const lookMs = 20;
/** Unknown keys of several hops, and a server that hung up while a person was typing. */
const maxAttempts = 6;

export interface SystemSshRequest {
  /** Name of the configured host, for questions and texts. */
  readonly host: string;
  /** The ssh program. */
  readonly program: string;
  readonly target: SshTarget;
  readonly settings: SshSettings;
  readonly source: SshConfigSource;
  readonly prompts: ConnectionPrompts;
  readonly keyRing: KeyRing;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onStage: StageListener;
}

/**
 * Logs in with the ssh program. Unknown host keys are shown to a person and written to known_hosts by us; then it is
 * run again.
 *
 * @throws OverlayError of `reasons/connection`.
 */
export async function openSystemSshLink(request: SystemSshRequest): Promise<SystemSshLink> {
  let confirmed = false;
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await openOnce(request, confirmed);
    if (outcome.kind === 'ready') return outcome.link;
    if (attempt >= maxAttempts) throw hangsUp(request);
    if (outcome.kind === 'again') continue;
    await confirmHostKeys(request, outcome.name);
    confirmed = true;
  }
}

type Outcome =
  | { readonly kind: 'ready'; readonly link: SystemSshLink }
  | { readonly kind: 'hostKey'; readonly name?: string }
  /** The server hung up while a person was answering; the answer is kept. */
  | { readonly kind: 'again' };

async function openOnce(request: SystemSshRequest, confirmed: boolean): Promise<Outcome> {
  const dir = await makePrivateDirectory();
  const attempt = new LoginAttempt(request, dir, confirmed);
  try {
    const outcome = await attempt.run();
    if (outcome.kind !== 'ready') await attempt.close();
    return outcome;
  } catch (error) {
    await attempt.close();
    throw error;
  }
}

/** One run of ssh, until it is logged in. */
class LoginAttempt {
  private readonly log: SystemSshLog;
  private readonly ssh: SystemSshRun;
  private link: ProgramLink | undefined;

  constructor(
    private readonly request: SystemSshRequest,
    private readonly dir: string,
    confirmed: boolean,
  ) {
    const { settings, onStage } = request;
    const servers = 1 + (settings.proxyJump?.split(',').length ?? 0);
    this.log = new SystemSshLog(settings, onStage, confirmed);
    this.ssh = new SystemSshRun({
      request,
      settings,
      dir,
      log: this.log,
      timeoutMs: loginTimeoutMs * servers,
      tooSlow: () => tooSlow(request, servers),
    });
  }

  run(): Promise<Outcome> {
    return this.ssh.during(() => this.login());
  }

  /** Ends what was begun and leaves nothing of it. */
  close(): Promise<void> {
    return this.ssh.close();
  }

  private async login(): Promise<Outcome> {
    const { request, dir, ssh } = this;
    const { settings, host, target, onStage } = request;
    await ssh.prepare();
    if (settings.proxyJump === undefined && settings.proxyCommand === undefined) {
      onStage({ stage: 'resolve', state: 'begun', detail: settings.hostName });
    }
    const process = ssh.start(masterArguments(dir, target), (line) => this.hear(line));
    const { ended } = process;
    const end = await Promise.race([ended, this.isUp(ended)]);
    if (end === undefined) return { kind: 'ready', link: this.makeLink(process) };
    if (hungUp(this.log) && ssh.answers.keepUnjudged()) {
      request.logger.info(`${host}: the server hung up while a question was open`);
      return { kind: 'again' };
    }
    const failure = systemSshFailure(this.log, end.code, host, settings);
    if (failure.kind === 'error') throw failure.error;
    return failure;
  }

  /** The control socket is there once ssh has logged in. @returns undefined, as against the end of the process. */
  private async isUp(ended: Promise<ProcessEnd>): Promise<undefined> {
    const socket = path.join(this.dir, privateFiles.control);
    let isOver = false;
    void ended.then(() => (isOver = true));
    for (;;) {
      if (await exists(socket)) return undefined;
      // The race is decided by the end, or by who has given up; this only must not go on.
      if (isOver || this.ssh.isOver) return new Promise<never>(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, lookMs));
    }
  }

  private makeLink(process: GuardedProcess): SystemSshLink {
    this.ssh.answers.succeeded();
    this.link = new ProgramLink(this.dir, process, this.request);
    return this.link;
  }

  private hear(line: string): void {
    if (this.link) {
      this.link.hear(line);
      return;
    }
    this.request.logger.debug(`${this.request.host}: ssh: ${line}`);
    this.log.line(line);
    if (line.startsWith('debug1: Authentications that can continue')) this.ssh.answers.judged();
    // Also a jump host: what was right there need not be asked again when the host behind it is not reached yet.
    if (line.startsWith('Authenticated to ')) this.ssh.answers.succeeded();
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await fs.access(file);
    return true;
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    return false;
  }
}

function tooSlow({ host, settings }: SystemSshRequest, servers: number): OverlayError {
  const message = `the login took longer than ${(loginTimeoutMs * servers) / 1000} s`;
  return new OverlayError('sshProtocol', { host, address: formatAddress(settings.hostName, settings.port), message });
}

function hangsUp({ host, settings }: SystemSshRequest): OverlayError {
  const message = 'the server hangs up during the login, or keeps changing its key';
  return new OverlayError('sshProtocol', { host, address: formatAddress(settings.hostName, settings.port), message });
}
