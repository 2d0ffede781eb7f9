import { toDisposable, type Disposable } from '../base/disposable';

/** Run labels of what this window is using now beside verifications: the reaper leaves it alone. */
export class ActiveRuns {
  private readonly ids = new Set<string>();

  add(runIds: readonly string[]): Disposable {
    for (const id of runIds) this.ids.add(id);
    return toDisposable(() => runIds.forEach((id) => this.ids.delete(id)));
  }

  has(runId: string): boolean {
    return this.ids.has(runId);
  }
}
