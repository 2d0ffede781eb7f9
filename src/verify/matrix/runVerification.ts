import { setMaxListeners } from 'node:events';
import { describeError, toOverlayError, type OverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host/host';
import type { PortCheck } from '../../model/network/underlay';
import { verdictOf, type PairResult, type ProbeHost, type VerificationReport } from '../../model/report/matrix';
import { tryPorts } from '../facts/tryPorts';
import { buildReport } from './buildReport';
import { concernedHosts, checkDeeply, pairsToCheckDeeply } from './deepCheck';
import { diagnose } from '../../diagnosis/diagnose';
import { factsOfHealthy, gatherFacts, knownFacts, type Concern, type GatherContext } from '../facts/gatherFacts';
import { ImageSupply } from '../../probe/imageSupply';
import { limits } from '../limits';
import { measureSource, type MeasureOptions } from './measure';
import { mergeMatrices } from './mergeReports';
import { newRun, type RunIdentity } from '../../probe/names';
import { PairResults } from './pairResults';
import { PairIndex, type PairEnds } from '../../model/report/pairIndex';
import { Probe, type ReadyProbe } from '../../probe/probe';
import { beginNow } from '../reportHead';
import { refusalOf, tooFewHosts } from '../refusals';
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
  const run = new Run(request, onEvent, logger, signal);
  const report = await run.toEnd();
  onEvent({ kind: 'finished', report });
  return report;
};

/** The state of one verification from start to report. */
class Run {
  private readonly began = beginNow();
  private readonly identity: RunIdentity;
  private readonly rows = new Map<HostName, ProbeHost>();
  private readonly esp = new Map<HostName, boolean>();
  private readonly probes: readonly Probe[];
  private readonly book: PairResults;
  private readonly stop = new AbortController();
  private ready: readonly ReadyProbe[] = [];
  private ports: readonly PortCheck[] | undefined;
  private started = 0;
  private execs = 0;
  private readonly request: VerifyRequest;
  private readonly only: PairIndex<PairEnds> | undefined;

  constructor(
    request: VerifyRequest,
    private readonly onEvent: (event: VerifyEvent) => void,
    private readonly logger: Logger,
    private readonly outer: AbortSignal | undefined,
  ) {
    const { network, owner, image, only } = request;
    this.only = only && new PairIndex(only);
    const isAsked = ({ host }: ConnectedHost) => this.only === undefined || this.only.of(host).length > 0;
    this.request = { ...request, hosts: request.hosts.filter(isAsked) };
    const hosts = this.request.hosts.map((one) => one.host);
    this.identity = newRun(network, hosts, owner);
    // Each host listens to it several times at once; that is no leak.
    setMaxListeners(0, this.stop.signal);
    this.book = new PairResults(hosts, (pair) => onEvent({ kind: 'pair', pair }));
    const context = { run: this.identity, network, image, signal: this.stop.signal, logger };
    this.probes = this.request.hosts.map((one) => new Probe(one, context));
    for (const one of this.request.hosts) this.rows.set(one.host, rowOf(one));
  }

  async toEnd(): Promise<VerificationReport> {
    const onAbort = () => this.stop.abort(this.outer?.reason);
    if (this.outer?.aborted) onAbort();
    this.outer?.addEventListener('abort', onAbort, { once: true });
    this.tellStart();
    try {
      return await this.measureAndReport();
    } finally {
      this.outer?.removeEventListener('abort', onAbort);
    }
  }

  /** What is not checked again is there from the start, as it was. */
  private tellStart(): void {
    const { hosts, pairs } = this.matrix();
    this.onEvent({ kind: 'started', id: this.identity.id, hosts: hosts.map((one) => one.host) });
    if (!this.request.previous) return;
    for (const host of hosts) if (!this.rows.has(host.host)) this.onEvent({ kind: 'host', host });
    for (const pair of pairs) if (!this.isAsked(pair)) this.onEvent({ kind: 'pair', pair });
  }

  private async measureAndReport(): Promise<VerificationReport> {
    let error: OverlayError | undefined;
    let findings: VerificationReport['findings'] = [];
    let programmingError: Error | undefined;
    try {
      error = refusalOf(this.request) ?? (await this.measure());
      if (!error) findings = await this.diagnose();
    } catch (thrown) {
      if (!this.stop.signal.aborted) programmingError = thrown instanceof Error ? thrown : new Error(String(thrown));
    }
    const isCancelled = this.stop.signal.aborted;
    // Whatever is still starting ends now; what it created is removed below.
    this.stop.abort();
    const cleanUp = await this.cleanUp();
    if (programmingError) throw programmingError;
    return buildReport(this.request, {
      id: this.identity.id,
      began: this.began,
      outcome: isCancelled ? 'cancelled' : error ? 'failed' : 'finished',
      error,
      hosts: [...this.rows.values()],
      execs: this.execs,
      pairs: this.asked(),
      findings,
      cleanUp,
    });
  }

