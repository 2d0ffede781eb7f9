import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/base/logger';
import type { PortCheck } from '../../src/model/network/underlay';
import { checkPorts } from '../../src/verify/ports/checkPorts';
import { judgePorts } from '../../src/diagnosis/ports/judgePorts';
import { portRemedies } from '../../src/diagnosis/ports/portRemedies';
import { checkPortsInTime } from '../../src/verify/ports/checkPortsInTime';
import type { PortHost, PortOptions, PortReport, PortRequest } from '../../src/verify/ports/request';
import { Lab } from '../lab/lab';
import type { Block } from '../lab/faults';
import { engineOf, formSwarm, probesOn, type TestHost, type TestSwarm } from './verifySupport';

const labName = process.env['LAB_NAME'] ?? '';

/** `host1>host2 udp/4789: noAnswer at to`: what is not simply open, sorted. */
function notOpen({ checks }: Pick<PortReport, 'checks'>): string[] {
  return checks
    .filter((check) => check.outcome !== 'open')
    .map((check) => `${wayOf(check)}: ${check.outcome}${check.stoppedAt ? ` at ${check.stoppedAt}` : ''}`)
    .sort();
}

const wayOf = ({ from, to, traffic }: PortCheck): string =>
  `${from}>${to} ${traffic.protocol === 'esp' ? 'esp' : `${traffic.protocol}/${traffic.port}`}`;

/** The blame in one line a problem. */
const blame = (report: PortReport): string[] =>
  judgePorts(report.checks).map((problem) =>
    'traffic' in problem
      ? `${problem.kind} ${problem.host}: ${problem.traffic.map((one) => ('port' in one ? `${one.protocol}/${one.port}` : 'esp')).join(' ')}`
      : `${problem.kind} ${problem.host}`,
  );

