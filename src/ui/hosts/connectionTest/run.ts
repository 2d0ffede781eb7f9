import { describeError, isOverlayError, OverlayError } from '../../../base/errors';
import { throwIfAborted } from '../../../base/time';
import type { Connector } from '../../../connection/connector';
import type { Transport } from '../../../connection/transport';
import type { Engine } from '../../../engine/api';
import type { EngineInfo } from '../../../model/engine/records';
import type { HostConfig } from '../../../model/host/host';
import { dots } from '../../../base/text/words';
import { StageFold, type ConnectionTestResult } from './stages';

/** What a test works with. */
export interface TestTools {
  readonly connector: Connector;
  readonly createEngine: (transport: Transport, host: string) => Engine;
}

/** Docker is asked over a link that has just come up: it answers soon or something is wrong. ms */
const requestMs = 10_000;

/**
 * Connects anew to a host, whatever link there is to it, asks its engine who it is, and lets go again. A failure is the
 * result, not an exception.
 *
 * @param onProgress called at each stage.
 * @throws OverlayError `cancelled` only.
 */
export async function runConnectionTest(
  config: HostConfig,
  tools: TestTools,
  signal: AbortSignal,
  onProgress: (fold: StageFold) => void,
): Promise<ConnectionTestResult> {
  const startedAt = performance.now();
  const fold = new StageFold(() => performance.now());
  const report: StageFold['report'] = (one) => {
    fold.report(one);
    onProgress(fold);
  };
  let transport: Transport | undefined;
  let problem: unknown;
  try {
    throwIfAborted(signal);
    transport = await tools.connector.connect(config, { signal, interactive: true, onStage: report });
    await askEngine(transport, config, tools, signal, report);
  } catch (error) {
    if (signal.aborted || isOverlayError(error, 'cancelled')) throw new OverlayError('cancelled', {}, { cause: error });
    problem = error;
    fold.fail(error);
  } finally {
    transport?.dispose();
  }
  return {
    host: config.name,
    ok: problem === undefined,
    stages: fold.results(),
    ...(problem === undefined ? {} : { problem: describeError(problem) }),
    ...(transport?.info.insecure ? { insecure: transport.info.insecure } : {}),
    ms: performance.now() - startedAt,
  };
}

async function askEngine(
  transport: Transport,
  config: HostConfig,
  tools: TestTools,
  signal: AbortSignal,
  report: StageFold['report'],
): Promise<void> {
  const engine = tools.createEngine(transport, config.name);
  const request = { signal, timeoutMs: requestMs };
  try {
    report({ stage: 'engineVersion', state: 'begun' });
    const info = await engine.info(request);
    report({ stage: 'engineVersion', state: 'done', detail: engineWords(info) });
    report({ stage: 'swarm', state: 'begun' });
    if (info.swarm.error) throw new OverlayError('engineError', { host: config.name, message: info.swarm.error });
    // Only an answer to a question that needs the majority shows that a manager has it.
    const nodes = info.swarm.isManager ? await engine.swarm.nodes(request) : undefined;
    report({ stage: 'swarm', state: 'done', detail: swarmWords(info, nodes?.length) });
  } finally {
    engine.dispose();
  }
}

const engineWords = (info: EngineInfo): string =>
  dots(`Docker ${info.serverVersion}`, `API ${info.apiVersion}`, info.operatingSystem);

function swarmWords({ swarm }: EngineInfo, nodes: number | undefined): string {
  switch (swarm.state) {
    case 'inactive':
      return 'in no swarm';
    case 'active':
      return swarm.isManager ? dots('manager', nodes !== undefined && `${nodes} nodes`) : 'worker';
    case 'pending':
      return 'joining a swarm';
    case 'locked':
      return 'its swarm is locked';
    case 'error':
      return 'swarm error';
  }
}
