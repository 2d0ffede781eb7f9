/** What a list shows of a network's last verification. */
export interface LastResult {
  /** Epoch ms of its end. */
  readonly at: number;
  readonly pairs: number;
  readonly reachable: number;
  /** Titles of the findings, for the tooltip. */
  readonly findings: readonly string[];
}
