import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cgroupFolders } from './cgroups';
import { cgroupOf } from './engine';
import { Lab, takeDown } from './lab';
import { exitCodeOf, identify, isAlive, processesOfLab, run, waitFor, type CommandResult } from './process';
import { labDir, readState } from './state';
import { cli, cliProcess, launcher, patience, pingOnce } from './testing';
import { deployPassword } from './users';

// The lab is what all other tests with real engines stand on; here it is held against its own promises. Root only.

const name = `test-${process.pid}`;

let lab: Lab;
/** A Docker or a lab of somebody else's may have some. */
let linksBefore: readonly string[] = [];

/** Links of this system itself that are named as those of a lab are, which are all in machines. */
async function portLinks(): Promise<string[]> {
  const { stdout } = await run(['ip', '-o', 'link']);
  return stdout.match(/(?<=^\d+: )p-[^:@]+/gm) ?? [];
}

/** What would still be there if a lab were not removed completely. */
async function tracesOf(labName: string): Promise<string[]> {
  return [
    ...processesOfLab(labDir(labName)).map((id) => `process ${id.pid}`),
    ...readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(`/${labName}/`)),
    ...cgroupFolders(cgroupOf(labName)),
    ...(await portLinks()).filter((link) => !linksBefore.includes(link)),
    ...(existsSync(labDir(labName)) ? [labDir(labName)] : []),
  ];
}

beforeAll(async () => {
  linksBefore = await portLinks();
  lab = await Lab.up({ name, hosts: 3, forward: true, owned: true });
});

afterAll(async () => {
  await takeDown(name);
  expect(await tracesOf(name)).toEqual([]);
});

describe('machines', () => {
  it('let the workstation in by ssh, each with its own engine', async () => {
    const ids = await Promise.all(
      lab.hosts.map(async (host) => {
        const said = await lab.workstation.execOk([
          'ssh',
          host.name,
          'hostname; id -un; docker info -f "{{.ServerVersion}} {{.ID}}"',
        ]);
        const [hostname, user, engine] = said.split('\n');
        expect([hostname, user]).toEqual([host.name, 'deploy']);
        return engine;
      }),
    );
    expect(new Set(ids).size).toBe(3);
  });

  it('know the password of deploy, and let guest not use Docker', async () => {
    const askpass = join(lab.workstation.dir, 'run/askpass');
    writeFileSync(askpass, `#!/bin/sh\necho ${deployPassword}\n`, { mode: 0o755 });
    const byPassword = ['-o', 'PreferredAuthentications=password', '-o', 'PubkeyAuthentication=no'];
    const env = { SSH_ASKPASS: '/run/askpass', SSH_ASKPASS_REQUIRE: 'force' };
    expect(await lab.workstation.execOk(['ssh', ...byPassword, 'host1', 'id -un'], { env })).toBe('deploy\n');
    const guest = await lab.workstation.exec(['ssh', 'guest@host1', 'docker', 'ps']);
    expect(guest.code).not.toBe(0);
    expect(guest.stderr).toContain('permission denied');
  });

  it('have no way out, and a name server that says at once what does not exist', async () => {
    for (const machine of [lab.workstation, lab.host('host1')]) {
      expect((await machine.exec(['ip', 'route', 'get', '192.0.2.1'])).stderr).toContain('unreachable');
      expect((await machine.exec(['getent', 'hosts', 'registry-1.docker.io'])).code).toBe(2);
      expect((await machine.execOk(['ip', '-o', 'route', 'show', 'default'])).trim()).toBe('');
    }
    const asked = await lab.workstation.exec(['ssh', 'no-such-host', 'true']);
    expect(asked.stderr).toContain('Name or service not known');
  });

  it('run commands with input, exit code and time limit', async () => {
    const host = lab.host('host2');
    const done = await host.exec(['sh', '-c', 'cat; echo oops >&2; exit 7'], { input: 'hello' });
    expect(done).toEqual({ code: 7, stdout: 'hello', stderr: 'oops\n' });
    await expect(host.exec(['sleep', '1000'], { timeoutMs: 200 })).rejects.toThrow('Not done after 200 ms');
    await waitFor(
      async () => ((await host.exec(['pgrep', '-f', 'sleep 1000'])).code === 1 ? true : undefined),
      patience,
      () => 'sleep lives on',
    );
  });

  it('can be entered from inside the workstation too, which cannot take the lab down', async () => {
    const inside = (...words: string[]): Promise<CommandResult> =>
      lab.workstation.exec([process.execPath, launcher, ...words]);
    expect((await inside('exec', 'host3', '--', 'hostname')).stdout).toBe('host3\n');
    expect((await inside('exec', 'host3', '--', 'sh', '-c', 'exit 5')).code).toBe(5);
    expect((await inside('down')).stderr).toContain('cannot be taken down from inside');
    const socket = lab.host('host2').socketPath;
    expect(await lab.workstation.execOk(['docker', '-H', `unix://${socket}`, 'info', '-f', '{{.Name}}'])).toBe(
      'host2\n',
    );
  });

  it('take further SSH servers with another configuration', async () => {
    const host = lab.host('host1');
    const further = await host.startSshd({
      port: 2200,
      options: { AllowStreamLocalForwarding: 'no', MaxSessions: '2' },
      match: 'Match User deploy\n  ForceCommand echo forced',
    });
    expect(
      await lab.workstation.execOk(['ssh', '-o', 'StrictHostKeyChecking=no', '-p', '2200', 'host1', 'hostname']),
    ).toBe('forced\n');
    expect(further.log()).toContain('Accepted publickey for deploy');
    await further.stop();
    expect((await lab.workstation.exec(['ssh', '-p', '2200', 'host1', 'true'])).stderr).toContain('Connection refused');
    expect(await lab.workstation.execOk(['ssh', 'host1', 'hostname'])).toBe('host1\n');
  });

  it('are reached from outside through the forwarded addresses only', async () => {
    const config = lab.outsideSshConfig ?? '';
    const said = await run(['ssh', '-F', config, 'host2', 'hostname']);
    expect(said).toMatchObject({ code: 0, stdout: 'host2\n' });
    expect((await run([...pingOnce, lab.host('host2').address])).code).not.toBe(0);
    const way = await lab.forwardTcp({
      listen: { host: '127.0.0.1', port: 0 },
      target: { host: lab.host('host3').address, port: 22 },
    });
    const port = String(way.listening[0]?.port);
    expect(
      (
        await run([
          'ssh',
          '-F',
          config,
          '-o',
          `HostName=127.0.0.1`,
          '-p',
          port,
          '-o',
          'StrictHostKeyChecking=no',
          '-o',
          'UserKnownHostsFile=/dev/null',
          'host3',
          'hostname',
        ])
      ).stdout,
    ).toBe('host3\n');
    way.stop();
  });
});

