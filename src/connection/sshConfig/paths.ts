import { statSync } from 'node:fs';
import os from 'node:os';
import { expandHome, type Environment } from '../../base/home';

/** What the tokens of ssh_config(5) stand for. */
export interface SshTokens {
  readonly home: string;
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  readonly alias: string;
  readonly hostKeyAlias?: string;
}

/**
 * The tokens of ssh_config(5) in a ProxyCommand or ProxyJump, which are fewer than those of a path.
 *
 * @returns undefined when there is another one, which ssh does not accept either.
 */
export function expandProxyTokens(text: string, tokens: Omit<SshTokens, 'home'>): string | undefined {
  const values: Readonly<Record<string, string>> = {
    '%': '%',
    h: tokens.hostName,
    k: tokens.hostKeyAlias ?? tokens.alias,
    n: tokens.alias,
    p: String(tokens.port),
    r: tokens.user,
  };
  let known = true;
  const expanded = text.replace(/%(.?)/g, (whole, token: string) => {
    known &&= token in values;
    return values[token] ?? whole;
  });
  return known ? expanded : undefined;
}

/** A path has a token that {@link expandSshPath} does not know; ssh may. */
export const hasOtherTokens = (text: string): boolean => /%(?![%dhklLnprui])/.test(text.replaceAll('%%', ''));

/** `~`, `${VARIABLE}` and the tokens of ssh_config(5) in a path that `ssh -G` prints as it is written. */
export function expandSshPath(text: string, tokens: SshTokens, env: Environment): string {
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
  return toLocalPath(replaced, env);
}

/**
 * A path as the ssh programs of Windows print it, made usable: `~\`, `__PROGRAMDATA__` (which Win32-OpenSSH keeps as it
 * is), and `/c/Users/...` of Git's ssh.
 */
export function toLocalPath(text: string, env: Environment, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32') return expandHome(text, env, platform);
  const drive = /^\/([A-Za-z])(\/.*)$/.exec(text);
  if (drive) return `${drive[1]?.toUpperCase() ?? ''}:${drive[2] ?? ''}`;
  return expandHome(text.replace(/^__PROGRAMDATA__/, env['ProgramData'] || 'C:\\ProgramData'), env, platform);
}

/**
 * Splits a list of files of which `ssh -G` prints the names with spaces between them, unquoted, so that a name with
 * spaces cannot be told from two names for sure. A name begins at what begins an absolute path; what does not belongs to
 * the name before it. What is no list is one name, whatever it begins with. Names of what keeps nothing are left out.
 *
 * @returns undefined when it can be read in more than one way: the host key check must not depend on a guess.
 */
export function splitFileList(
  text: string,
  env: Environment,
  exists: (file: string) => boolean = isFile,
  platform: NodeJS.Platform = process.platform,
): string[] | undefined {
  const keepsNothing = platform === 'win32' ? /^(?:none|nul|\/dev\/null)$/i : /^none$/i;
  const here = (names: readonly string[]) =>
    names.filter((name) => !keepsNothing.test(name)).map((name) => toLocalPath(name, env, platform));
  // The default, and by far the most frequent one.
  const usual = /^(.+[/\\]\.ssh[/\\]known_hosts) (.+)$/.exec(text);
  if (usual?.[1] !== undefined && usual[2] === `${usual[1]}2`) return here([usual[1], usual[2]]);
  const files: string[] = [];
  for (const piece of text.split(' ')) {
    if (startsFile(piece) || text === piece) files.push(piece);
    else if (files.length === 0) return undefined;
    else files.push(`${files.pop() ?? ''} ${piece}`);
  }
  const found = here(files);
  const readsOtherwise = found.some((file, index) => {
    const next = files[index + 1];
    return hasShorter(file, exists) || (next !== undefined && exists(`${file} ${next}`));
  });
  // A `~` that is left is the home of somebody else; a space at the end belongs to a name that goes on.
  if (readsOtherwise || found.some((file) => file.startsWith('~') || file.endsWith(' '))) return undefined;
  return found;
}

const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;

/** `/`, `~`, `C:\`, `\\server`, and the names that are no paths. */
const startsFile = (piece: string): boolean => /^(?:[/~]|[A-Za-z]:[/\\]|\\\\|__PROGRAMDATA__|none$|nul$)/i.test(piece);

/** The file is not there, and one is that has the name up to one of its spaces. */
function hasShorter(file: string, exists: (file: string) => boolean): boolean {
  if (!file.includes(' ') || exists(file)) return false;
  const words = file.split(' ');
  return words.some((_word, index) => index > 0 && exists(words.slice(0, index).join(' ')));
}

/**
 * Socket or pipe of the agent: IdentityAgent, then SSH_AUTH_SOCK, then the agent of Windows. On Windows an SSH_AUTH_SOCK
 * that is no pipe belongs to Git's ssh, which alone can talk to it.
 *
 * @param configured as `ssh -G` prints it.
 */
export function agentPath(
  configured: string | undefined,
  env: Environment,
  expand: (text: string) => string,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (configured?.toLowerCase() === 'none') return undefined;
  if (configured !== undefined && configured !== 'SSH_AUTH_SOCK') {
    return configured.startsWith('$') && !configured.startsWith('${') ? env[configured.slice(1)] : expand(configured);
  }
  const socket = env['SSH_AUTH_SOCK'] || undefined;
  if (platform !== 'win32') return socket;
  return socket !== undefined && /^[/\\]{2}\.[/\\]pipe[/\\]/.test(socket) ? socket : '\\\\.\\pipe\\openssh-ssh-agent';
}
