import { describeError, isOverlayError } from '../../base/errors';
import type { Logger } from '../../base/logger';
import type { HostName } from '../../model/host/host';
import type { EngineOf } from '../../swarm/askManager';
import type { ShellTarget } from './shellEnd';

const hangUpMs = 8_000;

/** Shells whose terminal is gone: ends them in their containers, those of a lost link once the host is back. */
export class Orphans {
  private readonly waiting = new Map<string, ShellTarget>();
  private readonly running = new Set<Promise<void>>();

  constructor(
    private readonly engineOf: EngineOf,
    private readonly logger: Logger,
  ) {}

  /** Ends it at once, or at the next connect of its host. */
  add(target: ShellTarget, mark: string): void {
    this.waiting.set(mark, target);
    this.track(this.hangUp(target, mark));
  }

  /** The host has just been connected. */
  connected(host: HostName): void {
    for (const [mark, target] of this.waiting) if (target.host === host) this.track(this.hangUp(target, mark));
  }

  /** Resolves once all that is under way is over. */
  async settled(): Promise<void> {
    await Promise.all(this.running);
  }

  private track(work: Promise<void>): void {
    const entry = work.finally(() => this.running.delete(entry));
    this.running.add(entry);
  }

  /** Never rejects: what fails is tried again at the next connect. */
  private async hangUp({ host, containerId, name }: ShellTarget, mark: string): Promise<void> {
    try {
      await this.engineOf(host).containers.hangUp(containerId, mark, { timeoutMs: hangUpMs });
      this.waiting.delete(mark);
    } catch (error) {
      if (!isOverlayError(error, 'notConnected'))
        this.logger.info(`${host}: the shell in ${name} was not ended yet: ${describeError(error).happened}`);
    }
  }
}