describe('several labs, and their end', () => {
  const other = `${name}-b`;

  afterAll(() => takeDown(other));

  it('lives beside another lab, which leaves nothing when it goes', async () => {
    const second = await Lab.up({ name: other, hosts: 1, knownHosts: false });
    await expect(Lab.up({ name: other, hosts: 1 })).rejects.toThrow('already up');
    expect((await second.workstation.exec([...pingOnce, lab.host('host1').address])).code).not.toBe(0);
    expect((await second.workstation.exec(['ssh', '-o', 'BatchMode=yes', 'host1', 'true'])).stderr).toContain(
      'verification failed',
    );
    await second.host('host1').execOk(['docker', 'run', '-d', 'alpine', 'sleep', '100000']);
    second.workstation.spawn(['sleep', '100000'], { outlive: true, stdio: 'ignore' });
    const init = identify(second.host('host1').pid);
    await second.down();
    expect(init && isAlive(init)).toBe(false);
    expect(await tracesOf(other)).toEqual([]);
    expect(await lab.workstation.execOk(['ssh', 'host1', 'hostname'])).toBe('host1\n');
  });

  it('is removed by down, and replaced by up, when its maker was killed', async () => {
    await killWhileMaking();
    expect((await cli('down', '--name', other)).code).toBe(0);
    expect(await tracesOf(other)).toEqual([]);
    await killWhileMaking();
    expect((await cli('up', '--name', other, '--hosts', '1')).code).toBe(0);
    expect((await cliProcess('exec', 'host1', '--name', other, '--', 'docker', 'ps', '-q')).stdout).toBe('');
    await takeDown(other);
    expect(await tracesOf(other)).toEqual([]);
  });

  it('lasts as long as a command', async () => {
    const script = 'ssh host1 hostname; echo "$LAB_NAME"; exit 3';
    const done = await cliProcess('run', '--hosts', '1', '--name', other, '--', 'sh', '-c', script);
    expect(done).toMatchObject({ code: 3, stdout: `host1\n${other}\n` });
    expect(await tracesOf(other)).toEqual([]);
    const child = spawn(process.execPath, [
      launcher,
      'run',
      '--hosts',
      '1',
      '--name',
      other,
      '--',
      'sh',
      '-c',
      'echo in; exec sleep 100000',
    ]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGTERM');
    const code = await new Promise((resolve) => child.on('exit', (...how) => resolve(exitCodeOf(...how))));
    expect(code).toBe(143);
    expect(await tracesOf(other)).toEqual([]);
  });

  /** Starts to make a lab and kills the maker as soon as a machine's process exists. */
  async function killWhileMaking(): Promise<void> {
    const child = spawn(process.execPath, [launcher, 'up', '--name', other, '--hosts', '3']);
    let said = '';
    child.stderr.on('data', (chunk) => (said += String(chunk)));
    const ended = new Promise((resolve) => child.on('exit', resolve));
    await Promise.race([
      ended,
      waitFor(
        () => existsSync(join(labDir(other), 'host1/setup.log')) || undefined,
        patience,
        () => said,
      ),
    ]);
    child.kill('SIGKILL');
    await ended;
    expect(said).toBe('');
    expect(readState(other)?.phase).toBe('starting');
  }
});

describe('refusals', () => {
  it('says what is wrong with a command line', async () => {
    expect((await cli('up', '--name', 'Not/Good')).stderr).toContain('is no name for a lab');
    expect((await cli('up', '--hosts', '25', '--name', `${name}-c`)).stderr).toContain('1 to 24');
    expect(await cli('fault', 'block', 'host1', 'udp/99999', 'in', '--name', name)).toMatchObject({ code: 1 });
    expect((await cli('exec', 'host9', '--name', name, '--', 'true')).stderr).toContain('has no host "host9"');
    expect(await cli('frobnicate')).toMatchObject({ code: 2 });
    // Only said to be somebody else: who really is may not be able to read the checkout.
    const asNobody = ['--import', 'data:text/javascript,process.getuid = () => 65534'];
    expect((await run([process.execPath, ...asNobody, launcher, 'up'])).stderr).toContain('root');
  });
});
