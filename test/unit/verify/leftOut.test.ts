import { describe, expect, it } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { silentLogger } from '../../../src/base/logger';
import { diagnose } from '../../../src/diagnosis/diagnose';
import { runVerification } from '../../../src/verify/matrix/runVerification';
import type { ConnectedHost } from '../../../src/probe/connectedHost';
import { network } from '../swarm/samples';
import { factsOf, matrixOf } from '../diagnosis/samples';

const windowsLeftOut = { reason: 'windowsLeftOut' as const, title: 'Windows, left out', happened: '', remedy: '' };

describe('a Windows host', () => {
  it('is a row that says so, and nothing is asked of it', async () => {
    const refuse = () => Promise.reject(new OverlayError('engineError', { message: 'no containers here' }));
    const linux = (host: string): ConnectedHost => ({
      host,
      platform: { osType: 'linux', architecture: 'x86_64' },
      engine: {
        images: { find: async () => ({ id: 'sha256:1', os: 'linux', architecture: 'amd64' }) },
        containers: { create: refuse, list: async () => [] },
      } as never,
    });
    const windows: ConnectedHost = {
      host: 'w1',
      platform: { osType: 'windows', architecture: 'x86_64' },
      engine: {} as never,
    };
    const report = await runVerification(
      {
        clusterId: 'c1',
        network: network('shop'),
        hosts: [linux('x1'), windows, linux('x2')],
        pings: 3,
        image: 'alpine:latest',
        owner: 'me',
      },
      { onEvent: () => undefined, logger: silentLogger },
    );
    expect(report.hosts.map(({ problem }) => problem?.title)).toEqual([
      expect.not.stringContaining('Windows'),
      'Windows, left out',
      expect.not.stringContaining('Windows'),
    ]);
    expect(report.pairs.filter(({ from, to }) => from === 'w1' || to === 'w1').map(({ problem }) => problem)).toEqual(
      Array(4).fill('w1 is a Windows host: the test containers are Linux programs and do not run there.'),
    );
  });

  it('is no finding', () => {
    const problems = { node2: windowsLeftOut };
    const isOut = (from: string, to: string) =>
      from === 'node2' || to === 'node2' ? { problem: 'left out' } : undefined;
    expect(diagnose(matrixOf(3, isOut, problems), factsOf(3))).toEqual([]);
  });
});
