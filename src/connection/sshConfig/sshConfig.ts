import { execFile } from 'node:child_process';
import os from 'node:os';
import { isOverlayError, OverlayError } from '../../base/errors';
import { homeDirectory, type Environment } from '../../base/home';
import { cancelled } from '../../base/time';
import { canTakeJump, jumpOfProxyCommand } from './proxyJump';
import { allowedAlgorithms, listOf, type SshAlgorithms } from './algorithms';
import { handedOverOptions, unknownKeywords } from './keywords';
import { agentPath, expandProxyTokens, expandSshPath, hasOtherTokens, splitFileList, type SshTokens } from './paths';
import { messageOf, oneLine, systemCode } from '../text';

export type { Environment };

/** What the SSH configuration means for one host, as far as a connection needs it. */
export interface SshSettings {
  /** As asked for: an alias, or a host name. */
  readonly alias: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly identityFiles: readonly string[];
  /** Keys of the agent that no file names are not offered. */
  readonly identitiesOnly: boolean;
  /** Socket or pipe of the agent to use. */
  readonly agent?: string;
  readonly userKnownHostsFiles: readonly string[];
  readonly globalKnownHostsFiles: readonly string[];
  readonly hostKeyAlias?: string;
  readonly hashKnownHosts: boolean;
  /** StrictHostKeyChecking yes: a server that is not recorded is refused, and nobody is asked. */
  readonly knownHostsOnly?: boolean;
  readonly revokedHostKeysFile?: string;
  /** Bits an RSA key has at least, of servers and of users. */
  readonly requiredRsaBits?: number;
  readonly algorithms?: SshAlgorithms;
  /** Algorithms that the keys of users may sign with; all when undefined. */
  readonly publicKeyAlgorithms?: readonly string[];
  /** `user@host:port,...`, the first hop first. */
  readonly proxyJump?: string;
  readonly proxyCommand?: string;
  /** Where ssh shares its logins (ControlPath); it does not when undefined. */
  readonly controlPath?: string;
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
  /** Methods of login in their order ("publickey", "password", ...); ssh's own order when undefined. */
  readonly preferredAuthentications?: readonly string[];
  /** How often a password may be asked for; 3 when undefined. */
  readonly passwordPrompts?: number;
  /** BatchMode: nothing is asked. */
  readonly batchMode?: boolean;
  /** Options that are not at their default and that only the ssh program can do, as `KnownHostsCommand "/bin/x"`. */
  readonly unsupportedOptions?: readonly string[];
  readonly gssapiAllowed: boolean;
  readonly hostbasedAllowed?: boolean;
  readonly publicKeyAllowed: boolean;
  readonly passwordAllowed: boolean;
  readonly keyboardInteractiveAllowed: boolean;
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
  target: Target,
  source: SshConfigSource,
  signal?: AbortSignal,
): Promise<SshSettings> {
  const settings = await readSettings(target, source, signal);
  const { proxyCommand } = settings;
  const jump = proxyCommand === undefined ? undefined : jumpOfProxyCommand(proxyCommand, source.configFile);
  if (jump === undefined) return settings;
  const [host = jump, user] = jump.split('@').reverse();
  const jumpTarget = { host, ...(user === undefined ? {} : { user }) };
  const isShared = () => hasSharedLogin(jumpTarget, source, signal);
  const isOurs = await canTakeJump(await readSettings(jumpTarget, source, signal), isShared, source.env);
  return isOurs ? { ...settings, proxyJump: jump, proxyCommand: undefined } : settings;
}

interface Target {
  readonly host: string;
  readonly user?: string;
  readonly port?: number;
}

async function readSettings(target: Target, source: SshConfigSource, signal?: AbortSignal): Promise<SshSettings> {
  const program = source.program ?? 'ssh';
  const { configFile } = source;
  const output = await runSsh(program, ['-G', ...targetArguments(target, source)], source.env, signal);
  if (output === undefined && configFile !== undefined && configFile !== 'none') {
    const message = `${configFile} is read by the ssh program, and there is no program "${program}"`;
    throw new OverlayError('sshConfigInvalid', { host: target.host, message });
  }
  const values = parseSshG(output ?? '');
  const needsDefaults = unknownKeywords(values).length > 0;
  const bare = needsDefaults ? await runSsh(program, ['-G', '-F', 'none', '--', 'host'], source.env, signal) : '';
  return toSettings(target, values, parseSshG(bare ?? ''), source, output !== undefined);
}

function targetArguments({ host, user, port }: Target, { configFile }: SshConfigSource): string[] {
  return [
    ...(configFile === undefined ? [] : ['-F', configFile]),
    ...(user === undefined ? [] : ['-l', user]),
    ...(port === undefined ? [] : ['-p', String(port)]),
    // A host named -oProxyCommand=... would be an option.
    '--',
    host,
  ];
}

/** Asks the ssh that shares its login, if there is one; it connects to nothing. */
async function hasSharedLogin(target: Target, source: SshConfigSource, signal?: AbortSignal): Promise<boolean> {
  try {
    const args = ['-O', 'check', ...targetArguments(target, source)];
    return (await runSsh(source.program ?? 'ssh', args, source.env, signal)) !== undefined;
  } catch (error) {
    if (!isOverlayError(error, 'sshConfigInvalid')) throw error;
    return false;
  }
}

