import { describeError, type ErrorDescription } from '../../../base/errors';
import { connectStages, type ConnectStage, type StageReport } from '../../../model/host/connectStage';

/** What a test goes through: the stages of connecting, then what the engine says about itself. */
export const testStages = [...connectStages, 'engineVersion', 'swarm'] as const;
export type TestStage = ConnectStage | 'engineVersion' | 'swarm';

export type StageOutcome = 'passed' | 'failed' | 'skipped' | 'notReached';

/** One stage of a test that is over. */
export interface StageResult {
  readonly stage: TestStage;
  /** The jump host it is about; undefined for the host itself. */
  readonly hop?: string;
  readonly outcome: StageOutcome;
  /** What was found, why it was skipped, or what is wrong in one line; may be empty. */
  readonly detail: string;
  /** Duration; 0 for stages that were skipped or not reached. */
  readonly ms: number;
}

/** What a test found. */
export interface ConnectionTestResult {
  readonly host: string;
  readonly ok: boolean;
  readonly stages: readonly StageResult[];
  /** What happened at the stage that failed and what to do. */
  readonly problem?: ErrorDescription;
  /** Why the link is not protected, when it is not. */
  readonly insecure?: string;
  /** Duration of the whole, with the time a person took to answer questions. */
  readonly ms: number;
}

/** A report of the connector, or of the test itself about the stages that come after it. */
export type TestReport = Omit<StageReport, 'stage'> & { readonly stage: TestStage };

interface Entry {
  readonly stage: TestStage;
  readonly hop?: string;
  state: 'waiting' | 'running' | 'passed' | 'failed' | 'skipped';
  detail: string;
  startedAt: number;
  ms: number;
}

/**
 * Folds the reports of one try into results. A stage that begins anew (the login is repeated once a person has trusted
 * the host key) goes on in its old place, and its times add up.
 */
export class StageFold {
  private readonly entries: Entry[] = [];

  /** @param now ms, from any beginning */
  constructor(private readonly now: () => number) {}

  report({ stage, hop, state, detail }: TestReport): void {
    const entry = this.entryFor(stage, hop);
    if (state === 'begun') {
      entry.state = 'running';
      entry.startedAt = this.now();
      return;
    }
    this.stop(entry);
    entry.state = state === 'done' ? 'passed' : 'skipped';
    if (detail !== undefined) entry.detail = detail;
  }

  /** The stage that began last and is not over is the one that failed; without one, the first that was not reached. */
  fail(error: unknown): void {
    const running = this.entries.filter((entry) => entry.state === 'running');
    const failed = running.sort((a, b) => a.startedAt - b.startedAt).at(-1) ?? this.entryFor(this.firstMissing());
    this.stop(failed);
    failed.state = 'failed';
    failed.detail = describeError(error).title;
  }

  /** The stage that runs now, and the last one that is over. */
  get current(): { readonly running?: TestReport; readonly last?: StageResult } {
    const running = this.entries.findLast((entry) => entry.state === 'running');
    const over = this.entries.findLast((entry) => entry.state === 'passed');
    return {
      ...(running ? { running: { stage: running.stage, hop: running.hop, state: 'begun' } } : {}),
      ...(over ? { last: toResult(over) } : {}),
    };
  }

  /** All stages in the order they are gone through, jump hosts before the host itself; none is left out. */
  results(): StageResult[] {
    const own = testStages.map((stage) => {
      const entry = this.entries.find((one) => one.stage === stage && one.hop === undefined);
      return entry ? toResult(entry) : this.missing(stage);
    });
    const hops = this.entries.filter((entry) => entry.hop !== undefined).map(toResult);
    const first = own.findIndex((result) => result.stage !== 'configuration');
    return [...own.slice(0, first), ...hops, ...own.slice(first)];
  }

  private missing(stage: TestStage): StageResult {
    const hasFailed = this.entries.some((entry) => entry.state === 'failed');
    return { stage, outcome: hasFailed ? 'notReached' : 'skipped', detail: hasFailed ? '' : 'not needed', ms: 0 };
  }

  private firstMissing(): TestStage {
    const seen = (stage: TestStage) => this.entries.some((entry) => entry.stage === stage && entry.hop === undefined);
    return testStages.find((stage) => !seen(stage)) ?? 'swarm';
  }

  private entryFor(stage: TestStage, hop?: string): Entry {
    const known = this.entries.find((entry) => entry.stage === stage && entry.hop === hop);
    if (known) return known;
    const own = hop === undefined ? {} : { hop };
    const made: Entry = { stage, ...own, state: 'waiting', detail: '', startedAt: 0, ms: 0 };
    this.entries.push(made);
    return made;
  }

  private stop(entry: Entry): void {
    if (entry.state === 'running') entry.ms += this.now() - entry.startedAt;
  }
}

function toResult({ stage, hop, state, detail, ms }: Entry): StageResult {
  // Begun, and overtaken by a failure elsewhere.
  const outcome = state === 'running' || state === 'waiting' ? 'notReached' : state;
  return { stage, ...(hop === undefined ? {} : { hop }), outcome, detail, ms };
}
