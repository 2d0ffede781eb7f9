import { execFile, spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { Duplex } from 'node:stream';
import { OverlayError } from '../../base/errors';
import { throwIfAborted } from '../../base/time';
import type { Environment } from '../../base/home';
import { serverAddress, type SshSettings } from '../sshConfig/settings';
import { expandProxyTokens } from '../sshConfig/paths';
import { messageOf, systemCode } from '../errors';
import { oneLine } from '../../base/text/oneLine';
import { onLines, withStreams } from '../processStreams';

const maxStderr = 4_096;
const killMs = 1_500;
const unaskable = 'an ssh inside a ProxyCommand cannot ask you; as "ProxyJump" it can';

/**
 * Starts the user's own `ProxyCommand` by the shell, as ssh does, and takes its input and output for the connection.
 * Host and user have been validated before they get here; the command itself is the user's configuration.
 *
 * @param hear each line that it writes to stderr: a link to open, for some.
 * @throws OverlayError `sshConfigInvalid` when there is no shell to run it.
 */
export async function openProxyCommand(
  host: string,
  settings: SshSettings,
  env: Environment,
  signal: AbortSignal,
  hear: (line: string) => void,
): Promise<Duplex> {
  throwIfAborted(signal);
  const command = expandProxyTokens(settings.proxyCommand ?? '', settings);
  if (command === undefined) {
    throw new OverlayError('sshFeatureUnsupported', {
      host,
      name: 'ProxyCommand',
      message: 'a token of it is not known',
    });
  }
  const isWindows = process.platform === 'win32';
  const shell = isWindows ? true : env['SHELL'] || '/bin/sh';
  const line = isWindows ? command : `exec ${command}`;
  // Nobody sees its terminal: an ssh in it asks by a graphical askpass program, or fails at once. It leads a group of
  // processes of its own, which has no terminal and can be ended as a whole.
  const options = { shell, env: { ...env }, windowsHide: true, detached: !isWindows };
  const child = withStreams(spawn(line, { ...options, stdio: ['pipe', 'pipe', 'pipe'] }));
  onLines(child.stderr, hear);
  return new CommandStream(child, (code, said) => {
    if (code === undefined)
      return new OverlayError('sshConfigInvalid', { host, message: `its ProxyCommand cannot be started: ${said}` });
    const address = serverAddress(settings);
    const why = /Permission denied|Host key verification failed/.test(said) ? ` (${unaskable})` : '';
    const message = `its ProxyCommand ended${code ? ` with code ${code}` : ''}${said ? `: ${said}` : ''}${why}`;
    return new OverlayError('sshProtocol', { host, address, message });
  });
}

/** Input and output of a command as one stream, whose end is the end of the command and says why. */
class CommandStream extends Duplex {
  private said = '';

  constructor(
    private readonly child: ChildProcessWithoutNullStreams,
    ended: (code: number | null | undefined, said: string) => OverlayError,
  ) {
    super();
    child.stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) child.stdout.pause();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (this.said.length < maxStderr) this.said += chunk.toString('utf8');
    });
    // A command that ends breaks its pipe; its end tells more.
    child.stdin.on('error', () => undefined);
    child.once('error', (error) => this.destroy(ended(undefined, messageOf(error))));
    child.once('close', (code) => this.destroy(ended(code, oneLine(this.said))));
  }

  override _read(): void {
    this.child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    // The error of a broken pipe is left to the end of the command.
    this.child.stdin.write(chunk, () => callback());
  }

  override _final(callback: (error?: Error | null) => void): void {
    this.child.stdin.end();
    callback();
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const { child } = this;
    child.stdin.destroy();
    child.stdout.resume();
    if (child.exitCode === null && child.signalCode === null) {
      endProcesses(child, 'SIGTERM');
      const timer = setTimeout(() => endProcesses(child, 'SIGKILL'), killMs);
      child.once('exit', () => clearTimeout(timer));
    }
    callback(error);
  }
}

/** Ends the command with all that it has started. */
function endProcesses({ pid }: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    // A signal would end cmd.exe alone. It may have ended by itself: then there is nothing to find.
    execFile('taskkill', ['/pid', String(pid), '/T', '/F'], { windowsHide: true }, () => undefined);
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // It has ended in this moment.
    if (systemCode(error) !== 'ESRCH') throw error;
  }
}
