import { toDisposable, type Disposable } from '../base/disposable';
import { mainRunOf } from '../probe/names';

/** Run labels of what this window is using now: the reaper leaves it alone. */
export class ActiveRuns {
  private readonly ids = new Set<string>();

  add(runIds: readonly string[]): Disposable {
    for (const id of runIds) this.ids.add(id);
    return toDisposable(() => runIds.forEach((id) => this.ids.delete(id)));
  }

  /** Whether the run of a label is under way; helpers of a run have labels of their own. */
  has(label: string): boolean {
    return this.ids.has(label) || this.ids.has(mainRunOf(label));
  }
}
