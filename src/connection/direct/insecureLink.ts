import net from 'node:net';
import { OverlayError } from '../../base/errors';
import { throwIfAborted, unlessAborted } from '../../base/time';
import type { StageListener } from '../../model/host/connectStage';
import type { Endpoint } from '../../model/host/host';
import { formatAddress } from '../../hosts/address';
import type { ConnectionPrompts } from '../prompts';

const loopback = new net.BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Why a link to this endpoint is not protected, in words; undefined when it is, or does not leave this machine. */
export function insecureWords(endpoint: Endpoint & { kind: 'tcp' }): string | undefined {
  if (endpoint.tls) return endpoint.tls.skipVerify ? 'certificate not verified' : undefined;
  return isLoopback(endpoint.host) ? undefined : 'plain TCP, not encrypted';
}

/**
 * Asks for consent to a link that is not protected, before anything is sent.
 *
 * @throws OverlayError `insecureDeclined`, `cancelled`, `interactionNeeded`.
 */
export async function agreeToInsecure(
  host: string,
  endpoint: Endpoint & { kind: 'tcp' },
  prompts: ConnectionPrompts,
  signal: AbortSignal,
  onStage: StageListener,
): Promise<void> {
  const why = insecureWords(endpoint);
  if (why === undefined) return;
  onStage({ stage: 'configuration', state: 'begun' });
  const address = formatAddress(endpoint.host, endpoint.port);
  const agreed = await unlessAborted(prompts.consentInsecure({ host, address, why }, signal), signal);
  throwIfAborted(signal);
  if (!agreed) throw new OverlayError('insecureDeclined', { host, address, message: why });
  onStage({ stage: 'configuration', state: 'done', detail: `${why}; agreed to` });
}

function isLoopback(host: string): boolean {
  const bare = host.replace(/%.*$/, '');
  const family = net.isIP(bare);
  if (family === 0) return bare.toLowerCase() === 'localhost';
  return loopback.check(bare, family === 4 ? 'ipv4' : 'ipv6');
}
