import type * as vscode from 'vscode';
import { OverlayError } from '../../../base/errors';
import { Emitter } from '../../../base/event';
import type { Logger } from '../../../base/logger';
import type { HostName } from '../../../model/host/host';
import type { Fleet } from '../../../swarm/fleet';
import type { PortReport } from '../../../verify/ports/request';
import { summarisePorts } from '../../../diagnosis/ports/summarisePorts';
import type { ActiveRuns } from '../../activeRuns';
import { machineOf } from '../../../model/swarm/membership';
import { readVerifySettings } from '../../vscode/settings';
import type { LastPortCheck } from './portNode';
import type { PortScope } from './scope';

export interface PortChecksOptions {
  readonly fleet: Fleet;
  readonly logger: Logger;
  /** Names this window on the containers it makes. */
  readonly owner: string;
  /** Where it tells that its containers are in use. */
  readonly runs: ActiveRuns;
}

/** The checks of ports of this window, and what the last one of each host found. */
export class PortChecks implements vscode.Disposable {
  private readonly last = new Map<HostName, LastPortCheck & { readonly of: string }>();
  private readonly changes = new Emitter<void>();
  private readonly controller = new AbortController();
  private readonly running = new Set<Promise<PortReport>>();

  /** A check has ended. */
  readonly onDidChange = this.changes.event;

  constructor(private readonly options: PortChecksOptions) {}

  /** What the last check of a host found; of another machine that has its name now nothing is known. */
  lastOf(host: HostName): LastPortCheck | undefined {
    const last = this.last.get(host);
    return last && last.of === this.machineOf(host) ? last : undefined;
  }

  /**
   * Tries the ports of a scope to the end.
   *
   * @param onWords told where it stands
   * @throws OverlayError `cancelled`, `notConnected`; what hosts and networks do is in the report.
   */
  async run(scope: PortScope, signal: AbortSignal, onWords: (words: string) => void): Promise<PortReport> {
    const machines = new Map(scope.hosts.map(({ host }) => [host, this.machineOf(host)]));
    const work = this.check(scope, AbortSignal.any([signal, this.controller.signal]), onWords);
    this.running.add(work);
    try {
      const report = await work;
      this.keep(report, machines);
      return report;
    } finally {
      this.running.delete(work);
    }
  }

  /** Ends what is under way and resolves once its containers are removed. */
  async stop(): Promise<void> {
    this.controller.abort(new OverlayError('cancelled'));
    await Promise.allSettled([...this.running]);
  }

  dispose(): void {
    this.controller.abort(new OverlayError('cancelled'));
    this.changes.dispose();
  }

  private async check(scope: PortScope, signal: AbortSignal, onWords: (words: string) => void): Promise<PortReport> {
    const { fleet, logger, owner, runs } = this.options;
    const [{ checkPorts }, { newRunId }] = await Promise.all([
      import('../../../verify/ports/checkPorts'),
      import('../../../probe/names'),
    ]);
    const hosts = scope.hosts.map((host) => {
      const state = fleet.topology.hosts.find(({ config }) => config.name === host.host)?.state;
      const platform = state?.kind === 'ready' && state.snapshot.info;
      return { ...host, engine: fleet.engine(host.host), ...(platform && { platform }) };
    });
    const around = scope.around && new Set(scope.around);
    let known = 0;
    const runId = newRunId();
    const inUse = runs.add([runId]);
    const request = {
      runId,
      hosts,
      ...(around && { isWanted: (from: HostName, to: HostName) => around.has(from) || around.has(to) }),
      dataPathPort: scope.dataPathPort,
      encrypted: scope.encrypted,
      image: readVerifySettings().image,
      owner,
    };
    try {
      return await checkPorts(request, { signal, logger, onWords, onCheck: () => onWords(`${(known += 1)} results`) });
    } finally {
      inUse.dispose();
    }
  }

  private machineOf(host: HostName): string {
    const view = this.options.fleet.topology.hosts.find(({ config }) => config.name === host);
    return view ? machineOf(view) : '';
  }

  /** Hosts of which nothing was tried keep what is known of them. */
  private keep(report: PortReport, machines: ReadonlyMap<HostName, string>): void {
    for (const host of new Set(report.checks.flatMap(({ from, to }) => [from, to]))) {
      const checks = report.checks.filter(({ from, to }) => from === host || to === host);
      this.last.set(host, { of: machines.get(host) ?? '', at: report.at, checks, summary: summaryFor(host, report) });
    }
    this.changes.fire();
  }
}

/** Blame is found from all that was tried; a host shows what concerns it. */
function summaryFor(host: HostName, { checks }: PortReport): LastPortCheck['summary'] {
  const all = summarisePorts(checks);
  const own = summarisePorts(checks.filter(({ from, to }) => from === host || to === host));
  const problems = all.problems.filter((problem) => problem.host === host || problem.peers.includes(host));
  return { ...own, problems, ...(problems.length > 0 ? { sentence: all.sentence } : {}) };
}
