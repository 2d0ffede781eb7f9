import { setMaxListeners } from 'node:events';
import { describeError, OverlayError, toOverlayError, type Reason } from '../base/errors';
import type { Logger } from '../base/logger';
import type { HostName } from '../model/host';
import { summarise, verdictOf, type ProbeHost, type VerificationReport } from '../model/matrix';
import { diagnose } from './diagnose';
import { gatherFacts } from './gatherFacts';
import { ImageSupply } from './imageSupply';
import { limits } from './limits';
import { measureSource } from './measure';
import { newRun, type RunIdentity } from './names';
import { PairBook } from './pairBook';
import { Probe, type ReadyProbe } from './probe';
import type { RunVerification, VerifyEvent, VerifyHost, VerifyRequest } from './verification';
import { runInWaves, type Wave } from './waves';

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
  private readonly startedAt = Date.now();
  private readonly identity: RunIdentity;
  private readonly rows = new Map<HostName, ProbeHost>();
  private readonly esp = new Map<HostName, boolean>();
  private readonly probes: readonly Probe[];
  private readonly book: PairBook;
  private readonly stop = new AbortController();
  private ready: readonly ReadyProbe[] = [];
  private started = 0;

  constructor(
    private readonly request: VerifyRequest,
    private readonly onEvent: (event: VerifyEvent) => void,
    private readonly logger: Logger,
    private readonly outer: AbortSignal | undefined,
  ) {
    const { network, owner, image } = request;
    const hosts = request.hosts.map((one) => one.host);
    this.identity = newRun(network, hosts, owner, this.startedAt);
    // Each host listens to it several times at once; that is no leak.
    setMaxListeners(0, this.stop.signal);
    this.book = new PairBook(hosts, (pair) => onEvent({ kind: 'pair', pair }));
    const context = { run: this.identity, network, image, signal: this.stop.signal, logger };
    this.probes = request.hosts.map((one) => new Probe(one, context));
    for (const one of request.hosts) this.rows.set(one.host, rowOf(one));
  }

  async toEnd(): Promise<VerificationReport> {
    const onAbort = () => this.stop.abort(this.outer?.reason);
    if (this.outer?.aborted) onAbort();
    this.outer?.addEventListener('abort', onAbort, { once: true });
    this.onEvent({ kind: 'started', id: this.identity.id, hosts: this.request.hosts.map((one) => one.host) });
    try {
      return await this.measureAndReport();
    } finally {
      this.outer?.removeEventListener('abort', onAbort);
    }
  }

  private async measureAndReport(): Promise<VerificationReport> {
    let error: OverlayError | undefined;
    let findings: VerificationReport['findings'] = [];
    let programmingError: Error | undefined;
    try {
      error = this.refusal() ?? (await this.measure());
      if (!error) findings = await this.diagnose();
    } catch (thrown) {
      if (!this.stop.signal.aborted) programmingError = thrown instanceof Error ? thrown : new Error(String(thrown));
    }
    const isCancelled = this.stop.signal.aborted;
    // Whatever is still starting ends now; what it created is removed below.
    this.stop.abort();
    const cleanUp = await this.cleanUp();
    if (programmingError) throw programmingError;
    return this.report(isCancelled ? 'cancelled' : error ? 'failed' : 'finished', { error, findings, cleanUp });
  }

  /** What makes a verification pointless before it has begun. */
  private refusal(): OverlayError | undefined {
    const { network, hosts } = this.request;
    if (!network.attachable) return new OverlayError('verifyNotAttachable', { name: network.name });
    if (hosts.length < 2) return new OverlayError('verifyTooFewHosts', { name: network.name });
    return undefined;
  }

  /** @returns why the verification as a whole failed. @throws when it was aborted. */
  private async measure(): Promise<OverlayError | undefined> {
    const { image, hosts } = this.request;
    const { signal } = this.stop;
    this.stage('image', `Looking for ${image} on ${hosts.length} hosts`);
    const onWords = (words: string) => this.stage('image', words);
    const images = new ImageSupply(hosts, { image, signal, logger: this.logger, onWords });
    const starts = hosts.map((host, index) => this.startProbe(host, this.probes[index] as Probe, images));
    this.ready = await runInWaves(starts, limits.stragglerGrace, signal, (wave) => this.runWave(wave, 'Pinging'));
    if (this.ready.length < 2) return this.tooFewHosts();
    await this.checkRedAgain();
    return undefined;
  }

  /**
   * Tries pairs without answer once more before anybody is blamed: in a fresh or busy swarm gossip takes its time. As
   * long as that turns some of them green it is done again. Lossy pairs stay as they are: a second try would hide it.
   */
  private async checkRedAgain(): Promise<void> {
    for (let round = 0, last = Infinity; round < limits.rechecks; round += 1) {
      const red = this.book.all().filter((pair) => ['dead', 'nameOnly'].includes(verdictOf(pair)));
      if (red.length === 0 || red.length >= last) return;
      last = red.length;
      const wave = this.ready.flatMap((source) => {
        const targets = this.ready.filter((target) =>
          red.some((pair) => pair.from === source.host && pair.to === target.host),
        );
        return targets.length > 0 ? [{ source, targets }] : [];
      });
      await this.runWave(wave, 'Checking again');
    }
  }

  /** One host's way to a container with an address; failing is a row. Never rejects. */
  private async startProbe(host: VerifyHost, probe: Probe, images: ImageSupply): Promise<ReadyProbe | undefined> {
    try {
      await images.ensure(host);
      this.stage('containers', `Starting test containers: ${this.started} of ${this.probes.length} ready`);
      const ready = await probe.start();
      this.started += 1;
      this.stage('containers', `Starting test containers: ${this.started} of ${this.probes.length} ready`);
      this.updateRow(host.host, {
        containerName: ready.containerName,
        address: ready.address.ipv4 || ready.address.ipv6,
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

  private async runWave(wave: readonly Wave<ReadyProbe>[], verb: string): Promise<void> {
    const { signal } = this.stop;
    const pairs = wave.reduce((sum, one) => sum + one.targets.length, 0);
    this.stage('pings', `${verb}: ${pairs} pairs`);
    const options = {
      pings: this.request.pings,
      encrypted: this.request.network.encrypted,
      signal,
      logger: this.logger,
      book: this.book,
      onEsp: (host: HostName, available: boolean) => this.esp.set(host, available),
      onUnresponsive: (host: HostName) => this.probes.find((probe) => probe.host === host)?.markUnresponsive(),
    };
    await Promise.all(
      wave.map(({ source, targets }) => {
        this.onEvent({ kind: 'sourceStarted', from: source.host });
        return measureSource(source, targets, options);
      }),
    );
  }

  /** Fewer than two took part: the common cause when there is one, for it says more. */
  private tooFewHosts(): OverlayError {
    const { name } = this.request.network;
    const problems = [...this.rows.values()].flatMap((row) =>
      row.problem ? [{ host: row.host, ...row.problem }] : [],
    );
    const telling: readonly Reason[] = ['networkNotFound', 'verifyNotAttachable', 'imageMissing'];
    const common = telling.find((reason) => problems.every((problem) => problem.reason === reason));
    const message = `${this.ready.length} of ${this.probes.length} test containers could be started; ${problems[0]?.happened ?? ''}`;
    if (common === undefined) return new OverlayError('verifyTooFewHosts', { name, message });
    if (common === 'imageMissing') return new OverlayError(common, { name: this.request.image });
    return new OverlayError(common, { name });
  }

  private async diagnose(): Promise<VerificationReport['findings']> {
    const pairs = this.book.all();
    const matrix = { hosts: [...this.rows.values()], pairs };
    if (pairs.every((pair) => verdictOf(pair) === 'reachable')) return [];
    this.stage('diagnosis', 'Looking for the cause');
    const facts = await gatherFacts(this.request, this.ready, this.esp, this.stop.signal, this.logger);
    return diagnose(matrix, facts);
  }

  private async cleanUp(): Promise<VerificationReport['cleanUp']> {
    this.stage('cleanUp', 'Removing test containers');
    const removals = await Promise.all(this.probes.map((probe) => probe.remove()));
    return {
      removed: removals.reduce((sum, removal) => sum + removal.removed, 0),
      left: removals.flatMap((removal) => removal.left),
    };
  }

  private report(
    outcome: VerificationReport['outcome'],
    parts: { error?: OverlayError | undefined } & Pick<VerificationReport, 'findings' | 'cleanUp'>,
  ): VerificationReport {
    const { clusterId, network, pings } = this.request;
    const { error, findings, cleanUp } = parts;
    const pairs = this.book.all();
    return {
      schema: 'docker-overlay/verification@1',
      id: this.identity.id,
      startedAt: new Date(this.startedAt).toISOString(),
      durationMs: Date.now() - this.startedAt,
      outcome,
      ...(error && outcome === 'failed' && { error: wordsOf(error) }),
      clusterId,
      network: {
        id: network.id,
        name: network.name,
        encrypted: network.encrypted,
        subnets: network.subnets.map((subnet) => subnet.subnet),
      },
      hosts: [...this.rows.values()],
      pings,
      pairs,
      summary: summarise(this.rows.size, pairs),
      findings,
      cleanUp,
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

function rowOf({ host, nodeId, engineVersion }: VerifyHost): ProbeHost {
  return { host, ...(nodeId && { nodeId }), ...(engineVersion && { engineVersion }) };
}

function wordsOf(error: OverlayError): NonNullable<VerificationReport['error']> {
  const { title, happened, remedy } = describeError(error);
  return { reason: error.reason, title, happened, remedy };
}
