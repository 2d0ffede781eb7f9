import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { maxLineLength } from '../../../src/base/text/lines';
import { ProcessChannel } from '../../../src/connection/openssh/processChannel';
import { RecordedHostKeys } from '../../../src/connection/hostKeys/recordedHostKeys';
import type { OpensshConnection } from '../../../src/connection/openssh/controlMaster';
import { sharedCommands } from '../../../src/connection/openssh/channels';
import { withStreams } from '../../../src/connection/processStreams';
import { settings } from './sshSettings';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'overlay-test-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

describe('a login of the ssh program in use', () => {
  it('tells when the program cannot be started any more, and nothing else happens', async () => {
    const link = { dir, closedBy: undefined } as OpensshConnection;
    const commands = sharedCommands({ link, host: 'node1', program: path.join(dir, 'gone'), env: {} });
    await expect(commands.start('true', () => undefined)).rejects.toThrow('ENOENT');
  });

  it.each(['before it begins', 'while it begins'])('survives a command that is cancelled %s', async (when) => {
    const unhandled: unknown[] = [];
    const note = (error: unknown) => unhandled.push(error);
    process.on('unhandledRejection', note);
    const link = { dir, closedBy: undefined } as OpensshConnection;
    const commands = sharedCommands({ link, host: 'node1', program: '/bin/true', env: {} });
    const controller = new AbortController();
    if (when === 'before it begins') controller.abort();
    const started = commands.start('true', () => undefined, controller.signal);
    controller.abort();
    await expect(started).rejects.toMatchObject({ reason: 'cancelled' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  it('keeps the beginning of a line that never ends', async () => {
    const lines: string[] = [];
    const flood = 'head -c 50000000 /dev/zero | tr "\\0" x >&2; echo >&2; echo short >&2';
    const channel = new ProcessChannel(['sh', '-c', flood], {}, (line) => lines.push(line));
    await once(channel, 'close');
    expect(lines.map((line) => line.length)).toEqual([maxLineLength, 5]);
  });

  it('survives that no program can be started, which Node tells twice', () => {
    const child = Object.assign(new EventEmitter(), { stdin: undefined }) as unknown as ChildProcess;
    expect(() => withStreams(child)).toThrow('too many files');
    expect(child.emit('error', new Error('EMFILE'))).toBe(true);
  });
});

describe('where host keys are kept', () => {
  it.each([
    [[], 'UserKnownHostsFile is none'],
    [['/dev/null'], 'UserKnownHostsFile is /dev/null'],
    [['/nowhere/known_hosts'], undefined],
  ])('knows that %j keeps no host key', async (userKnownHostsFiles, why) => {
    const recorded = await RecordedHostKeys.read('node1', { ...settings, userKnownHostsFiles });
    expect(await recorded.whyNotKept()).toBe(why);
  });
});
