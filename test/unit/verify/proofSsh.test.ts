import { execFileSync, spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { OverlayError } from '../../../src/base/errors';
import { silentLogger } from '../../../src/base/logger';
import { delay } from '../../../src/base/time';
import type { Engine } from '../../../src/engine/api';
import type { CommandOptions, RunCommand } from '../../../src/model/host/remoteCommand';
import { ImageSupply } from '../../../src/probe/imageSupply';
import { hostToolsScript, hostWatchScript, watchScript } from '../../../src/verify/proof/watch/script';
import { Watcher, type WatchResult } from '../../../src/verify/proof/watch/watcher';
import type { ConnectedHost } from '../../../src/probe/connectedHost';

const image = 'helper:1';
const target = { vnis: [4097], dataPathPort: 4789 };

/** An engine that has the image and then refuses the container, or that cannot get the image. */
function engine(hasImage: boolean): Engine {
  return {
    images: {
      find: async () => (hasImage ? 'sha256:1' : undefined),
      pull: () => Promise.reject(new OverlayError('engineError', { message: 'no route to the registry' })),
    },
    containers: {
      create: () => Promise.reject(new OverlayError('engineError', { message: 'no helpers here' })),
      list: async () => [],
    },
  } as unknown as Engine;
}

interface FakeHost {
  readonly hasImage?: boolean;
  /** What the look for programs prints. */
  readonly tools?: string;
  readonly failure?: OverlayError;
  /** What the watch prints before its input ends. */
  readonly watched?: string;
  /** It ends by itself, as a capture that is full does. */
  readonly endsEarly?: boolean;
  /** What tcpdump says at its end. */
  readonly lastWords?: string;
}

/** Watches a host to the end; with the commands that it was asked to run. */
async function watch(fake: FakeHost | undefined, hasImage = false, controller = new AbortController()) {
  const commands: string[] = [];
  const runCommand: RunCommand = async (command, options: CommandOptions) => {
    commands.push(command);
    if (fake?.failure) throw fake.failure;
    if (commands.length === 1) options.onStdout(Buffer.from(fake?.tools ?? '@r root\n'));
    else {
      const said = fake?.watched ?? '@a 2: eth0 inet 10.0.0.1/24\nlistening on any\n';
      options.onStdout(Buffer.from(said));
      // A capture that fails ends by itself.
      if (said.includes('listening') && !fake?.endsEarly) await options.endOfInput;
      options.onStdout(Buffer.from(`${fake?.lastWords ?? '3 packets dropped by kernel'}\n@y`));
    }
    return { exitCode: 0, stderr: '' };
  };
  const host: ConnectedHost = { host: 'a', engine: engine(hasImage), ...(fake && { runCommand }) };
  const { signal } = controller;
  const supply = new ImageSupply([host], { image, signal, logger: silentLogger, onWords: () => undefined });
  const task = { runId: 'run', owner: 'test', image, signal, logger: silentLogger };
  const watcher = new Watcher(host, task, supply, Promise.resolve(target));
  await watcher.start();
  // As long as the pings take, at least.
  await delay(5);
  const result: WatchResult = await watcher.finish();
  return { result, commands, watcher };
}

const problemOf = ({ result }: { result: WatchResult }) => (result.kind === 'failed' ? result.problem : undefined);

describe('how a host is looked at', () => {
  it('is over SSH where the image is nowhere and the host has the programs', async () => {
    const { result, commands, watcher } = await watch({});
    expect(result).toEqual({
      kind: 'watched',
      watch: { host: 'a', by: 'ssh', addresses: ['10.0.0.1'], packets: [], associations: [], isPartial: true },
    });
    expect(commands).toHaveLength(2);
    expect(commands[1]).toMatch(/^sh -c '/);
    expect(watcher.hasStarted).toBe(false);
  });

  it.each<[string, boolean, FakeHost]>([
    ['the kernel dropped none', false, { lastWords: '7 packets captured\n0 packets dropped by kernel' }],
    ['the kernel dropped some', true, { lastWords: '7 packets captured\n3 packets dropped by kernel' }],
    ['the capture was full', true, { lastWords: '50000 packets captured\n0 packets dropped by kernel' }],
    ['the capture ended by itself', true, { lastWords: '0 packets dropped by kernel', endsEarly: true }],
  ])('tells whether packets are missing: %s', async (_, isPartial, fake) => {
    const { result } = await watch(fake);
    expect(result).toMatchObject({ kind: 'watched', watch: { isPartial } });
  });

  it('is by sudo for a user who may', async () => {
    const { commands, result } = await watch({ tools: '@r sudo\n' });
    expect(result.kind).toBe('watched');
    expect(commands[1]).toMatch(/^sudo -n sh -c '/);
  });

  it('is by a helper wherever the image is, whatever becomes of it', async () => {
    const seen = await watch({}, true);
    expect(seen.commands).toEqual([]);
    expect(problemOf(seen)).toContain('no helpers here');
  });

  it.each<[string, FakeHost | undefined, string]>([
    [
      'no SSH',
      undefined,
      'a has no image helper:1, could not pull it, and no other host of its platform has it: no route to the registry.',
    ],
    [
      'no tcpdump',
      { tools: '@! tcpdump is not installed\n' },
      'a has no image helper:1, and over SSH: tcpdump is not installed.',
    ],
    [
      'a key for one command',
      { tools: '' },
      'a has no image helper:1, and over SSH: the server does not run commands of ours.',
    ],
    [
      'no further session',
      { failure: new OverlayError('sshSessionRefused', { host: 'a' }) },
      'a has no image helper:1, and over SSH: the SSH server allows no further session on this connection (MaxSessions).',
    ],
    [
      'no permission to capture',
      { watched: 'tcpdump: any: Operation not permitted\n' },
      'a has no image helper:1, and over SSH: tcpdump: any: Operation not permitted.',
    ],
  ])('fails in words: %s', async (_, fake, problem) => {
    expect(problemOf(await watch(fake))).toBe(problem);
  });
});

describe('the scripts for a host itself', () => {
  const shell = (script: string, path: string) =>
    spawnSync('/bin/sh', ['-c', script.replaceAll('/usr/local/sbin:/usr/sbin:/sbin', path)], {
      env: { PATH: path },
      encoding: 'utf8',
    }).stdout;

  it('are ones that a shell can read', () => {
    for (const script of [hostToolsScript, hostWatchScript(target, 60), watchScript(target)])
      expect(() => execFileSync('sh', ['-n', '-c', script])).not.toThrow();
  });

  it('name the program that is not installed', () => {
    expect(shell(hostToolsScript, '/nowhere')).toBe('@! tcpdump is not installed\n');
  });

  it('make no file on the host and bound the capture in time', () => {
    const script = hostWatchScript(target, 60);
    expect(script).toContain('timeout 60 tcpdump ');
    expect(script).not.toContain('/tmp');
  });
});
