import { OverlayError } from '../../base/errors';
import { withDeadline } from '../../base/time';
import type { HostName } from '../../model/host/host';
import type { HostView, Topology } from '../../model/swarm/topology';
import type { Fleet } from '../../swarm/fleet';
import type { Plan, PlanResult, PlanStep, StepState } from '../../swarm/plans/plan';
import { planError, runPlan } from '../../swarm/plans/runPlan';
import { machineOf } from '../../model/swarm/membership';
import { confirm } from '../vscode/messages';
import type { OperationRun, Operations } from './operations';
import { PlanProgress, type PlanWords } from './planProgress';
import { withProgress } from '../vscode/progress';

/** What running a plan gives to programs: every step with its outcome. */
export interface PlanOutcome {
  readonly outcome: PlanResult['outcome'];
  readonly steps: readonly { readonly title: string; readonly host?: HostName; readonly state: string }[];
}

type PlanWork = (signal: AbortSignal, onStep: (step: PlanStep, state: StepState) => void) => Promise<PlanResult>;

interface RunningPlan {
  readonly title: string;
  readonly concerns: ReadonlySet<string>;
  readonly ended: Promise<unknown>;
}

/** The trees show a change some seconds before its plan has seen it through, and people go on at once. */
const maxWaitMs = 10_000;

/**
 * Runs plans with progress that can be cancelled, and has the hosts concerned read anew at the end. Of plans that concern
 * the same hosts or the same swarm one runs at a time: each was made from what was there when nobody changed it. One that
 * is about to end is waited for, since steps look again at what they find.
 */
export class PlanRunner {
  private readonly running = new Set<RunningPlan>();

  /** @param maxWait ms that a plan waits for another one to end */
  constructor(
    private readonly fleet: Fleet,
    private readonly operations: Operations,
    private readonly maxWait = maxWaitMs,
  ) {}

  /**
   * @param instead the result of a try whose place in the Operations view this one takes.
   * @returns the result, whatever became of the steps. @throws OverlayError `changeUnderWay` before anything is done.
   */
  async run(plan: Plan, words: PlanWords, instead?: PlanResult): Promise<PlanResult> {
    const boundToMachines = this.guarded(plan);
    return this.runExclusively(boundToMachines, () => {
      const before = instead && this.operations.idOf(instead);
      if (before !== undefined) this.operations.dismiss([before]);
      // One step is no list worth opening: its progress and its error say it all.
      if (boundToMachines.steps.length > 1) return this.runListed(this.operations.begin(boundToMachines, words));
      return this.runWithProgress(boundToMachines, words, (signal, onStep) =>
        runPlan(boundToMachines, { signal, onStep }),
      );
    });
  }

  /** Does what an operation has not done yet. @throws OverlayError of what was not done this time either. */
  async continue(operationId: string): Promise<PlanOutcome> {
    const work = () => this.runListed(this.operations.resume(operationId));
    return this.outcome(await this.runExclusively(this.operations.planOf(operationId), work));
  }

  /**
   * The plan bound to the machines it is begun on: steps find them by the names of their hosts, and a name may lead to
   * another machine by the time a step begins or the operation is continued.
   */
  private guarded(plan: Plan): Plan {
    const machines = new Map<HostName, string>();
    const check = () => {
      const { topology } = this.fleet;
      for (const name of [...machines.keys(), ...hostsConcerned(plan, topology)]) {
        const view = topology.hosts.find(({ config }) => config.name === name);
        const machine = view && machineOf(view);
        if (!machine) continue;
        const begun = machines.get(name) ?? machine;
        if (begun !== machine) throw new OverlayError('hostReplaced', { host: name, name: plan.title });
        machines.set(name, machine);
      }
    };
    check();
    const steps = plan.steps.map((step): PlanStep => ({
      ...step,
      run: async (context) => {
        check();
        return step.run(context);
      },
    }));
    return { ...plan, steps };
  }

  private async runExclusively(plan: Plan, work: () => Promise<PlanResult>): Promise<PlanResult> {
    const concerns = concernsOf(plan, this.fleet.topology);
    const other = () => [...this.running].find((one) => [...one.concerns].some((concern) => concerns.has(concern)));
    const until = performance.now() + this.maxWait;
    for (let one = other(); one; one = other()) await waitFor(one, plan, until - performance.now());
    let end = (): void => undefined;
    const own = { title: plan.title, concerns, ended: new Promise<void>((resolve) => (end = resolve)) };
    this.running.add(own);
    try {
      return await work();
    } finally {
      this.running.delete(own);
      end();
    }
  }

