import { Emitter } from '../../base/event';
import type { Disposable } from '../../base/disposable';
import { parseFilter, type HostFilter } from './tree/hostFilter';

/** The filter of the Hosts view; of this window, and gone with it. */
export class HostsFilter implements Disposable {
  private readonly changed = new Emitter<HostFilter | undefined>();
  private filter: HostFilter | undefined;
  readonly onDidChange = this.changed.event;

  /** Undefined when all hosts are shown. */
  get current(): HostFilter | undefined {
    return this.filter;
  }

  /** @param text as typed; empty for all hosts */
  set(text: string): void {
    const next = parseFilter(text);
    if (next?.text === this.filter?.text) return;
    this.filter = next;
    this.changed.fire(next);
  }

  dispose(): void {
    this.changed.dispose();
  }
}
