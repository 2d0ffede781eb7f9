import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../../src/base/logger';
import { withHelper } from '../../../src/probe/helperContainer';
import { runScript } from '../../../src/probe/runScript';

/** An engine whose scripts print this. */
const printing = (text: string) =>
  ({
    containers: {
      create: async () => 'id1',
      start: async () => undefined,
      list: async () => [],
      exec: async (_id: string, { onStdout }: { onStdout: (chunk: Buffer) => void }) => {
        onStdout(Buffer.from(text));
        return 0;
      },
    },
  }) as never;
const { signal } = new AbortController();
const text = '0 0 3 packets transmitted\n1 0 3 pack';

describe('runScript', () => {
  it('does not take the beginning of a measurement for one', async () => {
    const heard: string[] = [];
    const container = { host: 'h1', engine: printing(text), containerId: 'id1' };
    const onLine = (line: string) => heard.push(line);
    const options = { what: 'x', ms: 1_000, signal, logger: silentLogger, onLine };
    expect(await runScript(container, 'x', options)).toBe(0);
    expect(heard).toEqual(['0 0 3 packets transmitted']);
  });

  it('takes whatever a helper printed last for a line', async () => {
    const heard: string[] = [];
    const task = { runId: 'r1', owner: 'me', image: 'alpine', signal, logger: silentLogger };
    await withHelper({ host: 'h1', engine: printing(text) }, task, {}, (helper) =>
      helper.run('x', (line) => heard.push(line), 1_000),
    );
    expect(heard).toEqual(['0 0 3 packets transmitted', '1 0 3 pack']);
  });
});
