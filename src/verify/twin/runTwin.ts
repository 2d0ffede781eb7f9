import { OverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { Network } from '../../model/engine/records';
import type { VerificationReport } from '../../model/report/matrix';
import type { TwinReport } from '../../model/report/twin';
import { defaultDataPathPort } from '../../model/network/vxlan';
import type { VerifyFacts } from '../../diagnosis/facts';
import { newRunId } from '../../probe/names';
import { runToEnd, type Run } from '../runToEnd';
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
  const { run, head } = await runToEnd(options, (signal) => new TwinRun(request, { ...options, signal }));
  const { reports } = run;
  const failed = reports?.find((report) => report.outcome === 'failed');
  // Also when it was cancelled only while the networks were being removed: nobody waits for its conclusion any more.
  const isCancelled = options.signal?.aborted ?? false;
  const { outcome, error } = isCancelled
    ? { outcome: 'cancelled' as const, error: undefined }
    : head.outcome === 'finished' && failed
      ? failed
      : head;
  return {
    schema: 'docker-overlay/twin@1',
    ...head,
    outcome,
    ...(error && { error }),
    ...conclusionOf(request, reports, outcome === 'cancelled', error?.happened),
    ...(reports && { plain: reports[0], encrypted: reports[1] }),
  };
}

class TwinRun implements Run {
  readonly id = newRunId();
  readonly clusterId: string;
  reports: readonly [VerificationReport, VerificationReport] | undefined;

  constructor(
    private readonly request: TwinRequest,
    private readonly options: TwinOptions,
  ) {
    this.clusterId = request.clusterId;
  }

  async work(): Promise<void> {
    const { request, options } = this;
    options.onEvent({ kind: 'started', runIds: [this.id] });
    if (request.hosts.length < 2) throw new OverlayError('verifyTooFewHosts', { name: 'A swarm' });
    if (options.signal?.aborted) return;
    this.stage('Creating two temporary networks');
    const { plain, encrypted } = await createTwins(request, this.id);
    this.reports = await Promise.all([this.verify(plain, 'plain'), this.verify(encrypted, 'encrypted')]);
  }

  private verify(network: Network, kind: string): Promise<VerificationReport> {
    const { request, options } = this;
    return runVerification(
      { ...request, network, facts: factsFor(request, network.encrypted) },
      {
        ...options,
        onEvent: (event) => {
          if (event.kind === 'started') options.onEvent({ kind: 'started', runIds: [event.id] });
          if (event.kind === 'stage') this.stage(`${kind}: ${event.words}`);
        },
      },
    );
  }

  async cleanUp(): Promise<TwinReport['cleanUp']> {
    this.stage('Removing the two temporary networks');
    const { removed, left } = await removeTwins(this.request.manager, this.id, this.options.logger);
    return { removed, left: [...left, ...(this.reports?.flatMap((report) => report.cleanUp.left) ?? [])] };
  }

  private stage(words: string): void {
    this.options.onEvent({ kind: 'stage', words });
  }
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
