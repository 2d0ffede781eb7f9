import { execFile } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { OverlayError } from '../base/errors';
import { cancelled } from '../base/time';
import { jumpOfProxyCommand } from './proxyJump';
import { messageOf, oneLine, systemCode } from './text';

/** The environment variables of the extension host, or of a test. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the SSH configuration means for one host, as far as a connection needs it. */
export interface SshSettings {
  /** As asked for: an alias, or a host name. */
  readonly alias: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  /** The configuration names the files; otherwise they are ssh's defaults. */
  readonly identitiesOnly: boolean;
  /** Socket or pipe of the agent to use. */
  readonly agent?: string;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly hostKeyAlias?: string;
  readonly hashKnownHosts: boolean;
  /** `user@host:port,...`, the first hop first. */
  readonly proxyJump?: string;
  readonly proxyCommand?: string;
  readonly certificateFiles: readonly string[];
  readonly pkcs11?: string;
  readonly family?: 4 | 6;
  readonly bindAddress?: string;
  /** ms */
  readonly connectTimeout?: number;
  /** The ssh program that has read the configuration; undefined when there is none. */
  readonly program?: string;
  /** The program knows ForkAfterAuthentication. */
  readonly mayFork: boolean;
  readonly gssapiAllowed: boolean;
  readonly publicKeyAllowed: boolean;
  readonly passwordAllowed: boolean;
  readonly keyboardInteractiveAllowed: boolean;
  /** Methods of login in their order ("publickey", "password", ...); ssh's own order when undefined. */
  readonly preferredAuthentications?: readonly string[];
  /** How often a password may be asked for; 3 when undefined. */
  readonly passwordPrompts?: number;
  /** BatchMode: nothing is asked. */
  readonly batchMode?: boolean;
}

/** Where the SSH configuration comes from. */
export interface SshConfigSource {
  readonly env: Environment;
  /** `-F`; the user's and the system's files when not given. */
  readonly configFile?: string;
  /** "ssh" when not given. */
  readonly program?: string;
  /** Takes the place of the user's known_hosts files. */
  readonly knownHostsFile?: string;
}

const timeoutMs = 10_000;

// OpenSSH's order since 9.x; ssh2 has no DSA and no FIDO keys.
const defaultIdentities = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/**
 * Asks `ssh -G` what a host means (includes, `Match`, tokens and all). Without an ssh program the host is taken as it
 * is, with ssh's defaults.
 *
 * @throws OverlayError `sshConfigInvalid`.
 */
export async function resolveSshSettings(
  target: { readonly host: string; readonly user?: string; readonly port?: number },
  source: SshConfigSource,
  signal?: AbortSignal,
): Promise<SshSettings> {
  const args = [
    '-G',
    ...(source.configFile === undefined ? [] : ['-F', source.configFile]),
    ...(target.user === undefined ? [] : ['-l', target.user]),
    ...(target.port === undefined ? [] : ['-p', String(target.port)]),
    // A host named -oProxyCommand=... would be an option.
    '--',
    target.host,
  ];
  const output = await runSsh(source.program ?? 'ssh', args, source.env, signal);
  const values = parseSshG(output ?? '');
  return toSettings(target, values, source, output !== undefined);
}

/** The lines of `ssh -G` by keyword; some keywords come several times. */
export function parseSshG(output: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const line of output.split(/\r?\n/)) {
    const space = line.indexOf(' ');
    if (space < 0) continue;
    const keyword = line.slice(0, space).toLowerCase();
    const list = values.get(keyword) ?? [];
    list.push(line.slice(space + 1).trim());
    values.set(keyword, list);
  }
  return values;
}

/** @returns undefined when there is no such program. */
function runSsh(
  program: string,
  args: readonly string[],
  env: Environment,
  signal?: AbortSignal,
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const options = { env: { ...env }, timeout: timeoutMs, maxBuffer: 4 * 1024 * 1024, windowsHide: true, signal };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else if (signal?.aborted) reject(cancelled(signal));
      else if (systemCode(error) === 'ENOENT') resolve(undefined);
      else {
        const message = error.killed ? 'ssh -G did not answer within 10 s' : oneLine(stderr) || messageOf(error);
        reject(new OverlayError('sshConfigInvalid', { message }, { cause: error }));
      }
    });
    child.stdin?.end();
  });
}

