import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { cgroupFolders } from './cgroups';
import { cgroupOf } from './engine';
import { main } from './cli';
import { engineCall } from './engineApi';
import { Lab, takeDown } from './lab';
import { exitCodeOf, processesOfLab, run, waitFor, type CommandResult } from './process';
import { labDir, readState } from './state';
import { deployPassword } from './users';

// The lab is what all other tests with real engines stand on; here it is held against its own promises. Root only.

const launcher = join(__dirname, '../../scripts/lab.mjs');
const name = `test-${process.pid}`;
/** Gives up after this many ms. Not a measure: the machine may be doing anything else besides. */
const patience = 120_000;
/** One echo request: quick to give up, for where none is to come back, and patient, for where one is. */
const pingOnce = ['ping', '-c', '1', '-W', '1'];
const pingPatiently = ['ping', '-c', '1', '-W', '20'];

let lab: Lab;

/** Runs the command line of the lab as a person would, in a process of its own. */
function cliProcess(...words: string[]): Promise<CommandResult> {
  return run([process.execPath, launcher, ...words]);
}

/** The same in this process, which saves the start. */
async function cli(...words: string[]): Promise<CommandResult> {
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  try {
    const code = await main(words);
    const said = (spy: typeof stdout): string => spy.mock.calls.map(([text]) => String(text)).join('');
    return { code, stdout: said(stdout), stderr: said(stderr) };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}

/** What would still be there if a lab were not removed completely. */
async function tracesOf(labName: string): Promise<string[]> {
  const links = await run(['ip', '-o', 'link']);
  return [
    ...processesOfLab(labDir(labName)).map((id) => `process ${id.pid}`),
    ...readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(`/${labName}/`)),
    ...cgroupFolders(cgroupOf(labName)),
    ...links.stdout.split('\n').filter((line) => / p-|veth|docker|br0/.test(line)),
    ...(existsSync(labDir(labName)) ? [labDir(labName)] : []),
  ];
}