/** The lines of `ssh -G` by keyword; some keywords come several times. */
export function parseSshG(output: string): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const line of output.split('\n')) {
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
        const message = error.killed ? 'ssh did not answer within 10 s' : oneLine(stderr) || messageOf(error);
        reject(new OverlayError('sshConfigInvalid', { message }, { cause: error }));
      }
    });
    child.stdin?.end();
  });
}

function toSettings(
  target: Target,
  values: ReadonlyMap<string, readonly string[]>,
  defaults: ReadonlyMap<string, readonly string[]>,
  source: SshConfigSource,
  hasProgram: boolean,
): SshSettings {
  const first = (keyword: string) => meaningful(values.get(keyword)?.[0]);
  const all = (keyword: string) => (values.get(keyword) ?? []).filter((value) => meaningful(value) !== undefined);
  const home = homeDirectory(source.env);
  const hostName = first('hostname') ?? target.host;
  const port = Number(first('port') ?? target.port ?? 22);
  const user = first('user') ?? target.user ?? source.env['USER'] ?? os.userInfo().username;
  const hostKeyAlias = first('hostkeyalias');
  const tokens = { home, hostName, port, user, alias: target.host, hostKeyAlias };
  const expand = (text: string) => expandSshPath(text, tokens, source.env);
  const files = (option: string, otherwise: string) => {
    const text = values.get(option.toLowerCase())?.[0] ?? otherwise;
    const list = splitFileList(text, source.env);
    if (list) return list;
    const message = `the files of ${option} cannot be told apart: "${text}". Write full paths, and none with a space`;
    throw new OverlayError('sshConfigInvalid', { host: target.host, message });
  };
  const { algorithms, unsupported } = allowedAlgorithms(values);
  const proxyJump = first('proxyjump');
  const otherPaths = ['IdentityFile', 'CertificateFile', 'IdentityAgent', 'RevokedHostKeys'].flatMap((option) =>
    all(option.toLowerCase())
      .filter(hasOtherTokens)
      .map((file) => `${option} "${file}"`),
  );
  const revoked = first('revokedhostkeys');
  const seconds = Number(first('connecttimeout') ?? NaN);
  const family = first('addressfamily');
  const command = first('proxycommand');
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
    agent: agentPath(values.get('identityagent')?.[0], source.env, expand),
    userKnownHostsFiles:
      source.knownHostsFile === undefined
        ? files('UserKnownHostsFile', '~/.ssh/known_hosts ~/.ssh/known_hosts2')
        : [source.knownHostsFile],
    globalKnownHostsFiles: files('GlobalKnownHostsFile', '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2'),
    revokedHostKeysFile: revoked === undefined ? undefined : expand(revoked),
    // "true" and "false" are what `ssh -G` makes of "yes" and "no".
    knownHostsOnly: ['yes', 'true'].includes(first('stricthostkeychecking') ?? ''),
    requiredRsaBits: Number(first('requiredrsasize') ?? first('rsaminsize') ?? 0),
    algorithms,
    publicKeyAlgorithms: listOf(values, 'PubkeyAcceptedAlgorithms') ?? listOf(values, 'PubkeyAcceptedKeyTypes'),
    preferredAuthentications: listOf(values, 'PreferredAuthentications'),
    passwordPrompts: Number(first('numberofpasswordprompts') ?? 3),
    batchMode: first('batchmode') === 'yes',
    unsupportedOptions: [...handedOverOptions(values, defaults), ...unsupported, ...otherPaths],
    hostKeyAlias,
    hashKnownHosts: first('hashknownhosts') === 'yes',
    proxyJump: proxyJump === undefined ? undefined : expandJump(proxyJump, tokens),
    proxyCommand: proxyJump === undefined ? command : undefined,
    controlPath: first('controlpath'),
    certificateFiles: all('certificatefile').map(expand),
    pkcs11: first('pkcs11provider'),
    family: family === 'inet' ? 4 : family === 'inet6' ? 6 : undefined,
    bindAddress: first('bindaddress'),
    connectTimeout: seconds > 0 ? Math.min(seconds, 120) * 1000 : undefined,
    program: hasProgram ? (source.program ?? 'ssh') : undefined,
    mayFork: values.has('forkafterauthentication'),
    gssapiAllowed: first('gssapiauthentication') === 'yes',
    hostbasedAllowed: first('hostbasedauthentication') === 'yes',
    publicKeyAllowed: !['no', 'false'].includes(first('pubkeyauthentication') ?? 'yes'),
    passwordAllowed: first('passwordauthentication') !== 'no',
    keyboardInteractiveAllowed: first('kbdinteractiveauthentication') !== 'no',
  };
}

const meaningful = (value: string | undefined): string | undefined =>
  value === undefined || value === '' || value.toLowerCase() === 'none' ? undefined : value;

/** The tokens of a ProxyJump are those of the host it leads to (`%r@bastion`). */
function expandJump(text: string, tokens: SshTokens): string {
  const expanded = expandProxyTokens(text, tokens);
  if (expanded !== undefined) return expanded;
  const message = `its ProxyJump "${text}" has a token that means nothing there`;
  throw new OverlayError('sshConfigInvalid', { host: tokens.alias, message });
}
