import type { Memento } from '../../vscode/memento';

/** A network that is watched until a person says otherwise, also over a reload of the window. */
export interface KeptWatch {
  readonly clusterId: string;
  readonly networkId: string;
  /** For messages. */
  readonly name: string;
  readonly seconds: number;
  /** Epoch ms of about when it was last verified, or begun; unknown where an earlier version wrote it. */
  readonly at?: number;
}

const key = 'dockerOverlay.watched';
/** No window shows more panels; a bound on what a damaged memory may cost. */
const most = 50;

/** The watched networks as the workspace remembers them. */
export class WatchMemory {
  private watches: readonly KeptWatch[];

  constructor(private readonly memory: Memento) {
    const stored = memory.get(key);
    this.watches = Array.isArray(stored) ? stored.filter(isKeptWatch).slice(0, most) : [];
  }

  get all(): readonly KeptWatch[] {
    return this.watches;
  }

  keep(watch: KeptWatch): void {
    this.write([...this.watches.filter(({ networkId }) => networkId !== watch.networkId), watch]);
  }

  forget(networkId: string): void {
    const left = this.watches.filter((watch) => watch.networkId !== networkId);
    if (left.length < this.watches.length) this.write(left);
  }

  private write(watches: readonly KeptWatch[]): void {
    this.watches = watches;
    void this.memory.update(key, watches);
  }
}

/** What another version wrote otherwise is left out. */
function isKeptWatch(value: unknown): value is KeptWatch {
  if (typeof value !== 'object' || value === null) return false;
  const { clusterId, networkId, name, seconds, at } = value as Record<string, unknown>;
  const areTexts = [clusterId, networkId, name].every((text) => typeof text === 'string');
  const isTime = at === undefined || (typeof at === 'number' && Number.isFinite(at));
  return areTexts && isTime && typeof seconds === 'number' && seconds > 0;
}
