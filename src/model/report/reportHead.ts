/** What all reports begin with: of a verification, of a proof, of a twin test. */
export interface ReportHead {
  /** Value of the run label on what was made for it. */
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly outcome: 'finished' | 'cancelled' | 'failed';
  /** Why, when it failed as a whole. */
  readonly error?: ReportError;
  readonly clusterId: string;
  readonly cleanUp: {
    /** How many containers, or networks in a twin test, were removed. */
    readonly removed: number;
    /** Names, most with their hosts, of what could not be removed now; the reaper takes it later. */
    readonly left: readonly string[];
  };
}

/** An error in the words a person reads. */
export interface ReportError {
  /** Reason of the catalogue, e.g. "imageMissing". */
  readonly reason: string;
  readonly title: string;
  readonly happened: string;
  readonly remedy: string;
}
