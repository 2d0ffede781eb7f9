import os from 'node:os';
import { OverlayError } from '../../base/errors';
import { homeDirectory } from '../../base/home';
import { canTakeJump, jumpOfProxyCommand } from './proxyCommandJump';
import { allowedAlgorithms, listOf } from './algorithms';
import { handedOverOptions, unknownKeywords } from './keywords';
import { agentPath, expandProxyTokens, expandSshPath, hasOtherTokens, splitFileList, type SshTokens } from './paths';
import type { SshConfigSource, SshSettings, SshTarget } from './settings';
import { configuredTarget, hasSharedLogin, runSsh } from './sshProgram';

// OpenSSH's order since 9.x; ssh2 has no DSA and no FIDO keys.
const defaultIdentities = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

/**
 * Asks `ssh -G` what a host means (includes, `Match`, tokens and all). Without an ssh program the host is taken as it
 * is, with ssh's defaults.
 *
 * @throws OverlayError `sshConfigInvalid`.
 */
export async function resolveSshSettings(
  target: SshTarget,
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

async function readSettings(target: SshTarget, source: SshConfigSource, signal?: AbortSignal): Promise<SshSettings> {
  const { configFile } = source;
  const output = await runSsh(source, ['-G', ...configuredTarget(target, source)], signal);
  if (output === undefined && configFile !== undefined && configFile !== 'none') {
    const message = `${configFile} is read by the ssh program, and there is no program "${source.program ?? 'ssh'}"`;
    throw new OverlayError('sshConfigInvalid', { host: target.host, message });
  }
  const values = parseSshG(output ?? '');
  const needsDefaults = unknownKeywords(values).length > 0;
  const bare = needsDefaults ? await runSsh(source, ['-G', '-F', 'none', '--', 'host'], signal) : '';
  return toSettings(target, values, parseSshG(bare ?? ''), source, output !== undefined);
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

function toSettings(
  target: SshTarget,
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
