import { OverlayError } from '../base/errors';
import type { ProbeHost } from '../model/report/matrix';
import type { VerifyRequest } from './verification';

/** What makes a verification pointless before it has begun. */
export function refusalOf({ network, hosts }: Pick<VerifyRequest, 'network' | 'hosts'>): OverlayError | undefined {
  if (!network.attachable) return new OverlayError('verifyNotAttachable', { name: network.name });
  if (hosts.length < 2) return new OverlayError('verifyTooFewHosts', { name: network.name });
  return undefined;
}

/** Fewer than two took part: the common cause when there is one, for it says more. */
export function tooFewHosts(request: VerifyRequest, rows: readonly ProbeHost[], ready: number): OverlayError {
  const { name } = request.network;
  const problems = rows.flatMap((row) => (row.problem ? [{ host: row.host, ...row.problem }] : []));
  const telling = ['networkNotFound', 'verifyNotAttachable', 'imageMissing'] as const;
  const common = telling.find((reason) => problems.every((problem) => problem.reason === reason));
  const message = `${ready} of ${rows.length} test containers could be started; ${problems[0]?.happened ?? ''}`;
  if (common === undefined) return new OverlayError('verifyTooFewHosts', { name, message });
  if (common === 'imageMissing') return new OverlayError(common, { name: request.image });
  return new OverlayError(common, { name });
}