describe('a check of ports over three real engines', () => {
  let lab: Lab;

  const run = (hosts: readonly PortHost[], more: Partial<PortRequest & PortOptions> = {}): Promise<PortReport> =>
    checkPorts(
      {
        hosts,
        dataPathPort: 4789,
        encrypted: false,
        image: 'alpine:latest',
        owner: 'test-window',
        ...more,
      },
      { signal: more.signal ?? new AbortController().signal, logger: silentLogger, ...more },
    );

  const left = async (hosts: readonly TestHost[]): Promise<string[]> =>
    (await Promise.all(hosts.map(probesOn))).flat().map((container) => container.name);

  beforeAll(async () => {
    lab = await Lab.attach(labName);
    await lab.resetSwarms();
  });

  afterEach(async () => {
    await lab.clearFaults();
  });

  afterAll(async () => {
    await lab.resetSwarms();
  });

  describe('before they join', () => {
    let hosts: (TestHost & PortHost)[];

    beforeAll(() => {
      hosts = lab.hosts.map((one, index) => ({
        host: one.name,
        engine: engineOf(one),
        lab: one,
        address: one.address,
        manager: index === 0,
        member: false,
      }));
    });

    afterAll(() => {
      for (const { engine } of hosts) engine.dispose();
    });

    it('finds every way open, though nothing listens yet, and leaves nothing behind', async () => {
      const seen: PortCheck[] = [];
      const report = await run(hosts, { onCheck: (check) => seen.push(check) });
      expect(notOpen(report)).toEqual([]);
      // Three kinds to each of six, and 2377 from the two others to the manager.
      expect(report.checks).toHaveLength(6 * 3 + 2);
      expect(seen).toEqual(report.checks);
      expect(report.checks.every((check) => check.ms !== undefined || check.traffic.protocol === 'udp')).toBe(true);
      expect(blame(report)).toEqual([]);
      expect(await left(hosts)).toEqual([]);
    });

    it.each<[string, string, Block, string[], string[]]>([
      [
        'the data path into host2',
        'host2',
        { protocol: 'udp', port: 4789, direction: 'in' },
        ['host1>host2 udp/4789: noAnswer at to', 'host3>host2 udp/4789: noAnswer at to'],
        ['inbound host2: udp/4789'],
      ],
      [
        'the data path out of host2',
        'host2',
        { protocol: 'udp', port: 4789, direction: 'out' },
        ['host2>host1 udp/4789: noAnswer at from', 'host2>host3 udp/4789: noAnswer at from'],
        ['outbound host2: udp/4789'],
      ],
      [
        '2377 into the host that is to be the manager',
        'host1',
        { protocol: 'tcp', port: 2377, direction: 'in' },
        ['host2>host1 tcp/2377: noAnswer at to', 'host3>host1 tcp/2377: noAnswer at to'],
        ['inbound host1: tcp/2377'],
      ],
      [
        '7946/udp into host3, from host1 only',
        'host3',
        { protocol: 'udp', port: 7946, direction: 'in', peer: 'host1' },
        ['host1>host3 udp/7946: noAnswer at to'],
        ['inbound host3: udp/7946'],
      ],
    ])('finds %s blocked', async (_, name, block, ways, problems) => {
      await hosts.find(({ host }) => host === name)?.lab.fault.block(block);
      const report = await run(hosts);
      expect(notOpen(report)).toEqual(ways);
      expect(blame(report)).toEqual(problems);
      expect(await left(hosts)).toEqual([]);
    });

    it('asks a host for its address when nobody knows it', async () => {
      const report = await run(hosts.map(({ host, engine, manager, member }) => ({ host, engine, manager, member })));
      expect(Object.fromEntries(report.addresses)).toEqual(
        Object.fromEntries(hosts.map(({ host, address }) => [host, address])),
      );
      expect(notOpen(report)).toEqual([]);
    });
  });

  describe('in a swarm', () => {
    let swarm: TestSwarm;
    let hosts: (TestHost & PortHost)[];

    const host = (name: string) => {
      const found = hosts.find((one) => one.host === name);
      if (!found) throw new Error(`no ${name}`);
      return found;
    };

    beforeAll(async () => {
      swarm = await formSwarm(lab);
      const network = await swarm.network('my_net');
      hosts = swarm.hosts.map((one, index) => ({
        ...one,
        address: one.lab.address,
        manager: index === 0,
        member: true,
      }));
      // With it the kernel takes the port of the data path on each of them.
      await Promise.all(
        hosts.map(({ lab: machine }) =>
          machine.execOk(['docker', 'run', '-d', '--rm', '--network', network.name, 'alpine:latest', 'sleep', '3600']),
        ),
      );
    });

    afterAll(async () => {
      for (const { lab: machine } of hosts) {
        await machine.execOk(['sh', '-c', 'docker ps -q | xargs -r docker rm -f']);
      }
      swarm.dispose();
    });

    it('finds every way open, also where nobody answers, and blames nobody', async () => {
      const report = await run(hosts, { encrypted: true });
      expect(notOpen(report)).toEqual(
        ['1>2', '1>3', '2>1', '2>3', '3>1', '3>2'].map((pair) => {
          const [from, to] = pair.split('>');
          return `host${from}>host${to} esp: notTried`;
        }),
      );
      expect(report.checks.filter(({ traffic }) => 'port' in traffic && traffic.port === 2377)).toHaveLength(2);
      expect(blame(report)).toEqual([]);
      expect(await left(hosts)).toEqual([]);
    });

    it.each<[string, string, Block, string[], string[]]>([
      [
        '7946/tcp into host2',
        'host2',
        { protocol: 'tcp', port: 7946, direction: 'in' },
        ['host1>host2 tcp/7946: noAnswer at to', 'host3>host2 tcp/7946: noAnswer at to'],
        ['inbound host2: tcp/7946'],
      ],
      [
        '7946/udp into host2, on which the engine listens',
        'host2',
        { protocol: 'udp', port: 7946, direction: 'in' },
        ['host1>host2 udp/7946: noAnswer at to', 'host3>host2 udp/7946: noAnswer at to'],
        ['inbound host2: udp/7946'],
      ],
      [
        'the data path into host3, which the kernel holds',
        'host3',
        { protocol: 'udp', port: 4789, direction: 'in' },
        ['host1>host3 udp/4789: noAnswer at to', 'host2>host3 udp/4789: noAnswer at to'],
        ['inbound host3: udp/4789'],
      ],
      [
        '2377/tcp into the manager',
        'host1',
        { protocol: 'tcp', port: 2377, direction: 'in' },
        ['host2>host1 tcp/2377: noAnswer at to', 'host3>host1 tcp/2377: noAnswer at to'],
        ['inbound host1: tcp/2377'],
      ],
      [
        '7946/tcp out of host2',
        'host2',
        { protocol: 'tcp', port: 7946, direction: 'out' },
        ['host2>host1 tcp/7946: noAnswer at from', 'host2>host3 tcp/7946: noAnswer at from'],
        ['outbound host2: tcp/7946'],
      ],
    ])('finds %s blocked', async (_, name, block, ways, problems) => {
      await host(name).lab.fault.block(block);
      const report = await run(hosts);
      expect(notOpen(report)).toEqual(ways);
      expect(blame(report)).toEqual(problems);
    });

    it('takes a host whose cable is out for one that cannot be reached, not for one with a firewall', async () => {
      await host('host3').lab.fault.cut();
      const report = await run(hosts);
      const silent = report.checks.filter((check) => check.from === 'host3' || check.to === 'host3');
      expect(silent.map((check) => check.outcome)).toEqual(silent.map(() => 'noAnswer'));
      expect(blame(report)).toEqual(['unreachable host3']);
    });

    it('opens the port again by the command it shows', async () => {
      const machine = host('host2').lab;
      // As a firewall of the host does it: the rule is below what a person puts in front.
      await machine.execOk(['iptables', '-A', 'INPUT', '-p', 'udp', '--dport', '4789', '-j', 'DROP']);
      try {
        const report = await run(hosts);
        expect(blame(report)).toEqual(['inbound host2: udp/4789']);
        const commands = judgePorts(report.checks).flatMap((problem) => portRemedies(problem, report.addresses));
        const command = commands.find(({ label }) => label === 'iptables')?.command ?? '';
        expect(command).toContain(`-s ${host('host1').lab.address},${host('host3').lab.address}`);
        await machine.execOk(['sh', '-c', command.replaceAll('sudo ', '')]);
        expect(notOpen(await run(hosts))).toEqual([]);
      } finally {
        await machine.execOk(['sh', '-c', 'iptables -S INPUT | grep 4789 | sed s/-A/-D/ | xargs -r -L1 iptables']);
      }
    });

    it.each(['udp', 'tcp'])(
      'tells a firewall that rejects %s from a host on which nothing listens',
      async (protocol) => {
        const machine = host('host2').lab;
        const rule = ['INPUT', '-p', protocol, '--dport', '7946', '-j', 'REJECT'];
        await machine.execOk(['iptables', '-I', ...rule]);
        try {
          const report = await run(hosts);
          expect(notOpen(report)).toEqual(
            ['host1', 'host3'].map((from) => `${from}>host2 ${protocol}/7946: refused at to`),
          );
          expect(blame(report)).toEqual([`inbound host2: ${protocol}/7946`]);
        } finally {
          await machine.execOk(['iptables', '-D', ...rule]);
        }
      },
    );

    it('takes a host whose engine is frozen as rows that were not tried, and goes on', async () => {
      await host('host3').lab.fault.freeze('dockerd');
      const report = await run(hosts);
      const fromFrozen = report.checks.filter((check) => check.from === 'host3');
      expect(fromFrozen.map((check) => check.outcome)).toEqual(fromFrozen.map(() => 'notTried'));
      const between = report.checks.filter(({ from, to }) => from !== 'host3' && to !== 'host3');
      expect(between.map((check) => check.outcome)).toEqual(between.map(() => 'open'));
    });

    it.each(['Starting', 'Trying'])('leaves no container when it is cancelled at "%s"', async (moment) => {
      const controller = new AbortController();
      const onWords = (words: string) => {
        if (words.startsWith(moment)) controller.abort();
      };
      await expect(run(hosts, { signal: controller.signal, onWords })).rejects.toMatchObject({ reason: 'cancelled' });
      expect(await left(hosts)).toEqual([]);
    });

    it('tells a diagnosis within its time what concerns its pairs', async () => {
      await host('host2').lab.fault.block({ protocol: 'udp', port: 4789, direction: 'in' });
      const checks = await checkPortsInTime(
        {
          hosts,
          pairs: [{ from: 'host1', to: 'host2' }],
          dataPathPort: 4789,
          image: 'alpine:latest',
          owner: 'test-window',
          runId: 'test-run',
          ms: 60_000,
        },
        { signal: new AbortController().signal, logger: silentLogger },
      );
      expect(notOpen({ checks })).toEqual(['host1>host2 udp/4789: noAnswer at to']);
      expect(checks.every(({ from, to }) => from === 'host1' && to === 'host2')).toBe(true);
    });
  });
});
