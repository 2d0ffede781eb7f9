import type { contextKeys } from '../contributions';

export type ContextKey = (typeof contextKeys)[keyof typeof contextKeys];

/** Sets only what changed: each `setContext` makes VS Code look at all menus again. */
export class ContextKeys {
  private readonly last = new Map<string, boolean>();

  constructor(private readonly set: (key: string, value: boolean) => void) {}

  update(values: Partial<Record<ContextKey, boolean>>): void {
    for (const [key, value] of Object.entries(values)) {
      if (this.last.get(key) === value) continue;
      this.last.set(key, value);
      this.set(key, value);
    }
  }
}
