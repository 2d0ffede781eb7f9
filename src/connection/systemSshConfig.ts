import type { SshConfigSource, SshSettings } from './sshConfig';

/** Files in the private directory of one run of ssh. The names are short: paths of sockets may have about 100 bytes. */
export const privateFiles = {
  config: 'config',
  /** Control socket: further commands and forwards over the same login. */
  control: 'c',
  /** The forwarded engine socket. */
  engine: 'e',
  /** Where the askpass script asks. */
  questions: 'q',
  askpass: 'askpass',
  askpassProgram: 'askpass.js',
  /** Takes the host key while it is only looked at. */
  learned: 'learned',
} as const;

/**
 * The configuration for ssh: what must hold, before what the person's files say, for in ssh's configuration the first
 * value wins. It is a file and not a list of options because ssh hands `-F` on to the ssh it starts for a jump host, and
 * no option.
 *
 * - ssh never accepts a host key by itself: a person does, before it is run.
 * - A link that is silent for 12 s is lost.
 * - Nothing of the person's configuration is forwarded, run, or shared with other connections.
 */
export function privateConfig(source: SshConfigSource, settings: SshSettings): string {
  const { knownHostsFile, configFile } = source;
  const lines = [
    'StrictHostKeyChecking yes',
    'VerifyHostKeyDNS no',
    'UpdateHostKeys no',
    'NoHostAuthenticationForLocalhost no',
    'CheckHostIP no',
    ...(knownHostsFile === undefined ? [] : [`UserKnownHostsFile ${quote(knownHostsFile.replaceAll('%', '%%'))}`]),
    'BatchMode no',
    'NumberOfPasswordPrompts 3',
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
    ...(configFile === undefined
      ? ['Include ~/.ssh/config', 'Include /etc/ssh/ssh_config']
      : [`Include ${quote(literalGlob(configFile))}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** Where to, as it was asked for; the rest is the configuration's. */
export interface SshTarget {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
  /** Jump hosts that take the place of the configured ones. */
  readonly jump?: string;
}

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
export function learnArguments(dir: string, target: SshTarget, types: readonly string[]): string[] {
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

/** Include takes patterns; a file is meant. */
const literalGlob = (path: string): string => path.replace(/[*?[]/g, (char) => `[${char}]`);
