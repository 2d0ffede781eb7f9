import { isOverlayError, OverlayError } from '../../base/errors';
import { withDeadline } from '../../base/time';
import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host/host';
import type { PortCheck } from '../../model/network/underlay';
import { PairIndex, type PairEnds } from '../../model/report/pairIndex';
import { limits } from '../limits';
import { checkPorts } from './checkPorts';
import type { PortHost } from './request';

/** What a diagnosis wants to know of the paths between hosts whose pairs are red. */
export interface TimedPortRequest {
  readonly hosts: readonly PortHost[];
  /** Red pairs: only these are tried. */
  readonly pairs: readonly PairEnds[];
  readonly dataPathPort: number;
  readonly image: string;
  readonly owner: string;
  /** Value of the run label. */
  readonly runId: string;
  /** How long it may take, ms; {@link limits.ports} when not given. */
  readonly ms?: number;
}

/**
 * Tries the ports between the hosts of red pairs, within a time that a person waits for a diagnosis. What is not known by
 * then is missing; its containers are still removed.
 *
 * @throws OverlayError `cancelled` when the signal aborts.
 */
export async function checkPortsInTime(
  { hosts, pairs, ms = limits.ports, ...request }: TimedPortRequest,
  { signal, logger }: { readonly signal: AbortSignal; readonly logger: Logger },
): Promise<PortCheck[]> {
  const wanted = new PairIndex(pairs);
  const concerned = hosts.filter(({ host }) => wanted.of(host).length > 0);
  const isWanted = (from: HostName, to: HostName) => wanted.has({ from, to });
  const found: PortCheck[] = [];
  const onTimeout = () =>
    new OverlayError('requestTimeout', { name: 'check the ports', seconds: Math.round(ms / 1000) });
  try {
    await withDeadline(ms, onTimeout, signal, (inner) =>
      checkPorts(
        { ...request, hosts: concerned, isWanted, encrypted: false },
        { signal: inner, logger, onCheck: (check) => found.push(check) },
      ),
    );
  } catch (error) {
    if (!isOverlayError(error, 'requestTimeout')) throw error;
    logger.debug(`The check of ports took longer than ${ms} ms`);
  }
  return [...found];
}
