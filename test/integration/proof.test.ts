import { afterAll, describe, expect, it } from 'vitest';
import type { Network } from '../../src/model/engine/records';
import { giveHelperImage, proofVerdicts, prove, sixPairs, takeHelperImage } from './proofSupport';
import { swarmForAll } from './support/verifyHooks';
import { probesLeft, type TestHost, type TestSwarm } from './verifySupport';

/** On a kernel without ESP: what is encrypted here is dead, and what is plain can be read on the wire. */
describe('a proof of encryption over three real engines whose kernel has no ESP', () => {
  let swarm: TestSwarm;
  let plain: Network;
  let encrypted: Network;

  swarmForAll(async (formed) => {
    swarm = formed;
    plain = await swarm.network('plain_net');
    encrypted = await swarm.network('secret_net', { encrypted: true });
    await giveHelperImage(swarm);
  });

  afterAll(() => takeHelperImage(swarm));

  const host = (name: string) => swarm.host(name);

  it('sees every pair of a plain network in the clear, on both ends, and leaves nothing behind', async () => {
    const report = await prove(swarm, plain);
    expect(report.outcome).toBe('finished');
    expect(proofVerdicts(report)).toEqual(sixPairs('plaintext'));
    for (const pair of report.pairs) {
      expect(pair.pings).toEqual({ sent: 3, answered: 3 });
      expect(pair.esp).toEqual({ sent: 0, arrived: 0 });
      // Three requests of this way and three answers to the other way round, at least.
      expect(pair.plaintext.sent).toBeGreaterThanOrEqual(6);
      expect(pair.plaintext.arrived).toBeGreaterThanOrEqual(6);
      expect(pair.associations).toEqual({ outbound: false, inbound: false });
    }
    expect(report.hosts.map(({ by }) => by)).toEqual(['helper', 'helper', 'helper']);
    expect(report.conclusion).toMatch(
      /^All 6 pairs are in the clear: the network is not encrypted; \d+ VXLAN packets could be read\.$/,
    );
    expect(report.findings).toEqual([]);
    expect(report.cleanUp).toEqual({ removed: 6, left: [] });
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it('does not count what another network sends in the clear', async () => {
    const noise = host('host1').lab;
    await Promise.all(['host1', 'host2'].map((name) => host(name).lab.runInNetwork(`noise-${name}`, 'plain_net')));
    try {
      await noise.execOk(['docker', 'exec', '-d', 'noise-host1', 'ping', '-i', '0.1', 'noise-host2']);
      const report = await prove(swarm, encrypted);
      expect(report.pairs.map((pair) => pair.plaintext)).toEqual(
        Array.from({ length: 6 }, () => ({ sent: 0, arrived: 0 })),
      );
    } finally {
      await Promise.all(
        ['host1', 'host2'].map((name) => host(name).lab.execOk(['docker', 'rm', '-f', `noise-${name}`])),
      );
    }
  });

  it('finds an encrypted network dead and names the kernel', async () => {
    const report = await prove(swarm, encrypted);
    expect(proofVerdicts(report)).toEqual(sixPairs('dead'));
    for (const pair of report.pairs) {
      expect(pair.pings).toEqual({ sent: 3, answered: 0 });
      expect(pair.reason).toContain('cannot encrypt (no ESP)');
      expect(pair.associations).toEqual({ outbound: false, inbound: false });
    }
    expect(report.findings?.map((finding) => finding.rule)).toEqual(['kernel-without-esp']);
    expect(report.findings?.[0]?.pairs).toHaveLength(6);
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it('tells where packets of a plain network are lost', async () => {
    await host('host2').lab.fault.block({ protocol: 'udp', port: 4789, direction: 'in' });
    const report = await prove(swarm, plain);
    expect(proofVerdicts(report)).toEqual([
      'host1>host2: dead',
      'host1>host3: plaintext',
      'host2>host1: dead',
      'host2>host3: dead',
      'host3>host1: plaintext',
      'host3>host2: dead',
    ]);
    const reasonOf = (from: string, to: string) =>
      report.pairs.find((pair) => pair.from === from && pair.to === to)?.reason;
    expect(reasonOf('host1', 'host2')).toBe(
      'Requests reach host2, which does not let them in: 4789/udp is blocked there.',
    );
    expect(reasonOf('host2', 'host1')).toBe(
      'Answers reach host2, which does not let them in: 4789/udp is blocked there.',
    );
    expect(report.findings?.map((finding) => finding.rule)).toEqual(['data-path-blocked']);
    expect(report.findings?.[0]?.title).toContain('host2');
    expect(report.findings?.[0]?.remedy.commands.map((one) => one.command).join()).toContain('4789');
  });

  it('copies the helper image to a host that lacks it', async () => {
    await host('host3').lab.execOk(['docker', 'image', 'rm', '-f', 'overlay-helper:lab']);
    const report = await prove(swarm, plain);
    expect(report.hosts.map(({ by }) => by)).toEqual(['helper', 'helper', 'helper']);
  });

  it('judges by the end that can be looked at', async () => {
    const report = await prove(swarm, plain, {
      hosts: swarm.hosts.map((one) => (one.host === 'host3' ? { ...one, engine: withoutHelpers(one) } : one)),
    });
    expect(report.hosts.find((one) => one.host === 'host3')).toMatchObject({
      problem: expect.stringContaining('helper'),
    });
    expect(proofVerdicts(report)).toEqual(sixPairs('plaintext'));
    const [seen] = report.pairs.filter((pair) => pair.from === 'host3');
    expect(seen?.plaintext.sent).toBe(0);
    expect(seen?.plaintext.arrived).toBeGreaterThanOrEqual(6);
  });

  it('cannot tell when nobody has the helper image, and says what to do', async () => {
    const report = await prove(swarm, plain, { helperImage: 'nobody-has-this:1' });
    expect(report.outcome).toBe('finished');
    expect(proofVerdicts(report)).toEqual(sixPairs('cannotTell'));
    expect(report.pairs.map(({ pings }) => pings.answered)).toEqual([3, 3, 3, 3, 3, 3]);
    expect(report.hosts.every(({ problem }) => problem?.includes('nobody-has-this:1'))).toBe(true);
    expect(report.conclusion).toContain('could not be told');
    expect(report.findings?.map((finding) => finding.rule)).toEqual(['not-looked-at']);
    expect(report.findings?.[0]?.remedy.text).toContain('dockerOverlay.verify.helperImage');
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it('says so when the image has no tcpdump', async () => {
    const report = await prove(swarm, plain, { helperImage: 'alpine:latest' });
    // Debian's busybox has an applet for neither.
    expect(report.hosts.map(({ problem }) => problem)).toEqual(
      ['host1', 'host2', 'host3'].map((name) => expect.stringContaining(`${name}: `) as string),
    );
    expect(report.hosts[0]?.problem).toContain('tcpdump');
    expect(proofVerdicts(report)).toEqual(sixPairs('cannotTell'));
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it.each(['Starting', 'Exchanging', 'Reading'])('leaves nothing when it is cancelled at "%s"', async (moment) => {
    const controller = new AbortController();
    const report = await prove(swarm, plain, {
      signal: controller.signal,
      onEvent: (event) => {
        if (event.kind === 'stage' && event.words.startsWith(moment)) controller.abort();
      },
    });
    expect(report.outcome).toBe('cancelled');
    expect(report.cleanUp.left).toEqual([]);
    expect(await probesLeft(swarm)).toEqual([]);
  });

  it('refuses a network that is not attachable without touching a host', async () => {
    const closed = await swarm.network('closed_net', { attachable: false });
    const report = await prove(swarm, closed);
    expect(report).toMatchObject({ outcome: 'failed', error: { reason: 'verifyNotAttachable' }, pairs: [] });
  });
});

/** An engine that refuses containers on the host's own network, as policies of a site may. */
function withoutHelpers(host: TestHost): TestHost['engine'] {
  const { engine } = host;
  const refused = new Error('no helper containers here');
  return {
    ...engine,
    info: (...args) => engine.info(...args),
    swarm: engine.swarm,
    networks: engine.networks,
    images: engine.images,
    containers: {
      ...engine.containers,
      create: (request, options) =>
        request.network === 'host' ? Promise.reject(refused) : engine.containers.create(request, options),
    },
  };
}
