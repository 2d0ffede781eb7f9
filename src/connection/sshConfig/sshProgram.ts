import { execFile } from 'node:child_process';
import { isOverlayError, OverlayError } from '../../base/errors';
import { oneLine } from '../../base/text/oneLine';
import { cancelled } from '../../base/time';
import { messageOf, systemCode } from '../errors';
import type { SshConfigSource, SshTarget } from './settings';

const timeoutMs = 10_000;

/** Arguments that name the target, the last of a command line. */
export function targetArguments({ host, user, port, jump }: SshTarget): string[] {
  return [
    ...(jump === undefined ? [] : ['-J', jump]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    // A host named -oProxyCommand=... would be an option.
    '--',
    host,
  ];
}

/** The same with the file of the configuration in front of them. */
export const configuredTarget = (target: SshTarget, { configFile }: SshConfigSource): string[] => [
  ...(configFile === undefined ? [] : ['-F', configFile]),
  ...targetArguments(target),
];

/** Asks the ssh that shares its login, if there is one; it connects to nothing. */
export async function hasSharedLogin(
  target: SshTarget,
  source: SshConfigSource,
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    return (await runSsh(source, ['-O', 'check', ...configuredTarget(target, source)], signal)) !== undefined;
  } catch (error) {
    if (!isOverlayError(error, 'sshConfigInvalid')) throw error;
    return false;
  }
}

/**
 * Has ssh tell something of its configuration.
 *
 * @returns undefined when there is no such program.
 * @throws OverlayError `sshConfigInvalid`.
 */
export function runSsh(
  { program = 'ssh', env }: SshConfigSource,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...env }, timeout: timeoutMs, maxBuffer: 4 * 1024 * 1024, windowsHide: true, signal };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (signal?.aborted) reject(cancelled(signal));
      else if (systemCode(error) === 'ENOENT') resolve(undefined);
      else {
        const message = error.killed ? 'ssh did not answer within 10 s' : oneLine(stderr) || messageOf(error);
        reject(new OverlayError('sshConfigInvalid', { message }, { cause: error }));
      }
    });
    child.stdin?.end();
  });
}
