import { Readable } from 'node:stream';
import { describeError, isOverlayError, OverlayError } from '../base/errors';
import type { Logger } from '../base/logger';
import { Semaphore } from '../base/concurrency';
import { delay } from '../base/time';
import type { HostName } from '../model/host';
import { limits } from './limits';
import type { VerifyHost } from './verification';
import { within } from './within';

export interface ImageSupplyOptions {
  readonly image: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Told when a host needs more than a look: "Pulling alpine:latest on node2". */
  readonly onWords: (words: string) => void;
  /** The same for one host, with how far a pull is: "pulling alpine:latest: 40 % (1 of 2 layers)". */
  readonly onHost?: (host: HostName, words: string) => void;
  /** Hosts that need no image themselves, but may have it. */
  readonly sources?: readonly VerifyHost[];
}

/**
 * Sees to it that every host has the image: there already; else pulled; else (no registry in reach, as on many servers)
 * copied over the two engine links from a host that has it.
 */
export class ImageSupply {
  private readonly found = new Map<HostName, Promise<boolean>>();
  /** Resolves with whether the host has the image without help of another host; never rejects. */
  private readonly supplied = new Map<HostName, Promise<boolean>>();
  private readonly pullErrors = new Map<HostName, unknown>();
  // Each copy goes through this process: a few at a time keep the links free for the rest.
  private readonly copies = new Semaphore(4);
  private readonly all: readonly VerifyHost[];

  constructor(
    hosts: readonly VerifyHost[],
    private readonly options: ImageSupplyOptions,
  ) {
    const sources = options.sources ?? [];
    this.all = [...hosts, ...sources];
    for (const host of this.all) this.found.set(host.host, this.find(host));
    for (const host of hosts) this.supplied.set(host.host, this.findOrPull(host));
    for (const { host } of sources) this.supplied.set(host, this.isFound(host));
  }

  /** Resolves once the host has the image. @throws imageMissing, or what the engine said. */
  async ensure(host: VerifyHost): Promise<void> {
    if (await this.supplied.get(host.host)) return;
    // The look itself failed: the host does not answer, and so it will not take a copy either.
    await this.found.get(host.host);
    await this.copyFromAnother(host);
  }

  private find(host: VerifyHost): Promise<boolean> {
    const { image, signal } = this.options;
    const bounds = { host: host.host, what: 'look for the image', ms: limits.find, signal };
    return within(bounds, async (options) => (await host.engine.images.find(image, options)) !== undefined);
  }

  private async findOrPull(host: VerifyHost): Promise<boolean> {
    const { image, signal, logger, onWords, onHost } = this.options;
    try {
      if (await this.found.get(host.host)) return true;
      const canCopy = await Promise.race([this.anotherHasIt(host), delay(1_000, signal).then(() => false)]);
      onWords(`Pulling ${image} on ${host.host}`);
      onHost?.(host.host, `pulling ${image}`);
      const onProgress = (share: number | undefined, layers: string) => {
        if (share !== undefined) onHost?.(host.host, `pulling ${image}: ${Math.round(share * 100)} % (${layers})`);
      };
      const ms = canCopy ? limits.pullWithCopyAtHand : limits.pull;
      await within({ host: host.host, what: `pull ${image}`, ms, signal }, (options) =>
        host.engine.images.pull(image, onProgress, options),
      );
      return true;
    } catch (error) {
      this.pullErrors.set(host.host, error);
      logger.debug(`${host.host}: no ${image} of its own: ${describeError(error).happened}`);
      return false;
    }
  }

  private anotherHasIt(host: VerifyHost): Promise<boolean> {
    const others = this.all.filter((other) => other !== host);
    return anyTrue(others.map((other) => this.isFound(other.host)));
  }

  /** A host that could not be asked has nothing to give. */
  private isFound(host: HostName): Promise<boolean> {
    return (this.found.get(host) ?? Promise.resolve(false)).catch(() => false);
  }

  private async copyFromAnother(host: VerifyHost): Promise<void> {
    const { image, signal, logger, onWords, onHost } = this.options;
    let failure = this.pullErrors.get(host.host);
    const others = this.all.filter((other) => other !== host);
    const sources = others.map((other) =>
      (this.supplied.get(other.host) ?? Promise.resolve(false)).then((has) => has && other),
    );
    for await (const source of inOrderOfArrival(sources)) {
      if (!source) continue;
      try {
        await this.copies.run(async () => {
          onWords(`Copying ${image} from ${source.host} to ${host.host}`);
          onHost?.(host.host, `copying ${image} from ${source.host}`);
          await this.copy(source, host);
        });
        return;
      } catch (error) {
        if (signal.aborted) throw error;
        failure = error;
        logger.warn(`Copying ${image} from ${source.host} to ${host.host} failed: ${describeError(error).happened}`);
      }
    }
    throw new OverlayError('imageMissing', { host: host.host, name: image, ...words(failure) }, { cause: failure });
  }

  private copy(source: VerifyHost, target: VerifyHost): Promise<void> {
    const { image, signal } = this.options;
    const bounds = { host: target.host, what: `copy ${image} from ${source.host}`, ms: limits.copy, signal };
    return within(bounds, async (options) => {
      const tar = await source.engine.images.save(image, options);
      try {
        await target.engine.images.load(tar, options);
      } finally {
        if (tar instanceof Readable) tar.destroy();
      }
    });
  }
}

/** The engine's own words about a failure, where there are any. */
function words(error: unknown): { message?: string } {
  return isOverlayError(error) && error.params.message ? { message: error.params.message } : {};
}

/** Resolves true at the first that does, false once none did. */
async function anyTrue(promises: readonly Promise<boolean>[]): Promise<boolean> {
  for await (const value of inOrderOfArrival(promises)) {
    if (value) return true;
  }
  return false;
}

async function* inOrderOfArrival<T>(promises: readonly Promise<T>[]): AsyncGenerator<T> {
  const pending = new Map(promises.map((promise, index) => [index, promise.then((value) => ({ index, value }))]));
  while (pending.size > 0) {
    const { index, value } = await Promise.race(pending.values());
    pending.delete(index);
    yield value;
  }
}
