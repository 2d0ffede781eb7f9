import { describe, expect, it } from 'vitest';
import type { Network } from '../../src/model/engine/records';
import { giveHelperImage, proofVerdicts, prove, sixPairs, twin, twinsLeft } from '../integration/proofSupport';
import { swarmForAll } from '../integration/support/verifyHooks';
import { probesLeft, type TestHost, type TestSwarm } from '../integration/verifySupport';

/** Keeps a network in use on a host; on a busy machine an attachment may need several of Docker's 20 s. */
async function stayIn(network: string, { lab }: TestHost): Promise<void> {
  for (let triesLeft = 3; ; triesLeft -= 1) {
    try {
      await lab.runInNetwork(`own-${network.replace('_', '-')}-${lab.name}`, network);
      return;
    } catch (error) {
      if (triesLeft === 0) throw error;
    }
  }
}

/** On a kernel with IPsec: encrypted networks really are. */
describe('a proof of encryption over three real engines whose kernel has ESP', () => {
  let swarm: TestSwarm;
  let plain: Network;
  let encrypted: Network;

  swarmForAll(async (formed) => {
    swarm = formed;
    plain = await swarm.network('plain_net');
    encrypted = await swarm.network('secret_net', { encrypted: true });
    await giveHelperImage(swarm);
    // In use all the time: the first attachment takes these engines most of the 20 s that they allow for it, and Docker
    // does not write its rules anew for each test container.
    for (const name of ['plain_net', 'secret_net']) for (const one of swarm.hosts) await stayIn(name, one);
  }, 900_000);

  const host = (name: string) => swarm.host(name);

  it('proves all six pairs of an encrypted network: ESP on both ends, keys, nothing in the clear', async () => {
    const report = await prove(swarm, encrypted);
    expect(report.hosts).toEqual(['host1', 'host2', 'host3'].map((name) => ({ host: name, by: 'helper' })));
    expect(proofVerdicts(report)).toEqual(sixPairs('encrypted'));
    for (const pair of report.pairs) {
      expect(pair.pings).toEqual({ sent: 3, answered: 3 });
      expect(pair.esp).toEqual({ sent: 3, arrived: 3 });
      expect(pair.plaintext).toEqual({ sent: 0, arrived: 0 });
      expect(pair.associations).toEqual({ outbound: true, inbound: true });
      expect(pair.keyAgeSeconds).toBeGreaterThanOrEqual(0);
      expect(pair.keyAgeSeconds).toBeLessThan(12 * 3600);
    }
    expect(report.conclusion).toBe('All 6 pairs are encrypted: 18 ESP packets, none in the clear.');
    expect(report.findings).toEqual([]);
    expect(JSON.stringify(report)).not.toMatch(/0x[0-9a-f]{32}/);
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it('sees a plain network between the same hosts in the clear, security associations or not', async () => {
    const report = await prove(swarm, plain);
    expect(report.hosts.map(({ problem }) => problem)).toEqual([undefined, undefined, undefined]);
    expect(proofVerdicts(report)).toEqual(sixPairs('plaintext'));
    for (const pair of report.pairs) {
      expect(pair.esp).toEqual({ sent: 0, arrived: 0 });
      expect(pair.plaintext.sent).toBeGreaterThanOrEqual(6);
    }
  });

  it('finds the pairs of a host dead where IP protocol 50 is dropped, and says at which host', async () => {
    await host('host2').lab.fault.block({ protocol: 'esp', direction: 'in' });
    const report = await prove(swarm, encrypted);
    expect(proofVerdicts(report)).toEqual([
      'host1>host2: dead',
      'host1>host3: encrypted',
      'host2>host1: dead',
      'host2>host3: dead',
      'host3>host1: encrypted',
      'host3>host2: dead',
    ]);
    const [towards] = report.pairs.filter((pair) => pair.from === 'host1' && pair.to === 'host2');
    expect(towards?.esp.arrived).toBe(3);
    expect(towards?.reason).toBe(
      'Requests reach host2, which does not let them in: IP protocol 50 (ESP) is blocked there.',
    );
    expect(report.findings?.map(({ rule, title }) => [rule, title])).toEqual([
      ['esp-blocked', 'host2: IP protocol 50 (ESP) does not pass'],
    ]);
    expect(report.findings?.[0]?.remedy.commands.map((one) => one.command).join()).toContain('-p esp');
    expect(await probesLeft(swarm)).toEqual([]);
  });

  // Two fresh networks at once: their attachments are the slowest that engines of 20.10 do here.
  it(
    'compares with a plain twin: all is fine, or ESP is blocked at one host',
    { timeout: 400_000, retry: 2 },
    async () => {
      expect((await twin(swarm)).conclusion).toBe(
        'Encryption works between all 3 hosts: both networks reach every pair.',
      );
      await host('host2').lab.fault.block({ protocol: 'esp', direction: 'in' });
      const report = await twin(swarm);
      expect(report.hosts).toEqual([
        { host: 'host1', verdict: 'fine' },
        { host: 'host2', verdict: 'encryption' },
        { host: 'host3', verdict: 'fine' },
      ]);
      expect(report.conclusion).toBe(
        'At host2, ESP (IP protocol 50) is blocked or missing: without encryption packets come through, encrypted none do.',
      );
      expect(report.findings.map((finding) => finding.rule)).toEqual(['esp-blocked']);
      expect(report.cleanUp).toEqual({ removed: 2, left: [] });
      // Engines let go of their local copy a moment after the manager has removed it.
      await expect.poll(() => twinsLeft(swarm), { timeout: 90_000, interval: 1_000 }).toEqual([]);
      expect(await probesLeft(swarm)).toEqual([]);
    },
  );

  it('sees it when packets of an encrypted network leave a host in the clear', async () => {
    // What a flushed table does on a server: the mark that sends them through IPsec is gone.
    await host('host1').lab.execOk(['iptables', '-t', 'mangle', '-F', 'OUTPUT']);
    const report = await prove(swarm, encrypted);
    const fromHost1 = report.pairs.filter((pair) => pair.from === 'host1');
    expect(fromHost1.map((pair) => pair.verdict)).toEqual(['plaintext', 'plaintext']);
    for (const pair of fromHost1) expect(pair.plaintext.sent).toBeGreaterThan(0);
    expect(report.findings?.map((finding) => finding.rule)).toContain('encrypted-in-the-clear');
    expect(report.conclusion).toContain('although the network is set to encrypt');
  });
});
