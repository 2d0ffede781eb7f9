import { isOverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host/host';
import type { Topology } from '../../model/swarm/topology';
import type { StepContext } from '../../swarm/plans/plan';
import type { EngineOf } from '../../swarm/askManager';
import { ImageSupply } from '../imageSupply';
import type { ConnectedHost } from '../connectedHost';

/** The supply of one run, and what became known of each host. */
interface Run {
  readonly supply: ImageSupply;
  /** The last words about a host that needs more than a look. */
  readonly words: Map<HostName, string>;
  readonly listeners: Map<HostName, (words: string) => void>;
}

/** The image for a plan's hosts: one supply for all of them; a plan that is continued later looks at everything anew. */
export class RunImages {
  /** By the signal of the run, which all its steps share. */
  private readonly runs = new WeakMap<AbortSignal, Run>();

  /** @param others hosts that need no image, but may have it. */
  constructor(
    private readonly image: string,
    private readonly hosts: readonly HostName[],
    private readonly others: readonly HostName[],
    private readonly engineOf: EngineOf,
    private readonly topology: Topology,
    private readonly logger: Logger,
  ) {}

  /** Resolves once the host has the image. @throws notConnected, or as {@link ImageSupply.ensure}. */
  async ensure(host: HostName, context: StepContext): Promise<'done' | 'alreadyDone'> {
    const target = this.target(host);
    const run = this.runOf(context.signal);
    const words = run.words.get(host);
    if (words !== undefined) context.report(words);
    run.listeners.set(host, (now) => context.report(now));
    await run.supply.ensure(target);
    return run.words.has(host) ? 'done' : 'alreadyDone';
  }

  private runOf(signal: AbortSignal): Run {
    const present = this.runs.get(signal);
    if (present) return present;
    const words: Run['words'] = new Map();
    const listeners: Run['listeners'] = new Map();
    const supply = new ImageSupply(this.connected(this.hosts), {
      image: this.image,
      signal,
      logger: this.logger,
      onWords: (text) => this.logger.info(text),
      onHost: (host, text) => {
        words.set(host, text);
        listeners.get(host)?.(text);
      },
      sources: this.connected(this.others),
    });
    const run = { supply, words, listeners };
    this.runs.set(signal, run);
    return run;
  }

  /** A host that is not connected (any more) has nothing to give, and its own step says so. */
  private connected(hosts: readonly HostName[]): ConnectedHost[] {
    return hosts.flatMap((host) => {
      try {
        return [this.target(host)];
      } catch (error) {
        if (isOverlayError(error, 'notConnected')) return [];
        throw error;
      }
    });
  }

  private target(host: HostName): ConnectedHost {
    const state = this.topology.hosts.find(({ config }) => config.name === host)?.state;
    const platform = state?.kind === 'ready' && state.snapshot.info;
    return { host, engine: this.engineOf(host), ...(platform && { platform }) };
  }
}
