import { describe, expect, test } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { Emitter } from '../../../src/base/event';
import type { Connector } from '../../../src/connection/connector';
import type { Transport } from '../../../src/connection/transport';
import type { Engine } from '../../../src/engine/api';
import type { StageReport } from '../../../src/model/host/connectStage';
import type { HostConfig } from '../../../src/model/host/host';
import { runConnectionTest } from '../../../src/ui/hosts/connectionTest/run';
import { StageFold, testStages, type StageResult } from '../../../src/ui/hosts/connectionTest/stages';
import {
  problemLines,
  progressWords,
  resultText,
  resultTitle,
  stageLines,
  wrap,
} from '../../../src/ui/hosts/connectionTest/words';
import { engineInfo, node } from './topologies';
import { anyError } from '../anyError';

const outcomes = (results: readonly StageResult[]) =>
  results.map(({ hop, stage, outcome }) => `${hop ? `${hop}/` : ''}${stage} ${outcome}`);

/** A fold with a clock that goes on by 10 ms a report. */
function folded(...reports: StageReport[]): StageFold {
  let now = 0;
  const fold = new StageFold(() => (now += 10));
  for (const report of reports) fold.report(report);
  return fold;
}
const begun = (stage: StageReport['stage'], hop?: string): StageReport => ({ stage, state: 'begun', hop });
const done = (stage: StageReport['stage'], detail?: string, hop?: string): StageReport => ({
  stage,
  state: 'done',
  detail,
  hop,
});

describe('folding stages', () => {
  test('the stage that began and is not over is the one that failed; the later ones were not reached', () => {
    const fold = folded(begun('resolve'), done('resolve', '10.0.0.5'), begun('tcp'));
    fold.fail(new OverlayError('connectionRefused', { address: '10.0.0.5:22' }));
    const results = fold.results();
    expect(outcomes(results)).toEqual([
      'configuration notReached',
      'resolve passed',
      'tcp failed',
      'hostKey notReached',
      'authentication notReached',
      'engine notReached',
      'engineVersion notReached',
      'swarm notReached',
    ]);
    expect(results[1]).toMatchObject({ detail: '10.0.0.5', ms: 10 });
    expect(results[2]?.detail).toBe('Connection refused by 10.0.0.5:22');
    expect(results[2]?.ms).toBeGreaterThan(0);
  });

  test('of two that run, the jump host’s inside the host’s own, the inner one failed', () => {
    const fold = folded(begun('tcp'), begun('tcp', 'bastion'), done('tcp', '', 'bastion'), begun('hostKey', 'bastion'));
    fold.fail(anyError('hostKeyChanged', { host: 'bastion' }));
    expect(outcomes(fold.results()).slice(0, 4)).toEqual([
      'configuration notReached',
      'bastion/tcp passed',
      'bastion/hostKey failed',
      'resolve notReached',
    ]);
    expect(outcomes(fold.results())).toContain('tcp notReached');
  });

  test('an error before anything was reported is the first stage’s', () => {
    const fold = folded();
    fold.fail(new OverlayError('contextNotFound', { name: 'x' }));
    expect(fold.results()[0]).toMatchObject({ stage: 'configuration', outcome: 'failed' });
  });

  test('a stage that begins again goes on, and its times add up', () => {
    const fold = folded(
      begun('tcp'),
      done('tcp'),
      begun('hostKey'),
      begun('tcp'),
      done('tcp', 'open'),
      done('hostKey'),
    );
    const tcp = fold.results().find((result) => result.stage === 'tcp');
    expect(tcp).toMatchObject({ outcome: 'passed', detail: 'open', ms: 20 });
  });

  test('what nobody needed is skipped when all went well', () => {
    const results = folded({ stage: 'tcp', state: 'skipped', detail: 'a local socket' }, done('engine')).results();
    expect(results.map((result) => result.stage)).toEqual(testStages);
    expect(results[2]).toMatchObject({ outcome: 'skipped', detail: 'a local socket', ms: 0 });
    expect(results[0]).toMatchObject({ outcome: 'skipped', detail: 'not needed' });
  });
});

