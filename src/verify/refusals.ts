import { OverlayError } from '../base/errors';
import type { ProbeHost } from '../model/report/matrix';
import type { VerifyRequest } from './verification';

/** @throws what makes a verification pointless before it has begun: verifyNotAttachable, verifyTooFewHosts. */
export function refusePointless({ network, hosts }: Pick<VerifyRequest, 'network' | 'hosts'>): void {
  if (!network.attachable) throw new OverlayError('verifyNotAttachable', { name: network.name });
  if (hosts.length < 2) throw new OverlayError('verifyTooFewHosts', { name: network.name });
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
