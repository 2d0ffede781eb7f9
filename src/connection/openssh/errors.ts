import { OverlayError } from '../../base/errors';
import { serverAddress, type SshSettings } from '../sshConfig/settings';
import type { LoginFacts } from './log';
import { formatAddress } from '../../hosts/address';
import { oneLine } from '../../base/text/oneLine';

/**
 * The one place where the words of the ssh program become a reason. The first line that means something counts: those
 * after it are its consequences. A server may have written them: they choose the words of a failure, and no more.
 *
 * @param code exit code of ssh.
 * @returns `hostKey` when ssh has refused one; which, and why, is seen by looking at the keys themselves.
 */
export function opensshFailure(
  facts: LoginFacts,
  code: number | undefined,
  host: string,
  settings: SshSettings,
): OverlayError | 'hostKey' {
  for (const line of facts.words) {
    if (isAboutHostKey(line)) return 'hostKey';
    const error = connectError(line, host, settings) ?? loginError(line, facts, host, settings);
    if (error) return error;
  }
  return otherError(facts, code, host, settings);
}

/** In time by the length of the line, as all that reads it: a server may have written it. */
function isAboutHostKey(line: string): boolean {
  if (/^Host key verification failed|HOST IDENTIFICATION HAS CHANGED|REVOKED HOST KEY/i.test(line)) return true;
  if (line.includes('you have requested strict checking')) return true;
  const at = line.search(/host key/i);
  return at >= 0 && /revoked/i.test(line.slice(at));
}

/** Why a link that was up has ended. */
export function opensshLoss(words: readonly string[], host: string): OverlayError {
  const message = oneLine(words.at(-1) ?? 'ssh has ended');
  return new OverlayError('linkLost', { host, message });
}

/**
 * Why the server did not forward a socket, from what ssh says of a channel: "channel 3: open failed: administratively
 * prohibited: open failed".
 */
export function forwardRefusal(line: string): string | undefined {
  const words = /^channel \d+: open failed: ([^:]+)(?:: (.*))?$/.exec(line);
  if (!words) return undefined;
  if (words[1] === 'administratively prohibited') return 'forbidden by the server';
  const detail = words[2] === undefined || words[2] === 'open failed' ? '' : `: ${words[2]}`;
  return oneLine(`${words[1]}${detail}`);
}

function connectError(line: string, host: string, settings: SshSettings): OverlayError | undefined {
  const unresolved = /Could not resolve hostname ([^\s:]+)/i.exec(line);
  if (unresolved) {
    const name = unresolved[1] ?? settings.hostName;
    const address = name === settings.hostName ? formatAddress(name, settings.port) : name;
    return new OverlayError('addressNotFound', { host, address, ...atJump(name, settings) });
  }
  const failed = /connect to host (\S+) port (\d+): (.+)$/.exec(line);
  if (!failed) return undefined;
  const [, name = '', port = '', why = ''] = failed;
  const params = { host, address: formatAddress(name, Number(port)) };
  if (/refused/i.test(why)) return new OverlayError('connectionRefused', { ...params, ...atJump(name, settings) });
  return new OverlayError('addressUnreachable', { ...params, message: oneLine(why) });
}

function loginError(line: string, facts: LoginFacts, host: string, settings: SshSettings): OverlayError | undefined {
  const denied = /^(?:(\S+)@([^\s@]+): )?Permission denied(?: \(.*\))?\.?$/.exec(line);
  // "Permission denied, please try again." comes before the last word.
  const tooMany = /Too many authentication failures/i.test(line);
  if (!denied && !tooMany) return configError(line, host);
  const [, user = settings.user, server = settings.hostName] = denied ?? [];
  const isTarget = server === settings.hostName || server === settings.alias;
  const said = tooMany ? 'Too many authentication failures' : undefined;
  const message = isTarget ? said : `at the jump host ${server}`;
  return unasked(facts, host, user, message);
}

/** ssh was refused; what it might have been asked for instead, it is never given. */
function unasked({ tried }: LoginFacts, host: string, user: string, message: string | undefined): OverlayError {
  return new OverlayError('sshProgramUnasked', {
    host,
    user,
    items: tried,
    ...(message === undefined ? {} : { message }),
  });
}

function configError(line: string, host: string): OverlayError | undefined {
  if (!/Bad configuration option|bad configuration options|Bad owner or permissions/i.test(line)) return undefined;
  return new OverlayError('sshConfigInvalid', { host, message: oneLine(line) });
}

function otherError(facts: LoginFacts, code: number | undefined, host: string, settings: SshSettings): OverlayError {
  const said = facts.words.filter((line) => !/please try again/i.test(line));
  const message = oneLine(said.join('; ')) || `ssh ended${code === undefined ? '' : ` with code ${code}`}`;
  if (facts.wasAuthenticating && /closed by|reset by/i.test(message)) {
    return unasked(facts, host, settings.user, message);
  }
  return new OverlayError('sshProtocol', { host, address: serverAddress(settings), message });
}

function atJump(name: string, settings: SshSettings): { message?: string } {
  const isTarget = name === settings.hostName || name === settings.alias;
  return isTarget || settings.proxyJump === undefined ? {} : { message: `at the jump host ${name}` };
}
