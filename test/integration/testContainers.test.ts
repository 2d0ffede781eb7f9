import { afterAll, afterEach, beforeAll, beforeEach, describe as suite, expect, it } from 'vitest';
import { silentLogger } from '../../src/base/logger';
import type { Engine } from '../../src/engine/api';
import { labels } from '../../src/model/engine/records';
import type { HostConfig, SshTransportChoice } from '../../src/model/host/host';
import { planError, runPlan } from '../../src/swarm/plans/runPlan';
import { reapLeftovers } from '../../src/probe/reaper';
import { proposeNames, testContainersOf } from '../../src/probe/testContainers/names';
import { planRemoveTestContainers } from '../../src/probe/testContainers/removePlan';
import { planStartTestContainers } from '../../src/probe/testContainers/startPlan';
import type { Lab, LabHost } from '../lab/lab';
import { ConnectionKit } from './support/connectionKit';
import { attachLab } from './support/connectionSsh';
import { TestShell } from './support/shellKit';
import { docker, eventually, SwarmKit } from './support/swarmKit';

const image = 'alpine:latest';
const names = ['alpine1', 'alpine2', 'alpine3'];

/** Test containers and the shells in them, over real SSH links to real engines. */
suite('test containers (integration)', () => {
  let lab: Lab;
  let connections: ConnectionKit;
  let kit: SwarmKit;

  beforeAll(async () => {
    lab = await attachLab();
    await lab.resetSwarms();
    const [first, ...others] = lab.hosts as [LabHost, ...LabHost[]];
    await docker(first, 'swarm', 'init', '--advertise-addr', first.address);
    const token = await docker(first, 'swarm', 'join-token', '-q', 'worker');
    await Promise.all(others.map((one) => docker(one, 'swarm', 'join', '--token', token, `${first.address}:2377`)));
    await docker(first, 'network', 'create', '-d', 'overlay', '--attachable', 'my_net');
    await docker(first, 'network', 'create', '-d', 'overlay', 'closed_net');
  });
  beforeEach(async () => {
    connections = new ConnectionKit();
    kit = await fleet();
  });
  afterEach(async () => {
    kit.dispose();
    connections.dispose();
    for (const host of lab.hosts) await removeAll(host);
  });
  afterAll(async () => {
    await lab.resetSwarms();
  });

  /** All hosts of the lab over SSH, connected, in one swarm with its network. */
  async function fleet(way?: SshTransportChoice): Promise<SwarmKit> {
    const made = new SwarmKit(lab, { connector: connections.connector() });
    const config = ({ name }: LabHost): HostConfig => ({
      name,
      endpoint: { kind: 'ssh', host: name },
      endpointText: `ssh://${name}`,
      ...(way ? { transport: way } : {}),
    });
    made.fleet.setHosts(lab.hosts.map(config), []);
    await made.connectAll();
    await made.until('the swarm', ({ clusters }) => clusters[0]?.hosts.length === 3 && made.network('my_net'));
    return made;
  }

  async function removeAll(host: LabHost): Promise<void> {
    const ids = await docker(host, 'ps', '-aq');
    if (ids) await docker(host, 'rm', '-f', ...ids.split(/\s+/));
  }

  const engineOf = (host: string): Engine => kit.fleet.engine(host);
  const hostNames = () => lab.hosts.map((host) => host.name);

  function startPlan(containers = lab.hosts.map(({ name }, index) => ({ host: name, name: names[index] ?? '' }))) {
    const [cluster] = kit.topology.clusters;
    return planStartTestContainers(
      kit.topology,
      engineOf,
      {
        clusterId: cluster?.id ?? '',
        networkId: kit.network('my_net')?.network.id ?? '',
        image,
        containers,
      },
      silentLogger,
    );
  }

  /** Starts them, and waits until the fleet knows them. */
  async function started(...args: Parameters<typeof startPlan>) {
    const plan = startPlan(...args);
    await kit.run(plan);
    await kit.fleet.refresh();
    return plan.started();
  }

  async function ofHost(index: number): Promise<string[]> {
    return (await docker(lab.hosts[index] as LabHost, 'ps', '-a', '--format', '{{.Names}}'))
      .split('\n')
      .filter(Boolean);
  }

  async function ping(from: number, name: string): Promise<void> {
    // Names need a moment to get around by gossip.
    await eventually(`host ${from} reaches ${name}`, async () => {
      const { code } = await (lab.hosts[from] as LabHost).exec([
        'docker',
        'exec',
        names[from] ?? '',
        ...['ping', '-c', '1', '-W', '2', name],
      ]);
      return code === 0;
    });
  }

  it('run on each host, reach each other by name, and have their limits', async () => {
    const containers = await started();
    expect(containers.map(({ host, name }) => [host, name])).toEqual(hostNames().map((host, i) => [host, names[i]]));
    for (const [from] of names.entries()) for (const name of names) await ping(from, name);
    for (const [index, host] of lab.hosts.entries()) {
      const format =
        '{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}} {{.HostConfig.NanoCpus}} {{.HostConfig.RestartPolicy.Name}} {{.Config.Tty}} {{.HostConfig.AutoRemove}}';
      const text = await docker(host, 'inspect', '--format', format, names[index] ?? '');
      expect(text).toMatch(/^268435456 256 1000000000 (no)? true false$/);
      const address = '{{(index .NetworkSettings.Networks "my_net").IPAddress}}';
      expect(await docker(host, 'inspect', '--format', address, names[index] ?? '')).toBe(containers[index]?.address);
    }
  });

  it('are found when they are started again, and started where they are stopped', async () => {
    const first = await started();
    const again = startPlan();
    expect(new Set(await kit.run(again))).toEqual(new Set(['alreadyDone']));
    expect(again.started()).toEqual(first);
    await docker(lab.hosts[1] as LabHost, 'stop', '-t', '0', 'alpine2');
    await kit.fleet.refresh();
    const proposed = proposeNames(kit.topology, kit.network('my_net')!, hostNames(), image);
    expect([...proposed.values()]).toEqual(names);
    const third = startPlan();
    expect(await kit.run(third)).toEqual([
      'alreadyDone',
      'alreadyDone',
      'alreadyDone',
      'done',
      'alreadyDone',
      'alreadyDone',
    ]);
    expect(third.started().map((one) => one.containerId)).toEqual(first.map((one) => one.containerId));
    await ping(0, 'alpine2');
  });

  it('get their image from another host where no registry is, also from one that starts none', async () => {
    const [, second, third] = lab.hosts as [LabHost, LabHost, LabHost];
    for (const host of [second, third]) await docker(host, 'rmi', '-f', image);
    const plan = startPlan([
      { host: second.name, name: 'alpine2' },
      { host: third.name, name: 'alpine3' },
    ]);
    const words: string[] = [];
    const result = await runPlan(plan, {
      onStep: (_, state) => void (state.kind === 'running' && state.words && words.push(state.words)),
    });
    expect(planError(result)).toBeUndefined();
    expect(result.steps.map(({ state }) => state.kind)).toEqual(['done', 'done', 'done', 'done']);
    expect(words).toContain(`copying ${image} from host1`);
    for (const host of [second, third]) expect(await docker(host, 'images', '-q', image)).not.toBe('');
  });

  it('are not started under a name that somebody else has, nor in a network that is not attachable', async () => {
    const [first, second] = lab.hosts as [LabHost, LabHost];
    await docker(second, 'run', '-d', '--name', 'alpine1', image, 'sleep', '1000');
    await kit.fleet.refresh();
    expect(() => startPlan()).toThrow(
      expect.objectContaining({ reason: 'containerNameTaken', params: expect.objectContaining({ host: 'host2' }) }),
    );
    await docker(second, 'rm', '-f', 'alpine1');
    await kit.fleet.refresh();
    // Taken after the plan was made: the others are started all the same.
    const plan = startPlan();
    await docker(first, 'run', '-d', '--name', 'alpine1', image, 'sleep', '1000');
    const { error, steps } = await kit.runFailing(plan);
    expect(steps.map(({ state }) => state.kind).sort()).toEqual([
      'alreadyDone',
      'alreadyDone',
      'alreadyDone',
      'done',
      'done',
      'failed',
    ]);
    expect(error.params.message).toMatch(
      /done: .*Start alpine2 on host2.*not done: Start alpine1 on host1 \(There is already/,
    );
    expect(await docker(first, 'inspect', '--format', '{{len .Config.Labels}} {{.State.Running}}', 'alpine1')).toBe(
      '0 true',
    );
    const closed = kit.network('closed_net')?.network.id ?? '';
    const request = {
      clusterId: kit.cluster().id,
      networkId: closed,
      image,
      containers: [{ host: 'host1', name: 'a' }],
    };
    expect(() => planStartTestContainers(kit.topology, engineOf, request, silentLogger)).toThrow(
      expect.objectContaining({ reason: 'verifyNotAttachable' }),
    );
  });

  it('that are cancelled leave nothing half done', async () => {
    const stop = new AbortController();
    const result = await runPlan(startPlan(), {
      signal: stop.signal,
      concurrency: 8,
      onStep: (step, state) => {
        if (step.id.startsWith('start:') && state.kind === 'running') setTimeout(() => stop.abort(), 60);
      },
    });
    expect(result.outcome).not.toBe('incomplete');
    for (const [index, host] of lab.hosts.entries()) {
      const isDone = result.steps.some(({ step, state }) => step.id === `start:${host.name}` && state.kind === 'done');
      expect(await ofHost(index)).toEqual(isDone ? [names[index]] : []);
    }
    // What was not done is done by the same plan.
    await started();
    for (const index of names.keys()) expect(await ofHost(index)).toEqual([names[index]]);
  });

  it('are found by a new window, left alone by the reaper, and removed all at once, nothing else with them', async () => {
    await started();
    await docker(lab.hosts[2] as LabHost, 'run', '-d', '--name', 'mine', '--network', 'my_net', image, 'sleep', '1000');
    kit.dispose();
    kit = await fleet();
    await kit.until('all of them', (topology) => testContainersOf(topology).length === 3);
    for (const host of hostNames()) {
      const reaped = await reapLeftovers(engineOf(host), {
        owner: 'me',
        isOwnerAlive: () => false,
      });
      expect(reaped).toEqual([]);
    }
    const all = testContainersOf(kit.topology).map(({ host, container }) => ({ host, containerId: container.id }));
    const plan = planRemoveTestContainers(kit.topology, engineOf, all);
    expect(plan.effects[0]).toMatch(/^alpine1 on host1 \(my_net 10\./);
    // Somebody removes one and makes another of the same name meanwhile.
    await docker(lab.hosts[1] as LabHost, 'rm', '-f', 'alpine2');
    await docker(lab.hosts[1] as LabHost, 'run', '-d', '--name', 'alpine2', image, 'sleep', '1000');
    expect((await kit.run(plan)).sort()).toEqual(['alreadyDone', 'done', 'done']);
    expect([await ofHost(0), await ofHost(1), await ofHost(2)]).toEqual([[], ['alpine2'], ['mine']]);
    await kit.fleet.refresh();
    const other = await docker(lab.hosts[1] as LabHost, 'inspect', '--format', '{{.Id}}', 'alpine2');
    expect(() => planRemoveTestContainers(kit.topology, engineOf, [{ host: 'host2', containerId: other }])).toThrow(
      expect.objectContaining({ reason: 'notTestContainer' }),
    );
    expect(labels.run).not.toBe(labels.testContainer);
  });

  suite('a shell', () => {
    const shells: TestShell[] = [];

    afterEach(async () => {
      for (const shell of shells.splice(0)) {
        await shell.close();
        expect(shell.faults).toEqual([]);
      }
    });

    async function shellOn(host: string, name: string): Promise<{ shell: TestShell; containerId: string }> {
      const [one] = await started([{ host, name }]);
      const containerId = one?.containerId ?? '';
      const shell = new TestShell({ host, containerId, name }, engineOf, { columns: 100, rows: 30 });
      shells.push(shell);
      return { shell, containerId };
    }

    const processes = (host: string, name: string) => docker(lab.host(host), 'exec', name, 'ps', '-o', 'pid,args');

    it('is a shell: size, keys, characters of all kinds, much output, exit code', async () => {
      const { shell } = await shellOn('host2', 'alpine2');
      await shell.ready();
      shell.type('stty size');
      await shell.sees('30 100');
      for (let columns = 81; columns <= 120; columns += 1) shell.session.resize({ columns, rows: 42 });
      await eventually('the new size', async () => {
        shell.type('stty size');
        await shell.ready();
        return shell.shown.includes('42 120');
      });
      shell.type('sleep 600');
      await eventually('sleep runs', async () => (await processes('host2', 'alpine2')).includes('sleep 600'));
      shell.session.input('\x03');
      await shell.ready();
      expect(await processes('host2', 'alpine2')).not.toContain('sleep 600');
      shell.type('echo äöü漢字🙂 | cat');
      await shell.sees('äöü漢字🙂\r\n');
      // More than a link takes at once, in characters of three bytes.
      shell.type('i=0; while [ $i -lt 20000 ]; do echo 漢字漢字漢字漢字漢字漢字; i=$((i+1)); done; echo en""d');
      await shell.sees('end', 120_000);
      expect(shell.shown.match(/漢字漢字漢字漢字漢字漢字\r\n/g)?.length).toBe(20_000);
      expect(shell.shown).not.toContain('\ufffd');
      shell.type('exit 7');
      await shell.sees('The shell has ended with exit code 7. Press Enter for a new one.');
      shell.session.input('\r');
      await shell.ready();
      shell.type('exit 0');
      await eventually('the terminal closes', async () => shell.isClosed);
    });

    it('takes Ctrl-C while it floods, and ends with its terminal: no process stays', async () => {
      const { shell } = await shellOn('host2', 'alpine2');
      await shell.ready();
      shell.type('yes');
      await shell.sees('y\r\ny\r\n');
      shell.session.input('\x03');
      await shell.ready();
      shell.type('sleep 700 & sleep 800');
      await eventually('both run', async () => /sleep 700[\s\S]*sleep 800/.test(await processes('host2', 'alpine2')));
      await shell.close();
      // In brackets: it has ended, but the first process of the container is a shell, which does not ask after it.
      const alive = async () =>
        (await processes('host2', 'alpine2')).split('\n').filter((line) => !/ps -o|\bPID\b|\[.*\]/.test(line));
      await expect.poll(alive, { timeout: 120_000, interval: 200 }).toEqual([expect.stringMatching(/^ *1 sh$/)]);
    });

    it('says that its container was killed, starts it again, and says that it was removed', async () => {
      const { shell } = await shellOn('host3', 'alpine3');
      await shell.ready();
      await docker(lab.host('host3'), 'kill', 'alpine3');
      await shell.sees('alpine3 on host3 is stopped. Press Enter to start it and open a shell.');
      shell.shown = '';
      shell.session.input('\r');
      await shell.ready();
      await docker(lab.host('host3'), 'rm', '-f', 'alpine3');
      await shell.sees('alpine3 was removed from host3. This terminal can be closed.');
    });

    it('says that the link is lost, and ends with it', async () => {
      const { shell } = await shellOn('host2', 'alpine2');
      await shell.ready();
      shell.type('sleep 900');
      await eventually('sleep runs', async () => (await processes('host2', 'alpine2')).includes('sleep 900'));
      kit.fleet.disconnect('host2');
      await shell.sees('The connection to host2 is lost.');
      await shell.orphans.settled();
      await eventually('sleep has ended', async () => !(await processes('host2', 'alpine2')).includes('sleep 900'));
      await kit.fleet.connect('host2');
      shell.shown = '';
      shell.session.input('\r');
      await shell.ready();
    });

    it('that outlives its link, for want of a stream to guard it, ends when the host is back', async () => {
      kit.dispose();
      kit = await fleet('dialStdio');
      const { shell } = await shellOn('host2', 'alpine2');
      await shell.ready();
      shell.type('sleep 950');
      await eventually('sleep runs', async () => (await processes('host2', 'alpine2')).includes('sleep 950'));
      kit.fleet.disconnect('host2');
      await shell.sees('The connection to host2 is lost.');
      await shell.orphans.settled();
      expect(await processes('host2', 'alpine2')).toContain('sleep 950');
      await kit.fleet.connect('host2');
      shell.orphans.connected('host2');
      await shell.orphans.settled();
      await eventually('sleep has ended', async () => !(await processes('host2', 'alpine2')).includes('sleep 950'));
      shell.shown = '';
      shell.session.input('\r');
      await shell.ready();
    });

    it('goes on with what was left running in it when it exits', async () => {
      const { shell } = await shellOn('host2', 'alpine2');
      await shell.ready();
      shell.type('sleep 970 &');
      await eventually('it runs', async () => (await processes('host2', 'alpine2')).includes('sleep 970'));
      shell.type('exit 0');
      await eventually('the terminal closes', async () => shell.isClosed);
      await eventually(
        'only its guard has ended',
        async () => !(await processes('host2', 'alpine2')).includes('read -r'),
      );
      expect(await processes('host2', 'alpine2')).toContain('sleep 970');
    });

    it('over docker system dial-stdio leaves room for the rest: one too many says so', async () => {
      kit.dispose();
      kit = await fleet('dialStdio');
      const { shell, containerId } = await shellOn('host2', 'alpine2');
      await shell.ready();
      const target = { host: 'host2', containerId, name: 'alpine2' };
      const more = Array.from({ length: 4 }, () => new TestShell(target, engineOf));
      shells.push(...more);
      const isRefused = (one: TestShell) => one.shown.includes('has no room for another shell');
      const isOpen = (one: TestShell) => one.isReady;
      await eventually('each is open or refused', async () => more.every((one) => isRefused(one) || isOpen(one)));
      expect(more.filter(isRefused).length).toBeGreaterThanOrEqual(1);
      for (let round = 0; round < 5; round += 1)
        expect(await engineOf('host2').ping({ timeoutMs: 8_000 })).toBeGreaterThan(0);
      shell.type('stty size');
      await shell.sees('30 100');
      const [refused] = more.filter(isRefused);
      await more.find(isOpen)?.close();
      refused?.session.input('\r');
      await refused?.ready();
    });
  });
});
