import { OverlayError } from '../../base/errors';
import { parsePort, splitUserAtHost } from '../../hosts/address';
import type { SshConfigSource, SshSettings, SshTarget } from './settings';
import { resolveSshSettings } from './sshConfig';

// A configuration whose jump hosts name each other would go round for ever.
const maxHops = 8;

/** One hop of a `ProxyJump` list: `[user@]host[:port]` or `ssh://...`. */
export function parseJump(text: string): SshTarget | undefined {
  const parts = splitUserAtHost(text.trim().replace(/^ssh:\/\/(.*?)\/?$/, '$1'));
  if (!parts || parts.host === '' || parts.host.startsWith('-') || parts.user === '') return undefined;
  const port = parts.port === undefined ? undefined : parsePort(parts.port);
  if (parts.port !== undefined && port === undefined) return undefined;
  const { host, user } = parts;
  return { host, ...(user === undefined ? {} : { user }), ...(port === undefined ? {} : { port }) };
}

/**
 * The last hop of a `ProxyJump` list, with the rest of the list as its own way there.
 *
 * @param depth how many hops it is away from the host.
 */
export async function resolveJump(
  list: string,
  host: string,
  source: SshConfigSource,
  depth: number,
  signal: AbortSignal,
): Promise<{ target: SshTarget; settings: SshSettings }> {
  const hops = list.split(',');
  const target = parseJump(hops.pop() ?? '');
  if (!target) throw new OverlayError('sshConfigInvalid', { host, message: 'its ProxyJump is not readable' });
  if (depth > maxHops)
    throw new OverlayError('sshConfigInvalid', { host, message: 'its jump hosts go round in circles' });
  const own = await resolveSshSettings(target, source, signal);
  // As `ssh -J a,b`: the rest of the list takes the place of what the configuration says about the hop.
  return { target, settings: hops.length > 0 ? { ...own, proxyJump: hops.join(',') } : own };
}
