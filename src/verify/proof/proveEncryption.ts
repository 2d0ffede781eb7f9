import { describeError, OverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import { delay } from '../../base/time';
import type { HostName } from '../../model/host/host';
import type { ProofReport } from '../../model/report/proof';
import { newRunId } from '../../probe/names';
import { ImageSupply } from '../../probe/imageSupply';
import { probeLimits } from '../../probe/limits';
import { newRun } from '../../probe/names';
import { addressOf, Probe, type ReadyProbe, type Removal } from '../../probe/probe';
import { removeRun } from '../../probe/reaper';
import { refusePointless } from '../refusals';
import { runToEnd, type Run } from '../runToEnd';
import { bounded } from '../../probe/bounded';
import { concludeProof } from './conclude';
import { proofLimits } from '../limits';
import type { ProofEvent, ProofFindings, ProofRequest } from './proof';
import type { WatchTarget } from './watch/script';
import { sizedPairs } from './packetSizes';
import { sendTraffic, type PairPings } from './traffic';
import { defaultDataPathPort, parseVxlanIds } from '../../model/network/vxlan';
import { Watcher, type WatchResult } from './watch/watcher';

/**
 * Watches the network between the hosts while test containers exchange echo requests in an overlay network, and says of
 * each ordered pair whether its packets travel encrypted.
 *
 * Never rejects for what a network or host does: that is in the report. Aborting the signal ends it early with outcome
 * `cancelled`, after the clean-up.
 */
export async function proveEncryption(
  request: ProofRequest,
  options: { signal?: AbortSignal; onEvent: (event: ProofEvent) => void; logger: Logger },
): Promise<ProofReport> {
  const { signal, logger, onEvent } = options;
  const { run, head } = await runToEnd({ signal, logger }, (inner) => new ProofRun(request, onEvent, logger, inner));
  return concludeProof(request, head, run.found);
}

const nothingFound: ProofFindings = {
  watches: [],
  problems: new Map(),
  probes: new Map(),
  pings: new Map(),
  vnis: [],
};

/** The state of one proof from start to report. */
class ProofRun implements Run {
  readonly id: string;
  readonly clusterId: string;
  found = nothingFound;
  private readonly helperRun = newRunId();
  private readonly probes: readonly Probe[];
  private readonly problems = new Map<HostName, string>();
  private watchers: readonly Watcher[] = [];

  constructor(
    private readonly request: ProofRequest,
    private readonly onEvent: (event: ProofEvent) => void,
    private readonly logger: Logger,
    private readonly signal: AbortSignal,
  ) {
    const { network, hosts, owner, image, clusterId } = request;
    const names = hosts.map(({ host }) => host);
    const run = newRun(network, names, owner);
    this.id = run.id;
    this.clusterId = clusterId;
    const context = { run, network, image, signal, logger };
    this.probes = hosts.map((host) => new Probe(host, context));
  }

  async work(): Promise<void> {
    this.onEvent({ kind: 'started', runIds: [this.id, this.helperRun] });
    refusePointless(this.request);
    this.found = await this.prove();
    if (this.found.probes.size < 2) throw this.tooFewHosts();
  }

  private tooFewHosts(): OverlayError {
    const [problem] = this.problems.values();
    const message = problem ?? 'too few test containers could be started';
    return new OverlayError('verifyTooFewHosts', { name: this.request.network.name, message });
  }

  /** @throws when it was aborted. */
  private async prove(): Promise<ProofFindings> {
    const { hosts } = this.request;
    const { signal } = this;
    this.stage(`Starting test containers and helpers on ${hosts.length} hosts`);
    const starting = this.startProbes();
    const target = starting.then((ready) => this.learnTarget(ready));
    target.catch(() => undefined);
    this.watchers = this.startWatchers(target);
    const { watchers } = this;
    const ready = await starting;
    const { vnis } = await target.catch(() => ({ vnis: [] }));
    await Promise.race([Promise.all(watchers.map((watcher) => watcher.start())), aborted(signal)]);
    const pings = ready.length > 1 ? await this.exchange(ready) : new Map<HostName, PairPings[]>();
    await delay(proofLimits.settle, signal);
    this.stage('Reading what was seen');
    const results = await Promise.race([Promise.all(watchers.map((watcher) => watcher.finish())), aborted(signal)]);
    return {
      watches: results.flatMap((result) => (result.kind === 'watched' ? [result.watch] : [])),
      problems: this.allProblems(results),
      probes: new Map(ready.map((probe) => [probe.host, addressOf(probe)])),
      pings,
      vnis,
    };
  }

  private async startProbes(): Promise<ReadyProbe[]> {
    const { hosts, image } = this.request;
    const { signal } = this;
    const images = this.imageSupply(image);
    const starts = hosts.map(async (host, index) => {
      try {
        await images.ensure(host);
        return [await (this.probes[index] as Probe).start()];
      } catch (error) {
        if (signal.aborted) throw error;
        this.problems.set(host.host, describeError(error).happened);
        return [];
      }
    });
    return (await Promise.all(starts)).flat();
  }

  private startWatchers(target: Promise<WatchTarget>): Watcher[] {
    const { hosts, helperImage, owner } = this.request;
    const images = this.imageSupply(helperImage);
    const task = {
      runId: this.helperRun,
      owner,
      image: helperImage,
      signal: this.signal,
      logger: this.logger,
    };
    return hosts.map((host) => new Watcher(host, task, images, target));
  }

  private imageSupply(image: string): ImageSupply {
    const onWords = (words: string) => this.stage(words);
    return new ImageSupply(this.request.hosts, { image, signal: this.signal, logger: this.logger, onWords });
  }

  /** The network's identifiers on the wire: told by whoever uses the network, and by managers always. */
  private async learnTarget(ready: readonly ReadyProbe[]): Promise<WatchTarget> {
    const { network, facts } = this.request;
    const dataPathPort = facts?.dataPathPort ?? defaultDataPathPort;
    const known = parseVxlanIds(network.options);
    if (known.length > 0) return { vnis: known, dataPathPort };
    for (const { host, engine } of ready) {
      const bounds = { host, what: 'inspect the network', ms: probeLimits.inspect, signal: this.signal };
      const details = await bounded(bounds, (options) => engine.networks.inspect(network.id, options));
      const vnis = parseVxlanIds(details.options);
      if (vnis.length > 0) return { vnis, dataPathPort };
    }
    throw new OverlayError('probeFailed', { message: `no host tells the VXLAN identifier of ${network.name}` });
  }

  private async exchange(ready: readonly ReadyProbe[]): Promise<Map<HostName, PairPings[]>> {
    const { signal } = this;
    const pairs = sizedPairs(this.request.hosts.map(({ host }) => host));
    const pings = Math.min(Math.max(Math.trunc(this.request.pings), 1), 20);
    this.stage(`Exchanging packets between ${ready.length} hosts`);
    const sent = ready.map(async (source) => {
      const targets = ready.flatMap((probe) => {
        const pair = pairs.find(({ from, to }) => from === source.host && to === probe.host);
        return pair ? [{ probe, pair }] : [];
      });
      return [source.host, await sendTraffic(source, targets, { pings, signal, logger: this.logger })] as const;
    });
    return new Map(await Promise.all(sent));
  }

  private allProblems(results: readonly WatchResult[]): Map<HostName, string> {
    const failed = results.flatMap((result) =>
      result.kind === 'failed' ? [[result.host, result.problem] as const] : [],
    );
    return new Map([...failed, ...this.problems]);
  }

  async cleanUp(): Promise<ProofReport['cleanUp']> {
    this.onEvent({ kind: 'stage', words: 'Removing test containers and helpers' });
    const removals = await Promise.all([
      ...this.probes.map((probe) => probe.remove()),
      ...this.watchers.map((watcher) => this.removeHelper(watcher)),
    ]);
    return {
      removed: removals.reduce((sum, removal) => sum + removal.removed, 0),
      left: removals.flatMap((removal) => removal.left),
    };
  }

  /** A watcher removes its own container when it ends; this looks once more. Never rejects. */
  private async removeHelper(watcher: Watcher): Promise<Removal> {
    const { host, engine } = watcher.target;
    await watcher.finish();
    try {
      await bounded({ host, what: 'remove the helper container', ms: probeLimits.removal }, (options) =>
        removeRun(engine, this.helperRun, options),
      );
      return { removed: watcher.hasStarted ? 1 : 0, left: [] };
    } catch (error) {
      this.logger.warn(`${host}: helper container not removed: ${describeError(error).happened}`);
      return { removed: 0, left: watcher.hasStarted ? [`helper on ${host}`] : [] };
    }
  }

  private stage(words: string): void {
    if (!this.signal.aborted) this.onEvent({ kind: 'stage', words });
  }
}

/** Rejects when the signal aborts: for waits that do not listen to it themselves. */
function aborted(signal: AbortSignal): Promise<never> {
  return delay(2 ** 30, signal).then(() => aborted(signal));
}