function toSettings(
  target: { readonly host: string; readonly user?: string; readonly port?: number },
  values: ReadonlyMap<string, readonly string[]>,
  source: SshConfigSource,
  hasProgram: boolean,
): SshSettings {
  const first = (keyword: string) => meaningful(values.get(keyword)?.[0]);
  const all = (keyword: string) => (values.get(keyword) ?? []).filter((value) => meaningful(value) !== undefined);
  const home = source.env['HOME'] || source.env['USERPROFILE'] || os.homedir();
  const hostName = first('hostname') ?? target.host;
  const port = Number(first('port') ?? target.port ?? 22);
  const user = first('user') ?? target.user ?? source.env['USER'] ?? os.userInfo().username;
  const hostKeyAlias = first('hostkeyalias');
  const tokens = { home, hostName, port, user, alias: target.host, hostKeyAlias };
  const expand = (text: string) => expandPath(text, tokens, source.env);
  const files = (keyword: string, otherwise: readonly string[]) =>
    (values.has(keyword) ? all(keyword).flatMap(splitFiles) : otherwise).map(expand);
  const seconds = Number(first('connecttimeout') ?? NaN);
  const family = first('addressfamily');
  const command = first('proxycommand');
  const jump = first('proxyjump') ?? (command && jumpOfProxyCommand(command, source.configFile));
  return {
    alias: target.host,
    hostName,
    port,
    user,
    identityFiles: (values.has('identityfile')
      ? all('identityfile')
      : defaultIdentities.map((name) => `~/.ssh/${name}`)
    ).map(expand),
    identitiesOnly: first('identitiesonly') === 'yes',
    agent: agentPath(first('identityagent'), values.get('identityagent')?.[0] === 'none', source.env, expand),
    userKnownHostsFiles:
      source.knownHostsFile === undefined
        ? files('userknownhostsfile', ['~/.ssh/known_hosts', '~/.ssh/known_hosts2'])
        : [source.knownHostsFile],
    globalKnownHostsFiles: files('globalknownhostsfile', ['/etc/ssh/ssh_known_hosts', '/etc/ssh/ssh_known_hosts2']),
    hostKeyAlias,
    hashKnownHosts: first('hashknownhosts') === 'yes',
    proxyJump: jump,
    proxyCommand: jump === undefined ? command : undefined,
    certificateFiles: all('certificatefile').map(expand),
    pkcs11: first('pkcs11provider'),
    family: family === 'inet' ? 4 : family === 'inet6' ? 6 : undefined,
    bindAddress: first('bindaddress'),
    connectTimeout: seconds > 0 ? Math.min(seconds, 120) * 1000 : undefined,
    program: hasProgram ? (source.program ?? 'ssh') : undefined,
    mayFork: values.has('forkafterauthentication'),
    gssapiAllowed: first('gssapiauthentication') === 'yes',
    publicKeyAllowed: !['no', 'false'].includes(first('pubkeyauthentication') ?? 'yes'),
    passwordAllowed: first('passwordauthentication') !== 'no',
    keyboardInteractiveAllowed: first('kbdinteractiveauthentication') !== 'no',
    preferredAuthentications: first('preferredauthentications')?.split(','),
    passwordPrompts: Number(first('numberofpasswordprompts') ?? 3),
    batchMode: first('batchmode') === 'yes',
  };
}

const meaningful = (value: string | undefined): string | undefined =>
  value === undefined || value === '' || value.toLowerCase() === 'none' ? undefined : value;

/** IdentityAgent, then SSH_AUTH_SOCK, then the agent of Windows. */
function agentPath(
  configured: string | undefined,
  none: boolean,
  env: Environment,
  expand: (text: string) => string,
): string | undefined {
  if (none) return undefined;
  if (configured !== undefined && configured !== 'SSH_AUTH_SOCK') {
    return configured.startsWith('$') && !configured.startsWith('${') ? env[configured.slice(1)] : expand(configured);
  }
  if (env['SSH_AUTH_SOCK']) return env['SSH_AUTH_SOCK'];
  return process.platform === 'win32' ? '\\\\.\\pipe\\openssh-ssh-agent' : undefined;
}

function splitFiles(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((part) => part[1] ?? part[2] ?? '');
}

interface Tokens {
  readonly home: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly alias: string;
  readonly hostKeyAlias?: string;
}

/** `~`, `${VARIABLE}` and the tokens of ssh_config(5) that `ssh -G` prints as they are written. */
function expandPath(text: string, tokens: Tokens, env: Environment): string {
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    d: tokens.home,
    h: tokens.hostName,
    k: tokens.hostKeyAlias ?? tokens.alias,
    l: os.hostname(),
    L: os.hostname().split('.')[0] ?? '',
    n: tokens.alias,
    p: String(tokens.port),
    r: tokens.user,
    u: os.userInfo().username,
    i: String(os.userInfo().uid),
  };
  const replaced = text
    .replace(/\$\{([A-Za-z0-9_]+)\}/g, (whole, name: string) => env[name] ?? whole)
    .replace(/%(.)/g, (whole, token: string) => values[token] ?? whole);
  return replaced === '~' || replaced.startsWith('~/') ? path.join(tokens.home, replaced.slice(1)) : replaced;
}
