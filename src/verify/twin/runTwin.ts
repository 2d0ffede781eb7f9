import { describeError, OverlayError, toOverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { Network } from '../../model/engine/records';
import type { VerificationReport } from '../../model/report/matrix';
import type { TwinReport } from '../../model/report/twin';
import { defaultDataPathPort, type VerifyFacts } from '../../diagnosis/facts';
import { newRunId } from '../../probe/names';
import { beginNow, reportHead } from '../reportHead';
import { runVerification } from '../matrix/runVerification';
import { concludeTwin } from '../../diagnosis/concludeTwin';
import { createTwins, removeTwins } from '../../probe/twinNetworks';
import type { TwinEvent, TwinRequest } from './twin';

interface TwinOptions {
  readonly signal?: AbortSignal;
  readonly onEvent: (event: TwinEvent) => void;
  readonly logger: Logger;
}

/**
 * Makes two temporary networks on the same hosts, one plain and one encrypted, verifies both side by side, removes both, and
 * says what the difference means.
 *
 * Never rejects for what a network or host does: that is in the report. Aborting the signal ends it early with outcome
 * `cancelled`, after the clean-up.
 */
export async function runTwin(request: TwinRequest, options: TwinOptions): Promise<TwinReport> {
  const { signal, onEvent, logger } = options;
  const began = beginNow();
  const runId = newRunId();
  const stage = (words: string) => onEvent({ kind: 'stage', words });
  onEvent({ kind: 'started', runIds: [runId] });
  let reports: readonly [VerificationReport, VerificationReport] | undefined;
  let error: OverlayError | undefined;
  try {
    if (request.hosts.length < 2) throw new OverlayError('verifyTooFewHosts', { name: 'A swarm' });
    if (!signal?.aborted) reports = await verifyBoth(request, runId, options);
  } catch (thrown) {
    error = toOverlayError(thrown);
    if (error.reason === 'unexpected') logger.error('Twin test', thrown);
  }
  stage('Removing the two temporary networks');
  const { removed, left } = await removeTwins(request.manager, runId, logger);
  const failed = reports?.find((report) => report.outcome === 'failed');
  const isCancelled = signal?.aborted ?? false;
  return {
    schema: 'docker-overlay/twin@1',
    ...reportHead({
      id: runId,
      began,
      outcome: isCancelled ? 'cancelled' : error || failed ? 'failed' : 'finished',
      error: error ?? failed?.error,
      clusterId: request.clusterId,
      cleanUp: { removed, left: [...left, ...(reports?.flatMap((report) => report.cleanUp.left) ?? [])] },
    }),
    ...conclusionOf(request, reports, isCancelled, error ? describeError(error).happened : failed?.error?.happened),
    ...(reports && { plain: reports[0], encrypted: reports[1] }),
  };
}

async function verifyBoth(request: TwinRequest, runId: string, { signal, onEvent, logger }: TwinOptions) {
  const stage = (words: string) => onEvent({ kind: 'stage', words });
  stage('Creating two temporary networks');
  const networks = await createTwins(request, runId);
  const verify = (network: Network, kind: string) =>
    runVerification(
      { ...request, network, facts: factsFor(request, network.encrypted) },
      {
        ...(signal && { signal }),
        logger,
        onEvent: (event) => {
          if (event.kind === 'started') onEvent({ kind: 'started', runIds: [event.id] });
          if (event.kind === 'stage') stage(`${kind}: ${event.words}`);
        },
      },
    );
  return Promise.all([verify(networks.plain, 'plain'), verify(networks.encrypted, 'encrypted')]);
}

function conclusionOf(
  request: TwinRequest,
  reports: readonly [VerificationReport, VerificationReport] | undefined,
  isCancelled: boolean,
  failure: string | undefined,
): Pick<TwinReport, 'hosts' | 'pairs' | 'conclusion' | 'findings'> {
  const names = request.hosts.map(({ host }) => host);
  if (reports && !isCancelled && failure === undefined)
    return concludeTwin(names, reports[0], reports[1], factsFor(request, true));
  return {
    hosts: names.map((host) => ({ host, verdict: 'cannotTell' })),
    pairs: [],
    conclusion: isCancelled ? 'The comparison was cancelled.' : (failure ?? 'Nothing could be compared.'),
    findings: [],
  };
}

function factsFor({ facts }: TwinRequest, encrypted: boolean): VerifyFacts {
  return { dataPathPort: defaultDataPathPort, hosts: [], ...facts, encrypted };
}
