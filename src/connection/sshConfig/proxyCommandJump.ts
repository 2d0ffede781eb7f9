import { unsupportedFeatures, hasKerberosTicket } from './unsupportedFeatures';
import type { Environment } from '../../base/home';
import type { SshSettings } from './settings';

/**
 * Whether our client may take the place of the ssh in a ProxyCommand: it can do all that this one could do to log in to
 * the jump host. A login that ssh shares (ControlMaster) may have been made by a code that nobody can give again.
 *
 * @param isShared whether ssh shares a login there at this moment.
 */
export async function canTakeJump(
  jump: SshSettings,
  isShared: () => Promise<boolean>,
  env: Environment,
): Promise<boolean> {
  if (jump.pkcs11 !== undefined || jump.hostbasedAllowed || jump.unsupportedOptions?.length) return false;
  if (jump.gssapiAllowed && (await hasKerberosTicket(env))) return false;
  if ((await unsupportedFeatures(jump)).length > 0) return false;
  return jump.controlPath === undefined || !(await isShared());
}

/**
 * The jump host of `ssh -W %h:%p HOST`, the older way to write ProxyJump: read as one, it can ask and its key is shown to
 * a person. Anything else in the command is its own business.
 *
 * @param configFile the configuration in use: the command must use the same.
 * @returns `[user@]host`, undefined when the command is not just that.
 */
export function jumpOfProxyCommand(command: string, configFile: string | undefined): string | undefined {
  const words = command.trim().split(/\s+/);
  if (!/^(?:\/[\w./-]+\/)?ssh$/.test(words.shift() ?? '')) return undefined;
  let file: string | undefined;
  let isForwarding = false;
  const rest: string[] = [];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '-q') continue;
    if (word === '-F') file = words.shift();
    else if (word === '-W' && ['%h:%p', '[%h]:%p'].includes(words[0] ?? '')) isForwarding = words.shift() !== undefined;
    else rest.push(word);
  }
  const [jump, ...others] = rest;
  if (!isForwarding || jump === undefined || others.length > 0 || file !== configFile) return undefined;
  // Whatever a shell, ssh's tokens or a list of hosts would make something else of.
  return /^(?:[\w.+-]+@)?[A-Za-z0-9][\w.-]*$/.test(jump) ? jump : undefined;
}
