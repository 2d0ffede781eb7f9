import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { createLogger } from '../../../src/base/logger';
import type { ContainerCreateRequest } from '../../../src/engine/api';
import type { Network } from '../../../src/model/engine/records';
import { probeLimits } from '../../../src/probe/limits';
import { newRun } from '../../../src/probe/names';
import { Probe } from '../../../src/probe/probe';
import { anyError } from '../anyError';

const hour = 3_600_000;
const network = { id: 'n'.repeat(25), name: 'my_net' } as Network;

/** A probe on an engine that refuses the first starts with these errors, and tells an address after so long. */
function probeOn(
  host: string,
  { failStarts = [] as OverlayError[], addressAfterMs = 0, isFrozen = false, state = 'running' } = {},
) {
  const created: ContainerCreateRequest[] = [];
  const said: string[] = [];
  const begin = performance.now();
  const place = { name: 'my_net', networkId: network.id, ipv4: '10.0.1.2', ipv6: '' };
  const engine = {
    ping: async () => {
      if (isFrozen) throw anyError('requestTimeout', { host });
      return 1;
    },
    containers: {
      create: async (request: ContainerCreateRequest) => `id${created.push(request)}`,
      start: async () => {
        const error = failStarts.shift();
        if (error) throw error;
      },
      inspect: async () => ({
        state,
        error: '',
        exitCode: 137,
        networks: performance.now() - begin >= addressAfterMs ? [place] : [],
      }),
    },
  };
  const logger = createLogger({ debug() {}, info: (line) => said.push(line), warn() {}, error() {} });
  const run = newRun(network, ['x', 'x-r'], 'me');
  const context = { run, network, image: 'alpine:latest', signal: new AbortController().signal, logger };
  return { probe: new Probe({ host, engine: engine as never }, context), run, created, said };
}

describe('a test container', () => {
  it('whose attachment took Docker too long is tried once more, with a word, under a name that no other host has', async () => {
    const late = () => new OverlayError('probeAttachTimeout', { host: 'x' });
    const { probe, run, created, said } = probeOn('x', { failStarts: [late()] });
    await expect(probe.start()).resolves.toMatchObject({ address: { ipv4: '10.0.1.2' } });
    const names = created.map(({ name }) => name);
    expect(names).toHaveLength(2);
    expect([...run.containerNames.values()]).not.toContain(names[1]);
    expect(said.join()).toContain('x: trying once more');
    const twice = probeOn('x', { failStarts: [late(), late()] });
    await expect(twice.probe.start()).rejects.toMatchObject({
      reason: 'probeAttachTimeout',
      params: { name: 'my_net' },
    });
  });

  it('that is not started in time is blamed on an engine that answers nothing else either, and only then', async () => {
    const late = () => anyError('requestTimeout', { host: 'x' });
    const busy = probeOn('x', { failStarts: [late()] });
    await expect(busy.probe.start()).resolves.toMatchObject({ address: { ipv4: '10.0.1.2' } });
    expect(busy.created).toHaveLength(2);
    const tooBusy = probeOn('x', { failStarts: [late(), late()] });
    await expect(tooBusy.probe.start()).rejects.toMatchObject({
      reason: 'probeAttachTimeout',
      params: { host: 'x', name: 'my_net', message: 'Docker answers, and did not start it within 30 s' },
    });
    const frozen = probeOn('x', { failStarts: [late()], isFrozen: true });
    await expect(frozen.probe.start()).rejects.toMatchObject({ reason: 'requestTimeout' });
    expect(frozen.created).toHaveLength(1);
  });

  it('that has ended is told of as such, also while the engine still shows an address of it', async () => {
    await expect(probeOn('x', { state: 'exited' }).probe.start()).rejects.toMatchObject({
      reason: 'probeFailed',
      params: { host: 'x', message: 'it ended with exit code 137' },
    });
  });

  it('says how long it lasts, not until when', () => {
    const { probe, created } = probeOn('x');
    void probe.start();
    expect(created[0]?.labels).toMatchObject({ 'com.docker-overlay.lifetime': String(probeLimits.run / 1000) });
  });

  describe('while the clock is set', () => {
    beforeEach(() => {
      vi.useFakeTimers();
    });
    afterEach(() => {
      vi.useRealTimers();
    });

    it('an hour ahead gets its address all the same', async () => {
      const { probe } = probeOn('x', { addressAfterMs: 3_000 });
      const ready = probe.start();
      await vi.advanceTimersByTimeAsync(1_000);
      vi.setSystemTime(Date.now() + hour);
      await vi.advanceTimersByTimeAsync(5_000);
      await expect(ready).resolves.toMatchObject({ address: { ipv4: '10.0.1.2' } });
    });

    it('an hour back is given up when its time is over', async () => {
      const { probe } = probeOn('x', { addressAfterMs: Infinity });
      const end = expect(probe.start()).rejects.toMatchObject({ reason: 'probeAttachTimeout' });
      await vi.advanceTimersByTimeAsync(1_000);
      vi.setSystemTime(Date.now() - hour);
      // Twice: a second try has as much.
      await vi.advanceTimersByTimeAsync(2 * probeLimits.address + 2_000);
      await end;
    });
  });
});
