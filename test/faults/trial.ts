import type { Finding } from '../../src/model/report/finding';
import type { VerificationReport } from '../../src/model/report/matrix';
import { eventually } from '../integration/support/engineKit';
import { formSwarm, probesLeft, type TestSwarm } from '../integration/verifySupport';
import type { Lab } from '../lab/lab';
import type { FaultScene, InjectedFault } from './fault';
import { applyCure, clearScene, networkFor, redPairs, verifyScene } from './scene';

/** What came of one fault, or of a healthy run. */
export interface Trial {
  readonly fault: string;
  readonly hosts: number;
  /** Absent for a healthy run. */
  readonly expectedRule?: string;
  /** Its finding that came first. */
  readonly first?: Pick<Finding, 'rule' | 'title' | 'confidence'>;
  /** Rules of all findings, in their order. */
  readonly rules: readonly string[];
  /** The first finding is the one expected, of the host expected; a healthy run has none, and no red pair. */
  readonly right: boolean;
  /** Pairs that were not as they should be: "host1>host2: dead". */
  readonly red: readonly string[];
  /** `none`: there is nothing to type that would cure it. */
  readonly cure: 'cured' | 'notCured' | 'none';
  /** Pairs that the remedy did not turn green. */
  readonly redAfterCure: readonly string[];
  /** Until the first report, s. */
  readonly seconds: number;
  readonly report: VerificationReport;
  /** Sources that a run has, and execs that were made for it. */
  readonly sources: number;
}

/** Swarms in a lab, one after the other: formed when one of that size is not there, or the last one was spoilt. */
export class Stage {
  private current: { readonly swarm: TestSwarm; readonly size: number } | undefined;
  private networks = 0;
  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly lab: Lab) {}

  /**
   * Brings a fault about, verifies, applies the remedy, and takes everything back; once the one before has come to its end: a
   * test that has waited long enough for it goes on without it.
   */
  tryFault(fault: InjectedFault): Promise<Trial> {
    const trial = this.last.then(() => this.tryNext(fault));
    this.last = trial.catch(() => undefined);
    return trial;
  }

  private async tryNext(fault: InjectedFault): Promise<Trial> {
    const scene = await this.sceneFor(fault);
    let isSpoilt = fault.freshSwarm === true || fault.form !== undefined;
    try {
      await fault.inject(scene);
      return await verifyAndCure(scene, fault);
    } catch (error) {
      isSpoilt = true;
      throw error;
    } finally {
      // In any case: a firewall that a remedy has opened would hide the next fault.
      await clearScene(scene, fault).finally(() => (isSpoilt ? this.reset() : undefined));
    }
  }

  /** Ends the swarm, and every fault. */
  async reset(): Promise<void> {
    this.current?.swarm.dispose();
    this.current = undefined;
    await this.lab.resetSwarms();
  }

  /** Resolves when no test container is left on the hosts. */
  async settled(): Promise<void> {
    const { swarm } = this.current ?? {};
    if (!swarm) return;
    await eventually('the test containers to be gone', async () =>
      (await probesLeft(swarm)).length === 0 ? true : undefined,
    );
  }

  private async sceneFor(fault: InjectedFault): Promise<FaultScene> {
    const swarm = await this.swarmFor(fault);
    this.networks += 1;
    const network = await networkFor({ swarm }, fault, `net_${this.networks}`);
    return { lab: this.lab, swarm, network };
  }

  private async swarmFor({ form, hosts = usualHosts }: InjectedFault): Promise<TestSwarm> {
    if (form || this.current?.size !== hosts) await this.reset();
    const swarm = this.current?.swarm ?? (await (form ?? formSwarm)(this.lab, hosts));
    this.current = { swarm, size: hosts };
    return swarm;
  }
}

const usualHosts = 3;

async function verifyAndCure(scene: FaultScene, fault: InjectedFault): Promise<Trial> {
  let sources = 0;
  const started = Date.now();
  const report = await verifyScene(scene, fault, (event) => {
    if (event.kind === 'sourceStarted') sources += 1;
  });
  const seconds = (Date.now() - started) / 1000;
  const [first] = report.findings;
  const red = redPairs(report);
  const { expectedRule, expectedHost = '' } = fault;
  const isRight = expectedRule
    ? first?.rule === expectedRule && first.title.includes(expectedHost)
    : !first && red.length === 0;
  const cure = await applied(scene, fault, isRight ? first : undefined);
  return {
    fault: fault.name,
    hosts: scene.swarm.hosts.length,
    ...(expectedRule !== undefined && { expectedRule }),
    ...(first && { first: { rule: first.rule, title: first.title, confidence: first.confidence } }),
    rules: report.findings.map(({ rule }) => rule),
    right: isRight,
    red,
    ...cure,
    seconds,
    report,
    sources,
  };
}

/** Does what the finding says, and verifies once more. */
async function applied(
  scene: FaultScene,
  fault: InjectedFault,
  finding: Finding | undefined,
): Promise<Pick<Trial, 'cure' | 'redAfterCure'>> {
  const { cure = [], cureByRetry, cureTakesMs = 0 } = fault;
  if (cure.length === 0 && !cureByRetry) return { cure: 'none', redAfterCure: [] };
  if (!finding) return { cure: 'notCured', redAfterCure: [] };
  await applyCure(scene, finding, cure);
  const end = Date.now() + cureTakesMs;
  let redAfterCure = redPairs(await verifyScene(scene, fault));
  while (redAfterCure.length > 0 && Date.now() < end) redAfterCure = redPairs(await verifyScene(scene, fault));
  return { cure: redAfterCure.length === 0 ? 'cured' : 'notCured', redAfterCure };
}
