import { spawn } from 'node:child_process';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe as suite, expect, it } from 'vitest';
import { planForm } from '../../src/swarm/plans';
import { runPlan } from '../../src/swarm/plans/runPlan';
import { Lab } from '../lab/lab';
import { advertise, docker, SwarmKit } from './support/swarmKit';

/** Twelve hosts and three managers: in one go, stopped in the middle, and killed in the middle. */
suite('forming a swarm of twelve (integration)', () => {
  let lab: Lab;
  let kit: SwarmKit;
  const managers = ['host1', 'host2', 'host3'];
  const hosts = Array.from({ length: 12 }, (_, index) => `host${index + 1}`);
  const engineOf = (host: string) => kit.fleet.engine(host);
  const plan = () => planForm(kit.topology, engineOf, { hosts, managers, advertise: advertise(lab) });

  beforeAll(async () => {
    lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
    if (lab.hosts.length < 12) throw new Error('These tests need a lab of twelve hosts.');
  });

  beforeEach(async () => {
    await lab.resetSwarms();
    kit = new SwarmKit(lab);
    await kit.connectAll();
  });

  afterEach(() => kit.dispose());
  afterAll(() => lab.resetSwarms());

  /** One swarm with all twelve ready and three reachable managers, seen by the fleet and by docker. */
  const expectWhole = async () => {
    await kit.until('the swarm of twelve', (topology) => {
      const [cluster, ...others] = topology.clusters;
      const ready = cluster?.nodes.filter(({ node, host }) => node.state === 'ready' && host !== undefined).length;
      return others.length === 0 && cluster?.hosts.length === 12 && ready === 12 && cluster.quorum.reachable === 3;
    });
    const listed = await docker(lab.host('host1'), 'node', 'ls', '--format', '{{.Status}} {{.ManagerStatus}}');
    expect(
      listed
        .split('\n')
        .map((line) => line.trim())
        .sort(),
    ).toEqual([...Array<string>(9).fill('Ready'), 'Ready Leader', 'Ready Reachable', 'Ready Reachable']);
  };

  const expectNothingToDo = async () => expect(new Set(await kit.run(plan()))).toEqual(new Set(['alreadyDone']));

  it('forms it in one go, and then finds nothing to do', async () => {
    expect(new Set(await kit.run(plan()))).toEqual(new Set(['done']));
    await expectWhole();
    await expectNothingToDo();
  });

  it('is stopped in the middle, and finished by running it again', async () => {
    const stop = new AbortController();
    let joined = 0;
    const result = await runPlan(plan(), {
      signal: stop.signal,
      onStep: (step, state) => {
        if (step.id.startsWith('join:') && state.kind === 'done') joined += 1;
        if (joined === 3) stop.abort();
      },
    });
    expect(result.outcome).toBe('cancelled');
    await kit.until('a swarm', (topology) => topology.clusters.length === 1);
    await kit.run(plan());
    await expectWhole();
    await expectNothingToDo();
  });

  it('is finished by another process after the first was killed in the middle', async () => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', path.join(__dirname, 'support/formChild.ts'), ...managers],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    let output = '';
    const ended = new Promise<string | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (_, signal) => resolve(signal));
    });
    let joined = 0;
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      joined = [...output.matchAll(/"id":"join:[^"]+","kind":"done"/g)].length;
      if (joined >= 3) child.kill('SIGKILL');
    });
    expect(await ended).toBe('SIGKILL');
    expect(output).not.toContain('"outcome"');
    expect(output).not.toContain('SWMTKN');
    await kit.until('a swarm', (topology) => (topology.clusters[0]?.hosts.length ?? 0) >= 3);
    await kit.run(plan());
    await expectWhole();
    await expectNothingToDo();
  });
});