  /** @returns why the verification as a whole failed. @throws when it was aborted. */
  private async measure(): Promise<OverlayError | undefined> {
    const { image, hosts } = this.request;
    const { signal } = this.stop;
    this.stage('image', `Looking for ${image} on ${hosts.length} hosts`);
    const onWords = (words: string) => this.stage('image', words);
    const images = new ImageSupply(hosts, { image, signal, logger: this.logger, onWords });
    const starts = hosts.map((host, index) => this.startProbe(host, this.probes[index] as Probe, images));
    this.ready = await runInBatches(starts, limits.stragglerGrace, signal, (wave) => this.runWave(wave, 'Pinging'));
    if (this.ready.length < 2) return tooFewHosts(this.request, [...this.rows.values()], this.ready.length);
    await recheck(this.secondTries());
    return undefined;
  }

  private secondTries(): RecheckRun {
    return {
      signal: this.stop.signal,
      roundOf: (isMeant) => this.waveOf(isMeant),
      runRound: (wave, doing) => this.runWave(wave, doing),
      settlingHost: () => settlingHost(this.matrix(), knownFacts(this.gatherContext())),
      tryPorts: async () => {
        this.stage('diagnosis', 'Trying the ports between the hosts');
        const context = this.gatherContext();
        return (this.ports = await tryPorts(context, knownFacts(context), this.concern()));
      },
      onWords: (words) => this.stage('pings', words),
    };
  }

  private waveOf(isMeant: (pair: PairResult) => boolean): Batch<ReadyProbe>[] {
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
        address: ready.address.ipv4 || ready.address.ipv6,
        ...(ready.address.ipv4 && ready.address.ipv6 && { ipv6: ready.address.ipv6 }),
      });
      return ready;
    } catch (error) {
      if (!this.stop.signal.aborted) this.giveUp(host.host, probe, error);
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
    this.book.fail(happened, { host });
  }

  private async runWave(all: readonly Batch<ReadyProbe>[], doing: string): Promise<void> {
    const wave = filterBatches(all, (source, target) => this.isAsked({ from: source.host, to: target.host }));
    const pairs = wave.reduce((sum, one) => sum + one.targets.length, 0);
    this.stage('pings', `${doing}: ${pairs} pairs`);
    await Promise.all(
      wave.map(({ source, targets }) => {
        this.onEvent({ kind: 'sourceStarted', from: source.host });
        return measureSource(source, targets, this.measureOptions());
      }),
    );
  }

  private measureOptions(): MeasureOptions {
    return {
      pings: this.request.pings,
      encrypted: this.request.network.encrypted,
      signal: this.stop.signal,
      logger: this.logger,
      results: this.book,
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
    return this.book.all().filter((pair) => this.isAsked(pair));
  }

  /** The whole matrix as far as it is known, also what an earlier run measured. */
  private matrix(): Matrix {
    const { only, previous } = this.request;
    const fresh = { hosts: [...this.rows.values()], pairs: this.asked() };
    return only && previous ? mergeMatrices(previous, fresh, only) : fresh;
  }

  private async diagnose(): Promise<VerificationReport['findings']> {
    const odd = pairsToCheckDeeply(this.asked(), (from, to) => this.book.hasLostFirst(from, to), this.request.depth);
    // What only large packets show is not red before they were tried.
    const isRed = this.concern().hosts.length > 0;
    if (!isRed) await this.lookInto(odd);
    if (this.concern().hosts.length === 0) return diagnose(this.matrix(), await factsOfHealthy(this.gatherContext()));
    this.stage('diagnosis', 'Looking for the cause');
    const [facts] = await Promise.all([
      gatherFacts(this.gatherContext(), this.concern()),
      isRed ? this.lookInto(odd) : undefined,
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

  private async lookInto(pairs: readonly PairResult[]): Promise<void> {
    if (pairs.length === 0) return;
    this.stage('diagnosis', `Trying full-size packets and TCP: ${pairs.length} pairs`);
    await checkDeeply(pairs, this.ready, this.measureOptions());
  }

  private gatherContext(): GatherContext {
    const rows = [...this.rows.values()];
    return {
      runId: this.identity.id,
      request: this.request,
      ready: this.ready,
      unresponsive: new Set(rows.flatMap((row) => (row.problem?.reason === 'requestTimeout' ? [row.host] : []))),
      esp: this.esp,
      ...(this.ports && { ports: this.ports }),
      signal: this.stop.signal,
      logger: this.logger,
    };
  }

  private async cleanUp(): Promise<VerificationReport['cleanUp']> {
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
    if (stage === 'cleanUp' || !this.stop.signal.aborted) this.onEvent({ kind: 'stage', stage, words });
  }
}

function rowOf({ host, nodeId, engineVersion }: ConnectedHost): ProbeHost {
  return { host, ...(nodeId && { nodeId }), ...(engineVersion && { engineVersion }) };
}
