import { describeError, toOverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host/host';
import type { PortCheck } from '../../model/network/underlay';
import type { ReportHead } from '../../model/report/reportHead';
import { verdictOf, type PairResult, type ProbeHost, type VerificationReport } from '../../model/report/matrix';
import { tryPorts } from '../facts/tryPorts';
import { buildReport } from './buildReport';
import { concernedHosts, checkDeeply, pairsToCheckDeeply } from './deepCheck';
import { diagnose } from '../../diagnosis/diagnose';
import type { Concern, GatherContext } from '../facts/context';
import { factsOfHealthy, gatherFacts, knownFacts } from '../facts/gatherFacts';
import { ImageSupply } from '../../probe/imageSupply';
import { limits } from '../limits';
import { measureSource, type MeasureOptions } from './measure';
import { mergeMatrices } from './mergeReports';
import { newRun, type RunIdentity } from '../../probe/names';
import { PairResults } from './pairResults';
import { PairIndex, type PairEnds } from '../../model/report/pairIndex';
import { addressOf, Probe, type ReadyProbe } from '../../probe/probe';
import { runToEnd, type Run } from '../runToEnd';
import { refusePointless, tooFewHosts } from '../refusals';
import type { Matrix } from '../../diagnosis/analysis';
import { recheck, type RecheckRun } from './recheck';
import { settlingHost } from '../../diagnosis/settlingHost';
import type { RunVerification, VerifyEvent, VerifyRequest } from '../verification';
import type { ConnectedHost } from '../../probe/connectedHost';
import { filterBatches, runInBatches, batchesOf, type Batch } from './batches';

/**
 * Runs one verification: image -> one test container a host -> one exec a source -> diagnosis -> clean-up.
 *
 * All hosts go side by side; what one of them does wrong is a row of the report. It rejects for programming errors only.
 */
export const runVerification: RunVerification = async (request, { signal, onEvent, logger }) => {
  const { run, head } = await runToEnd({ signal, logger }, (inner) => new MatrixRun(request, onEvent, logger, inner));
  const report = run.report(head);
  onEvent({ kind: 'finished', report });
  return report;
};

/** The state of one verification from start to report. */
class MatrixRun implements Run {
  readonly id: string;
  readonly clusterId: string;
  private readonly identity: RunIdentity;
  private readonly rows = new Map<HostName, ProbeHost>();
  private readonly esp = new Map<HostName, boolean>();
  private readonly probes: readonly Probe[];
  private readonly results: PairResults;
  private ready: readonly ReadyProbe[] = [];
  private ports: readonly PortCheck[] | undefined;
  private findings: VerificationReport['findings'] = [];
  private started = 0;
  private execs = 0;
  private readonly request: VerifyRequest;
  private readonly only: PairIndex<PairEnds> | undefined;

  constructor(
    request: VerifyRequest,
    private readonly onEvent: (event: VerifyEvent) => void,
    private readonly logger: Logger,
    private readonly signal: AbortSignal,
  ) {
    const { network, owner, image, only } = request;
    this.only = only && new PairIndex(only);
    const isAsked = ({ host }: ConnectedHost) => this.only === undefined || this.only.of(host).length > 0;
    this.request = { ...request, hosts: request.hosts.filter(isAsked) };
    const hosts = this.request.hosts.map((one) => one.host);
    this.identity = newRun(network, hosts, owner);
    this.id = this.identity.id;
    this.clusterId = request.clusterId;
    this.results = new PairResults(hosts, (pair) => onEvent({ kind: 'pair', pair }));
    const context = { run: this.identity, network, image, signal, logger };
    this.probes = this.request.hosts.map((one) => new Probe(one, context));
    for (const one of this.request.hosts) this.rows.set(one.host, rowOf(one));
  }

  async work(): Promise<void> {
    this.tellStart();
    refusePointless(this.request);
    await this.measure();
    this.findings = await this.diagnose();
  }

  report(head: ReportHead): VerificationReport {
    const { execs, findings } = this;
    return buildReport(this.request, head, { hosts: [...this.rows.values()], execs, pairs: this.asked(), findings });
  }

  /** What is not checked again is there from the start, as it was. */
  private tellStart(): void {
    const { hosts, pairs } = this.matrix();
    this.onEvent({ kind: 'started', id: this.id, hosts: hosts.map((one) => one.host) });
    if (!this.request.previous) return;
    for (const host of hosts) if (!this.rows.has(host.host)) this.onEvent({ kind: 'host', host });
    for (const pair of pairs) if (!this.isAsked(pair)) this.onEvent({ kind: 'pair', pair });
  }

  /** @throws OverlayError why the verification as a whole failed, `cancelled`. */
  private async measure(): Promise<void> {
    const { signal, logger } = this;
    const { image, hosts } = this.request;
    this.stage('image', `Looking for ${image} on ${hosts.length} hosts`);
    const onWords = (words: string) => this.stage('image', words);
    const images = new ImageSupply(hosts, { image, signal, logger, onWords });
    const starts = hosts.map((host, index) => this.startProbe(host, this.probes[index] as Probe, images));
    this.ready = await runInBatches(starts, limits.stragglerGrace, signal, (round) => this.runRound(round, 'Pinging'));
    if (this.ready.length < 2) throw tooFewHosts(this.request, [...this.rows.values()], this.ready.length);
    await recheck(this.recheckRun());
  }

  private recheckRun(): RecheckRun {
    return {
      signal: this.signal,
      roundOf: (isMeant) => this.roundOf(isMeant),
      runRound: (round, doing) => this.runRound(round, doing),
      settlingHost: () => settlingHost(this.matrix(), knownFacts(this.gatherContext())),
      tryPorts: async () => {
        this.stage('diagnosis', 'Trying the ports between the hosts');
        const context = this.gatherContext();
        return (this.ports = await tryPorts(context, knownFacts(context), this.concern()));
      },
      onWords: (words) => this.stage('pings', words),
    };
  }

  private roundOf(isMeant: (pair: PairResult) => boolean): Batch<ReadyProbe>[] {
    const red = new PairIndex(this.asked().filter(isMeant));
    return filterBatches(
      batchesOf([], this.ready),
      (source, target) => red.get(source.host, target.host) !== undefined,
    );
  }

  /** One host's way to a container with an address; failing is a row. Never rejects. */
  private async startProbe(host: ConnectedHost, probe: Probe, images: ImageSupply): Promise<ReadyProbe | undefined> {
    try {
      await images.ensure(host);
      this.stage('containers', `Starting test containers: ${this.started} of ${this.probes.length} ready`);
      const ready = await probe.start();
      this.started += 1;
      this.stage('containers', `Starting test containers: ${this.started} of ${this.probes.length} ready`);
      this.updateRow(host.host, {
        containerName: ready.containerName,
        address: addressOf(ready),
        ...(ready.address.ipv4 && ready.address.ipv6 && { ipv6: ready.address.ipv6 }),
      });
      return ready;
    } catch (error) {
      if (!this.signal.aborted) this.giveUp(host.host, probe, error);
      return undefined;
    }
  }

  private giveUp(host: HostName, probe: Probe, error: unknown): void {
    const ours = toOverlayError(error, { host });
    if (ours.reason === 'requestTimeout') probe.markUnresponsive();
    if (ours.reason === 'unexpected') this.logger.error(`${host}: test container`, error);
    const { title, happened, remedy, command } = describeError(ours);
    this.logger.warn(`${host} takes no part: ${happened}`);
    this.updateRow(host, { problem: { reason: ours.reason, title, happened, remedy, ...(command && { command }) } });
    this.results.fail(happened, { host });
  }

  private async runRound(all: readonly Batch<ReadyProbe>[], doing: string): Promise<void> {
    const round = filterBatches(all, (source, target) => this.isAsked({ from: source.host, to: target.host }));
    const pairs = round.reduce((sum, one) => sum + one.targets.length, 0);
    this.stage('pings', `${doing}: ${pairs} pairs`);
    await Promise.all(
      round.map(({ source, targets }) => {
        this.onEvent({ kind: 'sourceStarted', from: source.host });
        return measureSource(source, targets, this.measureOptions());
      }),
    );
  }

  private measureOptions(): MeasureOptions {
    return {
      pings: this.request.pings,
      encrypted: this.request.network.encrypted,
      signal: this.signal,
      logger: this.logger,
      results: this.results,
      onExec: () => (this.execs += 1),
      onEsp: (host, available) => this.esp.set(host, available),
      onUnresponsive: (host) => this.probes.find((probe) => probe.host === host)?.markUnresponsive(),
    };
  }

  /** Whether this run is about the pair. */
  private isAsked({ from, to }: PairEnds): boolean {
    return this.only === undefined || this.only.get(from, to) !== undefined;
  }

  private asked(): PairResult[] {
    return this.results.all().filter((pair) => this.isAsked(pair));
  }

  /** The whole matrix as far as it is known, also what an earlier run measured. */
  private matrix(): Matrix {
    const { only, previous } = this.request;
    const fresh = { hosts: [...this.rows.values()], pairs: this.asked() };
    return only && previous ? mergeMatrices(previous, fresh, only) : fresh;
  }

  private async diagnose(): Promise<VerificationReport['findings']> {
    const odd = pairsToCheckDeeply(this.asked(), (from, to) => this.results.hasLostFirst(from, to), this.request.depth);
    // What only large packets show is not red before they were tried.
    const isRed = this.concern().hosts.length > 0;
    if (!isRed) await this.checkDeeply(odd);
    if (this.concern().hosts.length === 0) return diagnose(this.matrix(), await factsOfHealthy(this.gatherContext()));
    this.stage('diagnosis', 'Looking for the cause');
    const [facts] = await Promise.all([
      gatherFacts(this.gatherContext(), this.concern()),
      isRed ? this.checkDeeply(odd) : undefined,
    ]);
    return diagnose(this.matrix(), facts);
  }

  /** What is odd, or everything where everything is to be looked at. */
  private concern(): Concern {
    const { depth, hosts } = this.request;
    const isIn = (host: HostName) => this.rows.get(host)?.problem?.reason !== 'windowsLeftOut';
    const pairs = this.asked().filter(({ from, to }) => isIn(from) && isIn(to));
    if (depth === 'full') return { hosts: hosts.map(({ host }) => host).filter(isIn), pairs };
    return { hosts: concernedHosts(pairs), pairs: pairs.filter((pair) => verdictOf(pair) !== 'reachable') };
  }

  private async checkDeeply(pairs: readonly PairResult[]): Promise<void> {
    if (pairs.length === 0) return;
    this.stage('diagnosis', `Trying full-size packets and TCP: ${pairs.length} pairs`);
    await checkDeeply(pairs, this.ready, this.measureOptions());
  }

  private gatherContext(): GatherContext {
    const rows = [...this.rows.values()];
    return {
      runId: this.id,
      request: this.request,
      ready: this.ready,
      unresponsive: new Set(rows.flatMap((row) => (row.problem?.reason === 'requestTimeout' ? [row.host] : []))),
      esp: this.esp,
      ...(this.ports && { ports: this.ports }),
      signal: this.signal,
      logger: this.logger,
    };
  }

  async cleanUp(): Promise<VerificationReport['cleanUp']> {
    this.stage('cleanUp', 'Removing test containers');
    const removals = await Promise.all(this.probes.map((probe) => probe.remove()));
    return {
      removed: removals.reduce((sum, removal) => sum + removal.removed, 0),
      left: removals.flatMap((removal) => removal.left),
    };
  }

  private updateRow(host: HostName, more: Partial<ProbeHost>): void {
    const row = { ...(this.rows.get(host) ?? { host }), ...more };
    this.rows.set(host, row);
    this.onEvent({ kind: 'host', host: row });
  }

  private stage(stage: Extract<VerifyEvent, { kind: 'stage' }>['stage'], words: string): void {
    if (stage === 'cleanUp' || !this.signal.aborted) this.onEvent({ kind: 'stage', stage, words });
  }
}

function rowOf({ host, nodeId, engineVersion }: ConnectedHost): ProbeHost {
  return { host, ...(nodeId && { nodeId }), ...(engineVersion && { engineVersion }) };
}