  /** Runs it to its end. @throws OverlayError of what was not done. */
  async finish(plan: Plan, words: PlanWords): Promise<PlanOutcome> {
    return this.outcome(await this.run(plan, words));
  }

  /** @throws OverlayError of what was not done. */
  outcome(result: PlanResult): PlanOutcome {
    const error = planError(result);
    const operation = this.operations.idOf(result);
    if (error && operation !== undefined) this.operations.recordError(error, operation);
    if (error) throw error;
    return {
      outcome: result.outcome,
      steps: result.steps.map(({ step, state }) => ({
        title: step.title,
        ...(step.host === undefined ? {} : { host: step.host }),
        state: state.kind,
      })),
    };
  }

  /** Runs a plan whose steps are listed. */
  private runListed(run: OperationRun): Promise<PlanResult> {
    const work: PlanWork = async (signal, onStep) => {
      signal.addEventListener('abort', run.markCancelling, { once: true });
      try {
        await runPlan(run.plan, {
          signal,
          onStep: (step, state) => {
            run.update(step.id, state);
            onStep(step, state);
          },
        });
      } finally {
        signal.removeEventListener('abort', run.markCancelling);
        // Also when the plan could not be run at all: nothing may stay listed as running.
        ended = run.end();
      }
      return ended;
    };
    let ended: PlanResult;
    return this.runWithProgress(run.plan, run.words, work, run.signal);
  }

  private async runWithProgress(
    plan: Plan,
    words: PlanWords,
    work: PlanWork,
    signal?: AbortSignal,
  ): Promise<PlanResult> {
    const progress = new PlanProgress(plan.steps, words);
    // Taken now: a host that leaves its swarm is in none afterwards, and its managers have to be read all the same.
    const concerned = hostsConcerned(plan, this.fleet.topology);
    const result = await withProgress(
      words.running,
      (either, report) => {
        report(progress.text());
        return work(either, (step, state) => report(progress.update(step, state)));
      },
      signal,
    );
    await this.refresh([...concerned, ...hostsConcerned(plan, this.fleet.topology)]);
    return result;
  }

  /** Events bring the change too, but who calls next must find it there. */
  private async refresh(hosts: readonly HostName[]): Promise<void> {
    const isReady = (host: HostView) => host.state.kind === 'ready' && hosts.includes(host.config.name);
    await this.fleet.refresh(this.fleet.topology.hosts.filter(isReady).map((host) => host.config.name));
  }
}

/** @throws OverlayError `changeUnderWay` when the other plan goes on for longer than `ms`. */
function waitFor({ title: name, ended }: RunningPlan, plan: Plan, ms: number): Promise<unknown> {
  const isBusy = () => new OverlayError('changeUnderWay', { name });
  return withProgress(`${plan.title}: waiting for "${name}" to end`, (signal) =>
    withDeadline(ms, isBusy, signal, () => ended),
  );
}

/** The hosts a plan works on, and the swarms they are in. */
function concernsOf(plan: Plan, topology: Topology): Set<string> {
  const hosts = hostsConcerned(plan, topology);
  const clusters = topology.clusters.filter((cluster) => cluster.hosts.some((host) => hosts.includes(host)));
  return new Set([...hosts.map((host) => `host ${host}`), ...clusters.map(({ id }) => `swarm ${id}`)]);
}

/** The hosts a plan works on, and the managers of their swarms, who see what becomes of them. */
function hostsConcerned(plan: Plan, topology: Topology): HostName[] {
  const own = plan.steps.flatMap((step) => (step.host === undefined ? [] : [step.host]));
  // Steps on a node whose host is not configured, or not known to be in the swarm yet, go by its hostname.
  const clusters = topology.clusters.filter(({ nodes }) =>
    nodes.some(({ node, host }) => own.includes(host ?? node.hostname)),
  );
  return [...new Set([...own, ...clusters.flatMap((cluster) => cluster.managerHosts)])];
}

/**
 * Asks once before a plan that takes something away: names the objects, says the effect, and the button says what it
 * does.
 *
 * @throws OverlayError `cancelled` unless the button was pressed.
 */
export async function confirmPlan(plan: Plan, question: string, button: string): Promise<void> {
  const detail = [...plan.warnings, ...plan.effects].map((line) => `${line.replace(/[.\s]+$/, '')}.`).join('\n');
  if (!(await confirm(question, detail, button))) throw new OverlayError('cancelled');
}
