import { afterAll, beforeAll, expect, it } from 'vitest';
import { engineCall } from './engineApi';
import { Lab, takeDown } from './lab';
import { exitCodeOf, waitFor, type CommandResult } from './process';
import { cli, patience, pingOnce, pingPatiently } from './testing';

// A swarm made by hand with the CLI, and each fault of the lab against it. Root only.

const name = `faults-${process.pid}`;

let lab: Lab;

/** A ping from one container to another, by name. */
const ping = (from: string, to: string, words = pingOnce): Promise<CommandResult> =>
  lab.host(from).exec(['docker', 'exec', `on-${from}`, ...words, `on-${to}`]);
const reaches = (from: string, to: string): Promise<CommandResult> => ping(from, to, pingPatiently);

beforeAll(async () => {
  lab = await Lab.up({ name, hosts: 3, owned: true });
  const [first, ...others] = lab.hosts;
  if (!first) throw new Error('The lab has no hosts.');
  await first.execOk(['docker', 'swarm', 'init', '--advertise-addr', first.address]);
  const token = (await first.execOk(['docker', 'swarm', 'join-token', '-q', 'worker'])).trim();
  await Promise.all(
    others.map((host) => host.execOk(['docker', 'swarm', 'join', '--token', token, `${first.address}:2377`])),
  );
  await first.execOk(['docker', 'network', 'create', '-d', 'overlay', '--attachable', 'my_net']);
  await Promise.all(lab.hosts.map((host) => host.runInNetwork(`on-${host.name}`, 'my_net')));
  // Names spread by gossip.
  await waitFor(
    async () => ((await ping('host2', 'host3')).code === 0 ? true : undefined),
    patience,
    () => 'no gossip',
  );
});

afterAll(() => takeDown(name));

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
  const ended = new Promise<number>((resolve) => open.on('exit', (code, signal) => resolve(exitCodeOf(code, signal))));
  await host.fault.freeze('sshd');
  expect((await lab.workstation.exec(['ssh', '-o', 'ConnectTimeout=1', 'host1', 'true'])).stderr).toMatch(/timed out/i);
  await host.fault.thaw('sshd');
  open.stdin?.write('echo\n');
  expect(String(await new Promise((resolve) => open.stdout?.once('data', resolve)))).toBe('echo\n');
  await host.fault.restart('sshd');
  expect(await lab.workstation.execOk(['ssh', 'host1', 'hostname'])).toBe('host1\n');
  open.kill();
  await ended;
  const second = lab.workstation.spawn(['ssh', 'host1', 'echo in; cat'], { stdio: ['pipe', 'pipe', 'ignore'] });
  await new Promise((resolve) => second.stdout?.once('data', resolve));
  const lost = new Promise<number>((resolve) => second.on('exit', (code, signal) => resolve(exitCodeOf(code, signal))));
  await host.fault.kill('sshd');
  expect(await lost).toBe(255);
  expect((await lab.workstation.exec(['ssh', 'host1', 'true'])).stderr).toContain('Connection refused');
  await cli('fault', 'clear', '--name', name);
  expect(await lab.workstation.execOk(['ssh', 'host1', 'hostname'])).toBe('host1\n');
});