beforeAll(async () => {
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

describe('swarm by hand, and faults', () => {
  /** A ping from one container to another, by name. */
  const ping = (from: string, to: string, words = pingOnce): Promise<CommandResult> =>
    lab.host(from).exec(['docker', 'exec', `on-${from}`, ...words, `on-${to}`]);
  const reaches = (from: string, to: string): Promise<CommandResult> => ping(from, to, pingPatiently);

  beforeAll(async () => {
    const [first, ...others] = lab.hosts;
    if (!first) throw new Error('The lab has no hosts.');
    await first.execOk(['docker', 'swarm', 'init', '--advertise-addr', first.address]);
    const token = (await first.execOk(['docker', 'swarm', 'join-token', '-q', 'worker'])).trim();
    await Promise.all(
      others.map((host) => host.execOk(['docker', 'swarm', 'join', '--token', token, `${first.address}:2377`])),
    );
    await first.execOk(['docker', 'network', 'create', '-d', 'overlay', '--attachable', 'my_net']);
    await Promise.all(
      lab.hosts.map((host) =>
        host.execOk([
          'docker',
          'run',
          '-d',
          '--init',
          '--name',
          `on-${host.name}`,
          '--network',
          'my_net',
          'alpine',
          'sleep',
          '100000',
        ]),
      ),
    );
    // Names spread by gossip.
    await waitFor(
      async () => ((await ping('host2', 'host3')).code === 0 ? true : undefined),
      30_000,
      () => 'no gossip',
    );
  });

  afterAll(async () => {
    await lab.resetSwarms();
    expect(await lab.leftovers()).toEqual([]);
    expect(await lab.faults()).toEqual([]);
    expect((await lab.host('host1').exec(['iptables', '-S'])).stdout).not.toContain('LAB-');
  });

  it('has every container reach every other by name', async () => {
    const names = lab.hosts.map((host) => host.name);
    const pairs = names.flatMap((from) => names.filter((to) => to !== from).map((to) => reaches(from, to)));
    expect((await Promise.all(pairs)).map((one) => one.code)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it('blocks the data path of one host, and lets it through again', async () => {
    expect((await cli('fault', 'block', 'host2', 'udp/4789', 'in', '--name', name)).code).toBe(0);
    expect((await ping('host1', 'host2')).stdout).toContain('100% packet loss');
    expect((await ping('host2', 'host1')).stdout).toContain('100% packet loss');
    expect((await reaches('host1', 'host3')).code).toBe(0);
    expect((await cli('faults', '--name', name)).stdout).toBe('fault block host2 udp/4789 in\n');
    expect((await cli('fault', 'unblock', 'host2', 'udp/4789', 'in', '--name', name)).code).toBe(0);
    expect((await reaches('host1', 'host2')).code).toBe(0);
    expect(await lab.faults()).toEqual([]);
  });

  it('blocks one peer and direction only', async () => {
    const { fault } = lab.host('host2');
    const block = { protocol: 'tcp', port: 22, direction: 'out', peer: 'host1' } as const;
    await fault.block(block);
    await fault.block({ protocol: 'esp', direction: 'in' });
    const open = (to: string): Promise<CommandResult> =>
      lab.host('host2').exec(['busybox', 'nc', '-w', '1', to, '22', '-e', 'true']);
    expect((await open('host1')).code).not.toBe(0);
    expect((await open('host3')).code).toBe(0);
    expect((await fault.list()).map((one) => one.what)).toEqual([
      'block host2 esp in',
      'block host2 tcp/22 out --peer host1',
    ]);
    await fault.unblock(block);
    expect((await open('host1')).code).toBe(0);
    await fault.clear();
  });

  it('cuts the cable', async () => {
    const { fault, address } = lab.host('host3');
    await fault.cut();
    expect((await lab.workstation.exec([...pingOnce, address])).code).not.toBe(0);
    expect(await fault.list()).toMatchObject([{ kind: 'cut', what: 'cut host3' }]);
    await fault.restore();
    expect((await lab.workstation.exec([...pingPatiently, address])).code).toBe(0);
  });

  it('makes the underlay smaller, which only full-size packets notice', async () => {
    const { fault } = lab.host('host2');
    const inner = (size: string, words = pingPatiently): Promise<CommandResult> =>
      ping('host1', 'host2', [...words, '-s', size]);
    await fault.mtu(1400);
    expect((await inner('1300')).code).toBe(0);
    expect((await inner('1422', pingOnce)).code).not.toBe(0);
    expect((await fault.list()).map((one) => one.what)).toEqual(['mtu host2 1400']);
    await fault.mtu();
    expect((await inner('1422')).code).toBe(0);
  });

  it('loses packets', async () => {
    const { fault } = lab.host('host2');
    await fault.loss(30);
    await fault.loss(100, { protocol: 'udp', port: 4789 });
    expect((await ping('host1', 'host2')).code).not.toBe(0);
    expect((await fault.list()).map((one) => one.what)).toEqual(['loss host2 30', 'loss host2 100 --port udp/4789']);
    await fault.loss(0, { protocol: 'udp', port: 4789 });
    expect((await fault.list()).map((one) => one.what)).toEqual(['loss host2 30']);
    await fault.loss(0);
    expect((await reaches('host1', 'host2')).code).toBe(0);
  });

  it('freezes, kills and starts the engine', async () => {
    const host = lab.host('host3');
    const version = (): Promise<unknown> => engineCall(host.socketPath, 'GET', '/version');
    await host.fault.freeze('dockerd');
    let answered = false;
    const answer = version().then(() => (answered = true));
    await expect(host.exec(['docker', 'version'], { timeoutMs: 1000 })).rejects.toThrow('Not done');
    expect(answered).toBe(false);
    expect(await host.fault.list()).toMatchObject([{ kind: 'frozen' }]);
    await host.fault.thaw('dockerd');
    await answer;
    await host.fault.kill('dockerd');
    await expect(version()).rejects.toThrow(/ECONNREFUSED|ENOENT/);
    expect(await host.fault.list()).toMatchObject([{ kind: 'dead', what: 'stop host3 dockerd' }]);
    await host.fault.start('dockerd');
    await version();
  });

  it('freezes, kills and restarts the SSH server with its open connections', async () => {
    const host = lab.host('host1');
    const open = lab.workstation.spawn(['ssh', 'host1', 'echo in; cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
    await new Promise((resolve) => open.stdout?.once('data', resolve));
    const ended = new Promise<number>((resolve) =>
      open.on('exit', (code, signal) => resolve(exitCodeOf(code, signal))),
    );
    await host.fault.freeze('sshd');
    expect((await lab.workstation.exec(['ssh', '-o', 'ConnectTimeout=1', 'host1', 'true'])).stderr).toMatch(
      /timed out/i,
    );
    await host.fault.thaw('sshd');
    open.stdin?.write('echo\n');
    expect(String(await new Promise((resolve) => open.stdout?.once('data', resolve)))).toBe('echo\n');
    await host.fault.restart('sshd');
    expect(await lab.workstation.execOk(['ssh', 'host1', 'hostname'])).toBe('host1\n');
    open.kill();
    await ended;
    const second = lab.workstation.spawn(['ssh', 'host1', 'echo in; cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
    await new Promise((resolve) => second.stdout?.once('data', resolve));
    const lost = new Promise<number>((resolve) =>
      second.on('exit', (code, signal) => resolve(exitCodeOf(code, signal))),
    );
    await host.fault.kill('sshd');
    expect(await lost).toBe(255);
    expect((await lab.workstation.exec(['ssh', 'host1', 'true'])).stderr).toContain('Connection refused');
    await cli('fault', 'clear', '--name', name);
    expect(await lab.workstation.execOk(['ssh', 'host1', 'hostname'])).toBe('host1\n');
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
    const { pid } = second.host('host1');
    await second.down();
    expect(existsSync(`/proc/${pid}`)).toBe(false);
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
    expect(
      (await run(['setpriv', '--reuid', '65534', '--clear-groups', process.execPath, launcher, 'up'])).stderr,
    ).toContain('root');
  });
});
