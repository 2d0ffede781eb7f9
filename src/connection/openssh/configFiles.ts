import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { Environment } from '../../base/home';
import type { SshConfigSource, SshSettings, SshTarget } from '../sshConfig/settings';
import { targetArguments } from '../sshConfig/sshProgram';

/** Files in the private directory of one run of ssh. The names are short: paths of sockets may have about 100 bytes. */
export const privateFiles = {
  config: 'config',
  /** A copy of the person's own configuration, where a setting names it. */
  theirs: 'theirs',
  /** Control socket: further commands and forwards over the same login. */
  control: 'c',
  /** The forwarded engine socket. */
  engine: 'e',
  /** The script that ssh tells what to do to a security key, and the file where it says so for so long. */
  notify: 'notify',
  notice: 'notice',
  /** Takes the host key while it is only looked at. */
  learned: 'learned',
} as const;

/**
 * The configuration for ssh: what must hold, before what the person's files say, for in ssh's configuration the first
 * value wins. It is a file and not a list of options because ssh hands `-F` on to the ssh it starts for a jump host, and
 * no option.
 *
 * - ssh never asks anything: who asks could be told only by its output, where servers write as well.
 * - ssh logs in to no server whose key it would accept by itself: a person does that, between two runs.
 * - A link that is silent for 12 s is lost.
 * - Nothing of the person's configuration is forwarded, run, or shared with other connections.
 *
 * @param dir the private directory.
 */
export function privateConfig(dir: string, source: SshConfigSource, settings: SshSettings): string {
  const { knownHostsFile } = source;
  const lines = [
    'BatchMode yes',
    'StrictHostKeyChecking yes',
    'VerifyHostKeyDNS no',
    'UpdateHostKeys no',
    'NoHostAuthenticationForLocalhost no',
    'CheckHostIP no',
    ...(knownHostsFile === undefined ? [] : [`UserKnownHostsFile ${quote(knownHostsFile.replaceAll('%', '%%'))}`]),
    'ServerAliveInterval 4',
    'ServerAliveCountMax 2',
    ...(settings.connectTimeout === undefined ? ['ConnectTimeout 10'] : []),
    'ForwardAgent no',
    'ForwardX11 no',
    'Tunnel no',
    'PermitLocalCommand no',
    'StreamLocalBindMask 0177',
    'StreamLocalBindUnlink yes',
    'ExitOnForwardFailure yes',
    // Older ones do not know the word, and would not read on.
    ...(settings.mayFork ? ['ForkAfterAuthentication no'] : []),
    'LogLevel DEBUG1',
    ...included(dir, source).map((file) => `Include ${file}`),
  ];
  return `${lines.join('\n')}\n`;
}

function included(dir: string, { configFile }: SshConfigSource): string[] {
  if (configFile === undefined) return ['~/.ssh/config', '/etc/ssh/ssh_config'];
  // As `ssh -F none`.
  return configFile === 'none' ? [] : [`${dir}/${privateFiles.theirs}`];
}

/**
 * Writes what ssh reads in a run. The file of a setting is copied: unlike `-F`, which the setting stands for, `Include`
 * refuses a file that the group may write to.
 */
export async function writePrivateFiles(dir: string, source: SshConfigSource, settings: SshSettings): Promise<void> {
  const { configFile } = source;
  const write = (name: string, text: string | Buffer, mode = 0o600) =>
    fs.writeFile(path.join(dir, name), text, { mode });
  if (configFile !== undefined && configFile !== 'none')
    await write(privateFiles.theirs, await fs.readFile(configFile));
  await write(privateFiles.config, privateConfig(dir, source, settings));
  await write(privateFiles.notify, notifyScript(path.join(dir, privateFiles.notice)), 0o700);
}

/**
 * Run by ssh as its askpass program. It answers nothing: it keeps a file with ssh's words ("Confirm user presence for
 * key ...") as long as a key waits to be touched, which is until ssh ends it.
 */
const notifyScript = (notice: string): string => `#!/bin/sh
[ "$SSH_ASKPASS_PROMPT" = none ] || exit 1
trap "rm -f '${notice}'; exit 0" HUP INT TERM
umask 077
printf '%s' "$1" > '${notice}'
while :; do sleep 1 & wait $!; done
`;

/** For the environment of ssh. Versions before 8.4 want a display to tell anything at all. */
export function notifyEnvironment(dir: string, env: Environment): Record<string, string> {
  const script = path.join(dir, privateFiles.notify);
  return { SSH_ASKPASS: script, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: env['DISPLAY'] || ':0' };
}

/** Logs in and stays, as the one connection that everything else goes over. */
export function masterArguments(dir: string, target: SshTarget): string[] {
  const options = ['ControlPersist=no', 'ClearAllForwardings=yes', 'RemoteCommand=none', 'RequestTTY=no'];
  return [
    ...['-F', `${dir}/${privateFiles.config}`, '-N', '-T', '-M', '-S', `${dir}/${privateFiles.control}`],
    ...options.flatMap((option) => ['-o', option]),
    ...targetArguments(target),
  ];
}

/** Shakes hands and takes the host key into a file of its own, without logging in. @param types known ones, wished for first. */
export function scanArguments(dir: string, target: SshTarget, types: readonly string[]): string[] {
  const options = [
    'StrictHostKeyChecking=accept-new',
    `UserKnownHostsFile=${dir}/${privateFiles.learned}`,
    'GlobalKnownHostsFile=/dev/null',
    'HashKnownHosts=no',
    'PreferredAuthentications=none',
    'ControlPath=none',
    'ClearAllForwardings=yes',
    'RemoteCommand=none',
    ...(types.length === 0 ? [] : [`HostKeyAlgorithms=^${types.join(',')}`]),
  ];
  return [
    ...['-F', `${dir}/${privateFiles.config}`, '-N', '-T'],
    ...options.flatMap((option) => ['-o', option]),
    ...targetArguments(target),
  ];
}

/** Something over the connection that is there already. @param what such as `-O forward -L a:b`. */
export function sharedArguments(dir: string, what: readonly string[], command?: string): string[] {
  return [
    ...['-F', 'none', '-S', `${dir}/${privateFiles.control}`, '-v', '-T'],
    // Where the master refuses, ssh would go and connect by itself, without any of our rules.
    ...['-o', 'ProxyCommand=exit 1', '-o', 'BatchMode=yes', '-o', 'StrictHostKeyChecking=yes'],
    ...what,
    ...['--', 'shared'],
    ...(command === undefined ? [] : [command]),
  ];
}

/** ssh's own quotes know no escape for a quote in them that all versions read. */
const quote = (text: string): string => `"${text}"`;

/** For `-O forward -L`: a socket of ours to a socket of the server. A path may have the signs that ssh divides by. */
export const forwarding = (local: string, remote: string): string =>
  [local, remote].map((socket) => socket.replace(/[\\:]/g, '\\$&')).join(':');
