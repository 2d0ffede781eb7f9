import { OverlayError } from '../../base/errors';
import { shellWord } from '../../base/text/shellWord';
import { delay, throwIfAborted } from '../../base/time';
import type { CommandEnd } from '../../model/host/remoteCommand';
import type { ChannelSocket } from './channelSocket';
import type { EngineChannels } from './engineChannels';
import type { CommandSession, RemoteCommands } from './remoteCommands';
import { oneLine } from '../../base/text/oneLine';

// sshd allows 10 sessions a connection by default (MaxSessions); the rest is left to others.
const maxSessions = 6;
const fullDelayMs = 100;
const fullRetries = 50;
const relearnMs = 1_000;
/** Characters of a command's stderr that are read. */
const maxStderr = 16_384;

/**
 * Streams through `docker system dial-stdio`, one session each. Further ones wait until one is closed; an idle one that
 * an `http.Agent` keeps makes room for them.
 */
export class DialStdioChannels implements EngineChannels {
  readonly name = 'docker system dial-stdio';
  private readonly streams = new Set<ChannelSocket>();
  private readonly waiting: (() => void)[] = [];
  /** Sessions open or being opened. */
  private taken = 0;
  private allowed = maxSessions;
  /** The most sessions that were open at the same time. */
  private peak = 0;

  constructor(
    private readonly commands: RemoteCommands,
    private readonly socketPath: string | undefined,
  ) {}

  get limit(): number {
    return this.allowed;
  }

  async open(signal?: AbortSignal): Promise<ChannelSocket> {
    return (await this.openWatched(signal)).stream;
  }

  /** As `open`, with the way to learn what the command said when it ends. */
  async openWatched(signal?: AbortSignal): Promise<CommandSession> {
    for (let attempt = 1; ; attempt += 1) {
      await this.turn(signal);
      try {
        const start = this.commands.start(dialCommand(this.socketPath), () => this.makeRoom(), signal);
        return this.watch(await start);
      } catch (error) {
        this.leave();
        if (!this.isFull(error) || (this.taken === 0 && attempt >= fullRetries)) throw error;
        this.allowed = Math.max(1, this.peak, Math.min(this.allowed, this.taken));
        // It may be a kept one that takes the last session.
        this.dropIdle();
        await delay(fullDelayMs, signal);
      }
    }
  }

  private watch(session: CommandSession): CommandSession {
    const { stream, ended } = session;
    this.streams.add(stream);
    // One that is being closed may hold its session no more.
    const open = [...this.streams].filter((one) => !one.destroyed).length;
    this.peak = Math.max(this.peak, open);
    this.allowed = Math.max(this.allowed, this.peak);
    void ended.then(() => {
      this.streams.delete(stream);
      this.leave();
    });
    return session;
  }

  /**
   * sshd also counts a session that is closed until its command has ended, so that the refusal may be over in a moment.
   */
  private isFull(error: unknown): boolean {
    return this.commands.isFull(error) && !this.commands.closedBy;
  }

  private async turn(signal?: AbortSignal): Promise<void> {
    throwIfAborted(signal);
    while (this.taken >= this.allowed) {
      const turned = new Promise<void>((resolve) => {
        const go = () => {
          clearTimeout(another);
          signal?.removeEventListener('abort', go);
          resolve();
        };
        // What was learned may have been a passing refusal; a long-lived stream must not block the rest for ever.
        const another = setTimeout(() => {
          if (this.taken < maxSessions) this.allowed = Math.max(this.allowed, this.taken + 1);
          go();
        }, relearnMs);
        this.waiting.push(go);
        signal?.addEventListener('abort', go, { once: true });
      });
      this.makeRoom();
      await turned;
      throwIfAborted(signal);
      if (this.commands.closedBy) throw this.commands.closedBy;
    }
    this.taken += 1;
  }

  /** Ends a kept stream that nobody uses when somebody waits: its owner opens another when it needs one. */
  private makeRoom(): void {
    if (this.waiting.length > 0) this.dropIdle();
  }

  private dropIdle(): void {
    const idle = [...this.streams].find((stream) => stream.idle && !stream.destroyed);
    idle?.destroy();
  }

  private leave(): void {
    this.taken -= 1;
    // All look again: some may have been aborted meanwhile.
    for (const go of this.waiting.splice(0)) go();
  }
}

/** The command of docker/cli's own SSH helper; `-H` only where the endpoint names a socket. */
export function dialCommand(socketPath: string | undefined): string {
  return socketPath === undefined
    ? 'docker system dial-stdio'
    : `docker -H ${shellWord(`unix://${socketPath}`)} system dial-stdio`;
}

/**
 * The one place where the words of a remote shell, of the docker command and of its errors become a reason. What docker
 * itself says comes first: a shell's "not found" may be about anything in a profile.
 *
 * @param params host, user, and the socket's path.
 */
export function dialStdioError(end: CommandEnd, params: { host: string; user: string; path: string }): OverlayError {
  const { exitCode } = end;
  const stderr = end.stderr.slice(0, maxStderr);
  const lines = stderr.split('\n');
  /** The line that has all of these. */
  const lineSaying = (...all: RegExp[]) => lines.find((line) => all.every((one) => one.test(line)));
  const says = (...all: RegExp[]) => lineSaying(...all) !== undefined;
  const message = oneLine(stderr);
  const path = socketIn(stderr) ?? params.path;
  if (says(/permission denied while trying to connect/i) || says(/permission denied/i, /dial unix |docker\.sock/i))
    return new OverlayError('dockerPermissionDenied', { ...params, path });
  if (says(/\bcontext\b/i, /not found/i) || says(/unable to resolve docker endpoint/i))
    return new OverlayError('dockerEndpointBroken', { ...params, message });
  if (says(/cannot connect to the docker daemon/i) || says(/dial unix /i, /no such file|connection refused/i))
    return new OverlayError('dockerSocketMissing', { ...params, path });
  if (says(/error during connect:/i)) return new OverlayError('dockerEndpointBroken', { ...params, message });
  const missing =
    lineSaying(/\bdocker\b/i, /not found|not recognized|no such file/i) ??
    lineSaying(/not a docker command|unknown command/i);
  if (missing !== undefined || exitCode === 126 || exitCode === 127) {
    // A profile may have said anything before it.
    const line = missing ?? lineSaying(/\bdocker\b/i) ?? '';
    return new OverlayError('dockerCliMissing', { ...params, message: oneLine(line) });
  }
  return new OverlayError('sshProtocol', {
    ...params,
    message: message || `"docker system dial-stdio" ended with code ${exitCode ?? 'unknown'} and said nothing`,
  });
}

/** The socket that docker's words name. */
function socketIn(stderr: string): string | undefined {
  const path = /unix:\/\/(\/[^\s:'"]+)/.exec(stderr)?.[1] ?? /dial unix (\/[^\s:]+)/.exec(stderr)?.[1];
  return path === undefined ? undefined : oneLine(path);
}
