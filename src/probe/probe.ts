import { describeError, isOverlayError, OverlayError, toOverlayError } from '../base/errors';
import type { Logger } from '../base/logger';
import type { ContainerCreateRequest, RequestOptions } from '../engine/api';
import type { Network } from '../model/engine/records';
import type { HostName } from '../model/host/host';
import { containerLimits, probeLimits } from './limits';
import { secondName, type RunIdentity } from './names';
import { removeRun } from './reaper';
import type { RunningContainer } from './runScript';
import { createContainer, sleepCommand, startAttached, waitForAddress } from './startContainer';
import type { ConnectedHost } from './connectedHost';
import { bounded } from './bounded';

/** Where a probe is reached in the network; either family may be missing. */
export interface ProbeAddress {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** What all probes of a run share. */
export interface ProbeContext {
  readonly run: RunIdentity;
  readonly network: Network;
  readonly image: string;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}

/** A probe that is up and has its address. */
export interface ReadyProbe extends RunningContainer {
  readonly containerName: string;
  readonly address: ProbeAddress;
}

/** By which a probe is reached in the network. */
export const addressOf = ({ address }: ReadyProbe): string => address.ipv4 || address.ipv6;

/** What the clean-up of one host did. */
export interface Removal {
  readonly removed: number;
  /** `container on host` */
  readonly left: readonly string[];
}

/** One host's test container, from creation to removal. */
export class Probe {
  readonly host: HostName;
  /** Every creation that was asked for; an answer may be lost while the engine goes on with it. */
  private readonly creations: { readonly name: string; readonly id: Promise<string> }[] = [];
  private isUnresponsive = false;

  constructor(
    private readonly target: ConnectedHost,
    private readonly context: ProbeContext,
  ) {
    this.host = target.host;
  }

  /**
   * Creates and starts the container, attached to the network, and learns its address.
   *
   * @throws OverlayError: what the engine refused, `probeAttachTimeout`, `requestTimeout`, `cancelled`.
   */
  async start(): Promise<ReadyProbe> {
    const name = this.context.run.containerNames.get(this.host) ?? this.host;
    try {
      return await this.startOnce(name);
    } catch (error) {
      // Attaching needs the swarm's managers; a fresh or encrypted network is often there at the second try. In networks with
      // IPv6, 20.10 now and then says "Address already in use" when several hosts attach at the same time.
      const isWorthATry = isOverlayError(error, 'probeAttachTimeout') || isOverlayError(error, 'engineError');
      if (!isWorthATry || this.context.signal.aborted) throw error;
      this.context.logger.info(`${this.host}: trying once more: ${describeError(error).happened}`);
      return this.startOnce(secondName(name));
    }
  }

  private async startOnce(containerName: string): Promise<ReadyProbe> {
    const { target, host, context } = this;
    const { signal } = context;
    const id = createContainer(target, this.requestFor(containerName), creating);
    this.creations.push({ name: containerName, id });
    const containerId = await bounded({ host, what: creating, ms: probeLimits.create, signal }, () => id);
    await startAttached(target, containerId, 'start the test container', context);
    const { ipv4, ipv6 } = await waitForAddress(
      target,
      containerId,
      'inspect the test container',
      context,
      (details) => {
        const message = details.error || `it ended with exit code ${details.exitCode}`;
        return new OverlayError('probeFailed', { host, message });
      },
    );
    return { host, engine: target.engine, containerId, containerName, address: { ipv4, ipv6 } };
  }

  private requestFor(name: string): ContainerCreateRequest {
    const { run, network, image } = this.context;
    return {
      name,
      image,
      network: network.id,
      command: sleepCommand(Math.ceil(probeLimits.run / 1000)),
      labels: run.labels,
      memoryLimit: containerLimits.memory,
      pidsLimit: containerLimits.pids,
      autoRemove: true,
    };
  }

  /** The host left a request without answer: its clean-up gets less time. */
  markUnresponsive(): void {
    this.isUnresponsive = true;
  }

  /** Removes what was created, also what was created without our hearing of it. Never rejects. */
  async remove(): Promise<Removal> {
    if (this.creations.length === 0) return { removed: 0, left: [] };
    // Each has its own deadline; a creation still under way would outlive a removal that does not wait for it.
    const settled = await Promise.allSettled(this.creations.map((creation) => creation.id));
    const ids = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const ms = this.isUnresponsive ? probeLimits.removalUnresponsive : probeLimits.removal;
    try {
      const removed = await bounded({ host: this.host, what: 'remove the test container', ms }, (options) =>
        this.removeAll(ids, ids.length === settled.length, options),
      );
      return { removed, left: [] };
    } catch (error) {
      this.context.logger.warn(`${this.host}: test container not removed: ${describeError(error).happened}`);
      return { removed: 0, left: this.creations.map((creation) => `${creation.name} on ${this.host}`) };
    }
  }

  private async removeAll(ids: readonly string[], isAllKnown: boolean, options: RequestOptions): Promise<number> {
    const { engine } = this.target;
    if (isAllKnown && (await this.removeKnown(ids, options))) return ids.length;
    const removed = await removeRun(engine, this.context.run.id, options);
    return isAllKnown ? ids.length : removed.length;
  }

  private async removeKnown(ids: readonly string[], options: RequestOptions): Promise<boolean> {
    const results = await Promise.allSettled(ids.map((id) => this.target.engine.containers.remove(id, options)));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) this.context.logger.debug(`${this.host}: ${toOverlayError(failed.reason).message}`);
    return failed === undefined;
  }
}

const creating = 'create the test container';
