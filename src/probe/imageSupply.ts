import { Readable } from 'node:stream';
import { describeError, isOverlayError, OverlayError } from '../base/errors';
import type { Logger } from '../base/logger';
import { Semaphore } from '../base/concurrency';
import { delay } from '../base/time';
import type { HostName } from '../model/host/host';
import { probeLimits } from './limits';
import { Holders } from './imageHolders';
import { isForeign, platformWords } from './platform';
import type { ConnectedHost } from './connectedHost';
import { bounded } from './bounded';

export interface ImageSupplyOptions {
  readonly image: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** Told when a host needs more than a look: "Pulling alpine:latest on node2". */
  readonly onWords: (words: string) => void;
  /** The same for one host, with how far a pull is: "pulling alpine:latest: 40 % (1 of 2 layers)". */
  readonly onHost?: (host: HostName, words: string) => void;
  /** Hosts that need no image themselves, but may have it. */
  readonly sources?: readonly ConnectedHost[];
}

/**
 * Sees to it that every host has the image: there already; else pulled; else (no registry in reach, as on many servers)
 * copied over the two engine links from a host of the same platform that has it. An image that is there is never replaced: it
 * is a person's, be it of another platform.
 */
export class ImageSupply {
  private readonly found = new Map<HostName, Promise<boolean>>();
  /** Resolves with whether the host has the image without help of another host; never rejects. */
  private readonly supplied = new Map<HostName, Promise<boolean>>();
  private readonly pullErrors = new Map<HostName, unknown>();
  // Each copy goes through this process: a few at a time keep the links free for the rest.
  private readonly copies = new Semaphore(4);
  /** By platform, those that had it from the start, and all that have come to have it. */
  private readonly having = new Map<string, { readonly found: Holders; readonly supplied: Holders }>();

  constructor(
    hosts: readonly ConnectedHost[],
    private readonly options: ImageSupplyOptions,
  ) {
    const sources = (options.sources ?? []).filter(isLinux);
    const targets = hosts.filter(isLinux);
    for (const host of [...targets, ...sources]) {
      const found = this.find(host);
      this.found.set(host.host, found);
      // One that could not be asked has nothing to give.
      this.havingAs(host)?.found.add(
        host,
        found.catch(() => false),
      );
    }
    for (const host of targets) this.supply(host, this.findOrPull(host));
    for (const host of sources) this.supply(host, this.isFound(host.host));
  }

  /**
   * Resolves once the host has the image.
   *
   * @throws imageMissing, imageOfAnotherPlatform, windowsLeftOut, or what the engine said.
   */
  async ensure(host: ConnectedHost): Promise<void> {
    if (!isLinux(host)) throw new OverlayError('windowsLeftOut', { host: host.host });
    if (await this.supplied.get(host.host)) return;
    // The look itself failed: the host does not answer, and so it will not take a copy either.
    await this.found.get(host.host);
    const pullError = this.pullErrors.get(host.host);
    if (isOverlayError(pullError, 'imageOfAnotherPlatform')) throw pullError;
    await this.copyFromAnother(host);
  }

  private supply(host: ConnectedHost, supplied: Promise<boolean>): void {
    this.supplied.set(host.host, supplied);
    this.havingAs(host)?.supplied.add(host, supplied);
  }

  /** Those of the platform of a host; of a host whose platform is not known nobody is. */
  private havingAs({ platform }: ConnectedHost) {
    if (!platform) return undefined;
    // As kernels call themselves: what is for an ARM of version 7 does not run on one of version 6.
    const key = `${platform.osType}/${platform.architecture}`;
    const having = this.having.get(key) ?? { found: new Holders(), supplied: new Holders() };
    this.having.set(key, having);
    return having;
  }

  /** @throws imageOfAnotherPlatform, or what the engine said. */
  private find({ host, engine, platform }: ConnectedHost): Promise<boolean> {
    const { image: name, signal } = this.options;
    return bounded({ host, what: 'look for the image', ms: probeLimits.find, signal }, async (options) => {
      const image = await engine.images.find(name, options);
      if (!image || !platform || !isForeign(image, platform)) return image !== undefined;
      const message = `it is for ${image.os}/${image.architecture}, and the host is ${platformWords(platform)}`;
      throw new OverlayError('imageOfAnotherPlatform', { host, name, message });
    });
  }

  private async findOrPull(host: ConnectedHost): Promise<boolean> {
    const { image, signal, logger, onWords, onHost } = this.options;
    try {
      if (await this.found.get(host.host)) return true;
      const another = this.havingAs(host)?.found.inOrder().next();
      const canCopy = await Promise.race([another?.then(({ done }) => !done), delay(1_000, signal).then(() => false)]);
      onWords(`Pulling ${image} on ${host.host}`);
      onHost?.(host.host, `pulling ${image}`);
      const onProgress = (share: number | undefined, layers: string) => {
        if (share !== undefined) onHost?.(host.host, `pulling ${image}: ${Math.round(share * 100)} % (${layers})`);
      };
      const ms = canCopy ? probeLimits.pullWithCopyAtHand : probeLimits.pull;
      await bounded({ host: host.host, what: `pull ${image}`, ms, signal }, (options) =>
        host.engine.images.pull(image, onProgress, options),
      );
      // A registry may have it for other machines only, and Docker then takes that.
      return await this.find(host);
    } catch (error) {
      this.pullErrors.set(host.host, error);
      logger.debug(`${host.host}: no ${image} of its own: ${describeError(error).happened}`);
      return false;
    }
  }

  /** A host that could not be asked has nothing to give. */
  private isFound(host: HostName): Promise<boolean> {
    return (this.found.get(host) ?? Promise.resolve(false)).catch(() => false);
  }

  private async copyFromAnother(host: ConnectedHost): Promise<void> {
    const { image, signal, logger, onWords, onHost } = this.options;
    let failure = this.pullErrors.get(host.host);
    for await (const source of this.havingAs(host)?.supplied.inOrder() ?? []) {
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

  private copy(source: ConnectedHost, target: ConnectedHost): Promise<void> {
    const { image, signal } = this.options;
    const bounds = { host: target.host, what: `copy ${image} from ${source.host}`, ms: probeLimits.copy, signal };
    return bounded(bounds, async (options) => {
      // Somebody may have pulled it while this one waited for its turn.
      if (await this.find(target)) return;
      const tar = await source.engine.images.save(image, options);
      try {
        await target.engine.images.load(tar, options);
      } finally {
        if (tar instanceof Readable) tar.destroy();
      }
      const loaded = await target.engine.images.find(image, options);
      if (!loaded) throw new OverlayError('imageMissing', { host: target.host, name: image });
    });
  }
}

/** The engine's own words about a failure, where there are any. */
function words(error: unknown): { message?: string } {
  return isOverlayError(error) && error.params.message ? { message: error.params.message } : {};
}

/** What we bring are Linux programs; a platform that is not known is most likely that. */
const isLinux = ({ platform }: ConnectedHost): boolean => platform?.osType !== 'windows';
