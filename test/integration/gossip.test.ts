// In a lab of its own: engines that were frozen or killed before keep a later swarm from gossiping for minutes.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formWithoutGossip } from '../faults/gossipNotRunning';
import { Lab } from '../lab/lab';
import { formSwarm, probesLeft, verify, type TestSwarm } from './verifySupport';

const labName = process.env['LAB_NAME'] ?? '';

describe('a verification with a host whose engine could not start its gossip', () => {
  let lab: Lab;
  let swarm: TestSwarm;

  beforeAll(async () => {
    lab = await Lab.attach(labName);
    await lab.resetSwarms();
    swarm = await formWithoutGossip(lab);
  });

  afterAll(async () => {
    swarm.dispose();
    await lab.resetSwarms();
  });

  it('names the host, and the remedy helps', async () => {
    const network = await swarm.network(`net_${Date.now()}`);
    const report = await verify(swarm, network);
    expect(report.findings.map((finding) => finding.rule)).toEqual(['gossip-not-running']);
    expect(report.findings[0]?.title).toContain('host3');
    expect(report.summary).toMatchObject({ reachable: 2, dead: 4 });

    await lab.host('host3').fault.restart('dockerd');
    await until('all pairs reach each other', async () => (await verify(swarm, network)).summary.reachable === 6);
    expect(await probesLeft(swarm)).toEqual([]);
  });
});

async function until(what: string, look: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + 120_000;
  while (!(await look())) {
    if (Date.now() > giveUpAt) throw new Error(`Not seen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

describe('a verification while the gossip of a host is blocked', () => {
  let lab: Lab;
  let swarm: TestSwarm;

  // A swarm of its own: gossip takes a while to recover.
  beforeAll(async () => {
    lab = await Lab.attach(labName);
    await lab.resetSwarms();
    swarm = await formSwarm(lab);
  });

  afterAll(async () => {
    swarm.dispose();
    await lab.resetSwarms();
  });

  it('tells blocked gossip from a blocked data path', async () => {
    await lab.clearFaults();
    // A name of its own, for when this is tried a second time.
    const network = await swarm.network(`net_${Date.now()}`);
    for (const protocol of ['tcp', 'udp'] as const) {
      for (const direction of ['in', 'out'] as const) {
        await lab.host('host2').fault.block({ protocol, port: 7946, direction });
      }
    }
    const report = await verify(swarm, network);
    expect(report.findings.map((finding) => finding.rule)).toEqual(['gossip-blocked']);
    expect(report.findings[0]?.title).toContain('host2');
    expect(report.pairs.filter((pair) => pair.to === 'host2').map((pair) => pair.name.outcome)).toEqual([
      'unknown',
      'unknown',
    ]);
    expect(report.summary).toMatchObject({ reachable: 2, dead: 4 });
    expect(await probesLeft(swarm)).toEqual([]);
  });
});
