import { DisposableStore, type Disposable } from '../../base/disposable';
import { Emitter, type Event } from '../../base/event';
import type { Logger } from '../../base/logger';
import type { Fleet } from '../../swarm/fleet';
import { ContextStore } from './contextStore';
import type { HostsService } from './hostsService';

/**
 * The Docker context store, followed from the moment somebody looks at hosts or their contexts, or one is connected:
 * before, its folders are neither read nor watched.
 */
export class LazyContexts implements Disposable {
  private readonly store = new DisposableStore();
  private readonly changed = this.store.add(new Emitter<void>());
  private isFollowed = false;

  constructor(
    private readonly fleet: Fleet,
    private readonly hosts: HostsService,
    private readonly logger: Logger,
  ) {
    this.store.add(hosts.onDidStart(() => this.follow()));
    this.store.add(fleet.onDidConnect(() => this.follow()));
  }

  /** Who listens looks at them. */
  readonly onDidChange: Event<void> = (listener) => {
    this.follow();
    return this.changed.event(listener);
  };

  dispose(): void {
    this.store.dispose();
  }

  private follow(): void {
    if (this.isFollowed) return;
    this.isFollowed = true;
    const { fleet, logger, hosts } = this;
    const contexts = this.store.add(new ContextStore(fleet, logger, (host) => hosts.connectQuietly(host)));
    this.store.add(contexts.onDidChange(() => this.changed.fire()));
  }
}
