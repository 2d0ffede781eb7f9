import type { VerificationReport } from '../../model/matrix';
import type { Memory } from '../lastResults';
import { RunHistory } from './runHistory';
import { sizeOf, type StoredRun } from './storedRuns';

const key = 'dockerOverlay.runHistories';
/** VS Code writes an extension's memory whole at each change: of long histories only the newest runs are stored. */
export const mostStoredCharacters = 400_000;

/** The histories of the networks that are shown or watched, kept over a reload of the window. */
export class RunHistories {
  /** By network, the one that was verified last at the end. */
  private readonly histories = new Map<string, RunHistory>();

  constructor(private readonly memory: Memory) {
    const stored = memory.get(key);
    if (!Array.isArray(stored)) return;
    for (const entry of stored as readonly unknown[]) {
      if (!Array.isArray(entry)) continue;
      const [networkId, runs] = entry as readonly unknown[];
      if (typeof networkId === 'string' && Array.isArray(runs)) this.histories.set(networkId, new RunHistory(runs));
    }
  }

  get(networkId: string): RunHistory | undefined {
    return this.histories.get(networkId);
  }

  add(networkId: string, report: VerificationReport): void {
    const history = this.histories.get(networkId) ?? new RunHistory();
    history.add(report);
    this.histories.delete(networkId);
    this.histories.set(networkId, history);
    this.write();
  }

  forget(networkId: string): void {
    if (this.histories.delete(networkId)) this.write();
  }

  private write(): void {
    let left = mostStoredCharacters;
    const networks: [string, StoredRun[]][] = [];
    for (const [networkId, history] of [...this.histories].reverse()) {
      const runs: StoredRun[] = [];
      for (const run of history.toStored()) {
        left -= sizeOf(run);
        if (left < 0) break;
        runs.push(run);
      }
      networks.unshift([networkId, runs]);
    }
    void this.memory.update(key, networks);
  }
}
