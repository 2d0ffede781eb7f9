import { Emitter } from '../../base/event';
import type { Disposable } from '../../base/disposable';
import type { Memento } from '../vscode/memento';

const key = 'networks.otherDrivers';

/** Whether the Networks view shows networks of other drivers too; remembered for all windows to come. */
export class OtherDrivers implements Disposable {
  private readonly changed = new Emitter<boolean>();
  private isShown: boolean;
  readonly onDidChange = this.changed.event;

  constructor(private readonly memory: Memento) {
    this.isShown = memory.get(key) === true;
  }

  get shown(): boolean {
    return this.isShown;
  }

  async set(shown: boolean): Promise<void> {
    if (shown === this.isShown) return;
    this.isShown = shown;
    this.changed.fire(shown);
    await this.memory.update(key, shown);
  }

  dispose(): void {
    this.changed.dispose();
  }
}
