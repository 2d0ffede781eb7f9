import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { Askpass } from '../../../src/connection/askpass';
import { RecordedHostKeys } from '../../../src/connection/hostKey';
import { KeyRing } from '../../../src/connection/keyRing';
import type { SystemSshLink } from '../../../src/connection/programLink';
import type { SshSettings } from '../../../src/connection/sshConfig';
import type { SshLink } from '../../../src/connection/sshLink';
import { Stopwatch } from '../../../src/connection/stopwatch';
import { SystemSshAnswers } from '../../../src/connection/systemSshAnswers';
import { sharedCommands } from '../../../src/connection/systemSshChannels';
import { forwardsTcp } from '../../../src/connection/tcpProbe';
import type { ConnectionPrompts } from '../../../src/connection/transport';
import { withStreams } from '../../../src/connection/withStreams';

const settings: SshSettings = {
  alias: 'target',
  hostName: '10.0.0.5',
  port: 22,
  user: 'deploy',
  identityFiles: [],
  identitiesOnly: false,
  userKnownHostsFiles: [],
  globalKnownHostsFiles: [],
  hashKnownHosts: false,
  certificateFiles: [],
  mayFork: true,
  gssapiAllowed: true,
  publicKeyAllowed: true,
  passwordAllowed: true,
  keyboardInteractiveAllowed: true,
};

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(os.tmpdir(), 'overlay-test-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(dir, { recursive: true, force: true });
});

describe('the socket where ssh asks', () => {
  /** What comes back for a line, until the socket is closed. */
  async function say(line: string): Promise<string> {
    const socket = net.connect(path.join(dir, 'q'));
    let said = '';
    socket.on('data', (chunk) => (said += String(chunk)));
    socket.write(`${line}\n`);
    await once(socket, 'close');
    return said;
  }

  it('answers a question, and refuses what is none', async () => {
    const askpass = await Askpass.open(dir, async ({ prompt }) => `answer to ${prompt}`);
    expect(await say('{"kind":"secret","prompt":"a"}')).toBe('{"answer":"answer to a"}');
    expect(await say('not readable')).toBe('');
    expect(await say('{"kind":"other","prompt":"a"}')).toBe('');
    askpass.dispose();
  });

  it('refuses when the answer fails', async () => {
    const askpass = await Askpass.open(dir, () => Promise.reject(new Error('no storage')));
    expect(await say('{"kind":"secret","prompt":"a"}')).toBe('');
    askpass.dispose();
  });
});

describe('answers for logins of the ssh program', () => {
  /** Prompts whose box closes when the signal aborts, as that of the editor. */
  function boxes(answer?: string) {
    const open: string[] = [];
    const passphrase: ConnectionPrompts['passphrase'] = ({ host }, signal) => {
      open.push(host);
      if (answer !== undefined) return Promise.resolve(answer);
      return new Promise((resolve) => signal?.addEventListener('abort', () => resolve(undefined)));
    };
    return { open, prompts: { passphrase } as ConnectionPrompts };
  }

  /** A login of a host, whose server asks for the passphrase of the one key. */
  function login(host: string, prompts: ConnectionPrompts, keyRing = new KeyRing()) {
    const controller = new AbortController();
    const stopwatch = new Stopwatch(60_000, () => undefined);
    const failures: unknown[] = [];
    const fail = (error: unknown) => failures.push(error);
    const own = { host, settings, prompts, keyRing, stopwatch, signal: controller.signal, fail };
    const answers = new SystemSshAnswers({ ...own, onStage: () => undefined, asker: () => undefined });
    const question = { kind: 'secret', prompt: "Enter passphrase for key '/home/me/key': " } as const;
    const ask = () => answers.answer(question, new AbortController().signal);
    const end = () => {
      stopwatch.dispose();
      controller.abort(new OverlayError('cancelled'));
    };
    return { answers, ask, failures, end };
  }

  it('uses what has let a jump host in for the host behind it, and does not call it wrong', async () => {
    const { open, prompts } = boxes('open sesame');
    const { answers, ask, end } = login('node1', prompts);
    await ask();
    answers.succeeded();
    expect(await ask()).toBe('open sesame');
    expect(open).toEqual(['node1']);
    end();
  });

  it('lets the next host ask when the login of the one who asked is over', async () => {
    const keyRing = new KeyRing();
    const first = login('node1', boxes().prompts, keyRing);
    const others = boxes('open sesame');
    const second = login('node2', others.prompts, keyRing);
    const answers = [first.ask(), second.ask()];
    await new Promise((resolve) => setImmediate(resolve));
    expect(others.open).toEqual([]);
    first.end();
    expect(await Promise.all(answers)).toEqual([undefined, 'open sesame']);
    expect(second.failures).toEqual([]);
    second.end();
  });
});

describe('a login of the ssh program in use', () => {
  it('tells when the program cannot be started any more, and nothing else happens', async () => {
    const link = { dir, closedBy: undefined } as SystemSshLink;
    const commands = sharedCommands({ link, host: 'node1', program: path.join(dir, 'gone'), env: {} });
    await expect(commands.start('true', () => undefined)).rejects.toThrow('ENOENT');
  });

  it('survives that no program can be started, which Node tells twice', () => {
    const child = Object.assign(new EventEmitter(), { stdin: undefined }) as unknown as ChildProcess;
    expect(() => withStreams(child)).toThrow('too many files');
    expect(child.emit('error', new Error('EMFILE'))).toBe(true);
  });
});

describe('what a connection can do without', () => {
  it('goes without probes where the server does not answer one', async () => {
    vi.useFakeTimers();
    const link = { closedBy: undefined, client: { forwardOut: () => undefined } } as unknown as SshLink;
    const answer = forwardsTcp(link, 'node1', new AbortController().signal);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(await answer).toBe(false);
  });

  it.each([
    [[], 'UserKnownHostsFile is none'],
    [['/dev/null'], 'UserKnownHostsFile is /dev/null'],
    [['/nowhere/known_hosts'], undefined],
  ])('knows that %j keeps no host key', async (userKnownHostsFiles, why) => {
    const recorded = await RecordedHostKeys.read('node1', { ...settings, userKnownHostsFiles }, new Map());
    expect(await recorded.forgetful()).toBe(why);
  });
});