describe('the words of a test', () => {
  test('say where it is', () => {
    const fold = folded(begun('resolve'), done('resolve', '10.0.0.5'), begun('tcp'));
    expect(progressWords(fold.current)).toBe('Name resolution passed · 10 ms → TCP connection…');
    expect(progressWords(folded().current)).toBe('');
  });

  test('name the stage and the jump host that failed, and hold the remedy', () => {
    const fold = folded(begun('authentication', 'bastion'));
    fold.fail(anyError('authenticationFailed', { user: 'guest' }));
    const problem = { title: 't', happened: 'It was refused.', remedy: 'Mend it.', command: 'mend it' };
    const result = { host: 'node1', ok: false, stages: fold.results(), problem, ms: 20 };
    expect(resultTitle(result)).toBe('node1: failed at Authentication · via bastion');
    expect(resultText(result)).toMatch(
      /\[FAILED\].*Login refused for guest[\s\S]*It was refused\.\nMend it\.\nmend it\n$/,
    );
  });

  test('put the stages that were not reached into one line', () => {
    const fold = folded(begun('authentication'));
    fold.fail(anyError('authenticationFailed'));
    expect(stageLines(fold.results()).map((line) => [line.label, line.icon])).toEqual([
      ['Authentication', 'error'],
      [
        'Configuration, Name resolution, TCP connection, Host key, Docker socket, Engine version, Swarm state',
        'circle-outline',
      ],
    ]);
    const passed = stageLines(folded({ stage: 'engine', state: 'done', detail: '/x' }).results());
    expect(passed.map((line) => line.icon)).toEqual(expect.arrayContaining(['pass', 'circle-slash']));
    expect(passed).toHaveLength(testStages.length);
  });

  test('are broken into lines that a pick shows whole', () => {
    expect(wrap('aaa bbb ccc', 7)).toEqual(['aaa bbb', 'ccc']);
    expect(wrap('aaaaaaaaaa b', 4)).toEqual(['aaaaaaaaaa', 'b']);
    const lines = problemLines({ title: '', happened: 'one two three', remedy: 'four' }, 8);
    expect(lines).toEqual([
      { icon: 'info', text: 'one two' },
      { icon: 'blank', text: 'three' },
      { icon: 'lightbulb', text: 'four' },
    ]);
  });
});

describe('running a test', () => {
  const config: HostConfig = { name: 'node1', endpoint: { kind: 'ssh', host: 'node1' }, endpointText: 'ssh://node1' };
  const disposed: string[] = [];
  const transport = (): Transport => ({
    info: { description: 'x', insecure: 'plain TCP, not encrypted' },
    openEngineStream: () => Promise.reject(new Error('not used')),
    onDidClose: new Emitter<OverlayError>().event,
    dispose: () => disposed.push('transport'),
  });
  const connector = (connect: Connector['connect']): Connector => ({ connect });
  const engine = (over: Partial<Engine>): Engine =>
    ({
      info: async () => engineInfo({ state: 'active', isManager: true }),
      dispose: () => undefined,
      ...over,
    }) as Engine;
  const works = connector(async (_, { onStage, interactive }) => {
    expect(interactive).toBe(true);
    onStage?.(begun('engine'));
    onStage?.(done('engine', '/var/run/docker.sock'));
    return transport();
  });
  const signal = () => new AbortController().signal;

  test('asks the engine after the connector, and lets go of the link', async () => {
    const swarm = { nodes: async () => [node('a', 'manager'), node('b', 'worker')] } as unknown as Engine['swarm'];
    const seen: string[] = [];
    const result = await runConnectionTest(
      config,
      { connector: works, createEngine: () => engine({ swarm }) },
      signal(),
      (fold) => seen.push(progressWords(fold.current)),
    );
    expect(result).toMatchObject({ host: 'node1', ok: true, insecure: 'plain TCP, not encrypted' });
    expect(result.stages.slice(-2)).toMatchObject([
      { stage: 'engineVersion', outcome: 'passed', detail: expect.stringMatching(/^Docker 28\.5\.2 · API 1\.51/) },
      { stage: 'swarm', outcome: 'passed', detail: 'manager · 2 nodes' },
    ]);
    expect(seen.at(-1)).toMatch(/^Swarm state passed/);
    expect(disposed).toEqual(['transport']);
  });

  test('a swarm without majority fails at the swarm, with what to do', async () => {
    const swarm = {
      nodes: () => Promise.reject(new OverlayError('quorumLost', { host: 'node1' })),
    } as unknown as Engine['swarm'];
    const tools = { connector: works, createEngine: () => engine({ swarm }) };
    const result = await runConnectionTest(config, tools, signal(), () => undefined);
    expect(result.ok).toBe(false);
    expect(result.stages.at(-1)).toMatchObject({ stage: 'swarm', outcome: 'failed' });
    expect(result.problem?.remedy).toBeTruthy();
  });

  test('a failure of the connector is the result; cancelling is not', async () => {
    const refuses = connector(async (_, { onStage }) => {
      onStage?.(begun('tcp'));
      throw new OverlayError('connectionRefused', { host: 'node1', address: 'node1:22' });
    });
    const tools = { connector: refuses, createEngine: () => engine({}) };
    const result = await runConnectionTest(config, tools, signal(), () => undefined);
    expect(result.stages.find((stage) => stage.outcome === 'failed')?.stage).toBe('tcp');
    expect(result.problem?.happened).toContain('node1:22');
    const controller = new AbortController();
    controller.abort();
    await expect(runConnectionTest(config, tools, controller.signal, () => undefined)).rejects.toMatchObject({
      reason: 'cancelled',
    });
  });
});
