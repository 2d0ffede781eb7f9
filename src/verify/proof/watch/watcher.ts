import { describeError, isOverlayError, OverlayError } from '../../../base/errors';
import type { HostName } from '../../../model/host/host';
import { withHelper, type HelperTask } from '../../../probe/helperContainer';
import type { ImageSupply } from '../../../probe/imageSupply';
import type { ConnectedHost } from '../../../probe/connectedHost';
import { parseAddresses, parseAssociations } from './associations';
import { CaptureReader } from './capture';
import { parseEsp } from '../../scriptParts/esp';
import { proofLimits } from '../../limits';
import { stopScript, watchScript, type WatchTarget } from './script';
import type { HostWatch } from './packetCounts';
import { blind, watchOnHost } from './watchOnHost';

/** What came of watching a host. */
export type WatchResult =
  | { readonly kind: 'watched'; readonly watch: HostWatch }
  | { readonly kind: 'failed'; readonly host: HostName; readonly problem: string };

/** Looks at what passes on one host's own network, from {@link Watcher.start} to {@link Watcher.finish}. */
export class Watcher {
  private readonly reader = new CaptureReader();
  private readonly lines: Record<'a' | 'x', string[]> = { a: [], x: [] };
  private clock: string | undefined;
  private esp = '';
  private refusal: string | undefined;
  private isPartial = false;
  private toldAssociations = false;
  private started = false;
  private readonly listening = deferred();
  private readonly toFinish = deferred();
  private readonly result: Promise<WatchResult>;

  constructor(
    readonly target: ConnectedHost,
    readonly task: HelperTask,
    images: ImageSupply,
    what: Promise<WatchTarget>,
  ) {
    this.result = this.watch(images, what).catch((error: unknown) => this.failure(error));
    // Whoever waits for it to listen must also hear that it never will.
    void this.result.finally(() => this.listening.resolve());
  }

  /** Whether its container has been there. */
  get hasStarted(): boolean {
    return this.started;
  }

  /** Resolves once nothing is missed any more, or it is known that the host cannot be watched. Never rejects. */
  start(): Promise<void> {
    return this.listening.promise;
  }

  /** Ends the watch and tells what was seen; its container is gone then. Never rejects. */
  finish(): Promise<WatchResult> {
    this.toFinish.resolve();
    return this.result;
  }

  private async watch(images: ImageSupply, what: Promise<WatchTarget>): Promise<WatchResult> {
    const { runCommand } = this.target;
    const missing = images.ensure(this.target).then(
      () => false,
      (error: unknown) => {
        if (runCommand && isOverlayError(error, 'imageMissing')) return true;
        throw error;
      },
    );
    const [target, isMissing] = await Promise.all([what, missing]);
    if (!runCommand || !isMissing) {
      await this.watchInHelper(target);
      return this.read('helper');
    }
    let isAsked = false;
    void this.toFinish.promise.then(() => (isAsked = true));
    await watchOnHost(runCommand, {
      target: this.target,
      task: this.task,
      what: target,
      onLine: (line) => this.take(line),
      until: this.toFinish.promise,
    });
    if (!isAsked) this.isPartial = true;
    return this.read('ssh');
  }

  private async watchInHelper(target: WatchTarget): Promise<void> {
    const capabilities = ['NET_ADMIN', 'NET_RAW'];
    await withHelper(this.target, this.task, { capabilities }, async (helper) => {
      this.started = true;
      const watching = helper.run(watchScript(target), (line) => this.take(line), proofLimits.watch);
      const isOver = watching.then(
        () => true,
        () => true,
      );
      const asked = this.toFinish.promise.then(() => false);
      if (await Promise.race([isOver, asked])) this.isPartial = true;
      else await helper.run(stopScript, () => undefined, proofLimits.stop);
      await watching;
    });
  }

  private read(by: HostWatch['by']): WatchResult {
    const { host } = this.target;
    this.reader.end();
    if (!this.listening.isResolved) {
      const why = this.refusal ?? this.reader.messages.at(-1) ?? 'tcpdump ended at once';
      if (by === 'ssh') throw blind(this, why);
      throw new OverlayError('probeFailed', { host, message: `${this.task.image}: ${why}` });
    }
    const kernelHasEsp = parseEsp(this.esp);
    const watch: HostWatch = {
      host,
      by,
      addresses: parseAddresses(this.lines.a),
      packets: this.reader.packets,
      ...(this.toldAssociations && { associations: parseAssociations(this.lines.x, this.clock) }),
      isPartial: this.isPartial,
      ...(kernelHasEsp !== undefined && { kernelHasEsp }),
    };
    return { kind: 'watched', watch };
  }

  private take(line: string): void {
    const ours = /^@([akxyt!]) ?(.*)$/.exec(line);
    if (!ours) {
      const news = this.reader.push(line);
      if (news?.kind === 'listening') this.listening.resolve();
      if (news?.kind === 'dropped' && news.packets > 0) this.isPartial = true;
      if (news?.kind === 'captured' && news.packets >= proofLimits.packets) this.isPartial = true;
      return;
    }
    const [, kind, text = ''] = ours;
    if ((kind === 'a' || kind === 'x') && this.lines[kind].length < proofLimits.lines) this.lines[kind].push(text);
    if (kind === 'k') this.esp = text;
    if (kind === 'y') this.toldAssociations = true;
    if (kind === 't') this.clock = text;
    if (kind === '!') this.refusal = text.slice(0, 300);
  }

  private failure(error: unknown): WatchResult {
    const { host } = this.target;
    const { happened } = describeError(error);
    if (!isOverlayError(error)) this.task.logger.error(`${host}: watching`, error);
    else if (error.reason !== 'cancelled') this.task.logger.warn(`${host} is not watched: ${happened}`);
    return { kind: 'failed', host, problem: happened };
  }
}

interface Deferred {
  readonly promise: Promise<void>;
  readonly isResolved: boolean;
  resolve(): void;
}

function deferred(): Deferred {
  let settle = () => {};
  let isResolved = false;
  const promise = new Promise<void>((resolve) => (settle = resolve));
  return {
    promise,
    get isResolved() {
      return isResolved;
    },
    resolve() {
      isResolved = true;
      settle();
    },
  };
}
