import type { CommandArguments } from '../../../contributions';
import type { Fleet } from '../../../swarm/fleet';
import { planInit, planJoin, planLeave } from '../../../swarm/plans';
import { chooseCluster } from '../chooseNodes';
import { chooseHost, chooseHosts } from '../../hosts/chooseHosts';
import { confirmPlan, type PlanOutcome, type PlanRunner } from '../../operations/planRunner';
import { notBack } from '../../vscode/ask';
import { askText, pickOne } from '../../quickPick/pick';
import { previewPlan } from '../../quickPick/preview';
import { mayBeLast, membershipOf } from '../../../model/swarm/membership';
import { count, list } from '../../../base/text/words';
import type { UnlockKeys } from '../unlockKeys';
import { askAddresses, formSwarm } from '../form/formSwarm';
import type { CommandTable } from '../../command/register';

export function swarmCommands(fleet: Fleet, runner: PlanRunner, keys: UnlockKeys) {
  return {
    'dockerOverlay.swarm.form': (args) => formSwarm(fleet, runner, keys, args),
    'dockerOverlay.swarm.init': (args) => initSwarm(fleet, runner, args),
    'dockerOverlay.swarm.join': (args) => joinSwarm(fleet, runner, args),
    'dockerOverlay.swarm.leave': (args) => leaveSwarm(fleet, runner, args),
  } satisfies Partial<CommandTable>;
}

const noFreeHost = {
  none: 'Every connected host is in a swarm already.',
  remedy: 'Add or connect another host, or let one leave its swarm.',
};

async function initSwarm(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.swarm.init'],
): Promise<PlanOutcome> {
  const host = await chooseHost(fleet.topology, args.host, {
    title: 'Initialize Swarm',
    placeholder: 'Which host begins it, as its first manager?',
    offer: (one) => membershipOf(one) === 'free',
    ...noFreeHost,
  });
  const { name } = host.config;
  const dataPathPort = args.dataPathPort ?? (args.host === undefined ? await askDataPathPort() : undefined);
  const plan = (advertiseAddress: string | undefined) =>
    planInit(fleet.topology, (one) => fleet.engine(one), {
      host: name,
      ...(advertiseAddress === undefined ? {} : { advertiseAddress }),
      ...(dataPathPort === undefined ? {} : { dataPathPort }),
    });
  const words = { running: `Initializing a swarm on ${name}`, done: 'done' };
  const result = await runner.run(plan(args.advertiseAddress), words);
  const addresses = await askAddresses(fleet.topology, result, {});
  return runner.outcome(addresses ? await runner.run(plan(addresses[name]?.advertise), words) : result);
}

/** Asked because it can be chosen now and never again. */
async function askDataPathPort(): Promise<number | undefined> {
  const text = notBack(
    await askText({
      title: 'Initialize Swarm',
      prompt: 'UDP port of the overlay data; another one where 4789 is taken (NSX). It cannot be changed later.',
      value: '4789',
      validate: (value) => {
        const port = Number(value);
        const fits = /^\d+$/.test(value) && port >= 1024 && port <= 49151;
        return fits ? undefined : 'A port from 1024 to 49151.';
      },
    }),
  );
  return text === '4789' ? undefined : Number(text);
}

async function joinSwarm(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.swarm.join'],
): Promise<PlanOutcome> {
  const chosen = await chooseHosts(fleet.topology, args.hosts, {
    title: 'Join Swarm',
    placeholder: 'Which hosts?',
    offer: (host) => membershipOf(host) === 'free',
    ...noFreeHost,
  });
  const hosts = chosen.map((host) => host.config.name);
  const cluster = await chooseCluster(fleet.topology, args.clusterId, 'Join Swarm');
  const role = args.role ?? (await askRole(hosts.length, cluster.quorum.managers));
  const plan = (advertiseAddress: string | undefined) =>
    planJoin(fleet.topology, (one) => fleet.engine(one), {
      hosts,
      clusterId: cluster.id,
      role,
      ...(advertiseAddress === undefined ? {} : { advertiseAddress }),
    });
  const first = plan(args.advertiseAddress);
  if (args.role === undefined) await previewPlan(first, `Join ${count(hosts.length, 'host')} to ${cluster.name}`, {});
  const words = { running: `Joining ${cluster.name}`, done: 'joined' };
  const result = await runner.run(first, words);
  const only = hosts.length === 1 ? hosts[0] : undefined;
  const addresses = only === undefined ? undefined : await askAddresses(fleet.topology, result, {});
  return runner.outcome(addresses && only ? await runner.run(plan(addresses[only]?.advertise), words) : result);
}

async function askRole(hosts: number, managers: number): Promise<'worker' | 'manager'> {
  return notBack(
    await pickOne<'worker' | 'manager'>({
      title: 'Join Swarm',
      placeholder: `As what do ${hosts === 1 ? 'it' : 'they'} join?`,
      items: [
        { value: 'worker', label: 'Worker', description: 'runs containers', icon: 'circle-outline' },
        {
          value: 'manager',
          label: 'Manager',
          description: `keeps the state too: ${managers} managers now, ${managers + hosts} then`,
          icon: 'star-empty',
        },
      ],
    }),
  );
}

async function leaveSwarm(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.swarm.leave'],
): Promise<PlanOutcome> {
  const chosen = await chooseHosts(fleet.topology, args.hosts, {
    title: 'Leave Swarm',
    placeholder: 'Which hosts?',
    offer: (host) =>
      host.state.kind === 'ready' &&
      membershipOf(host) !== 'free' &&
      !mayBeLast(
        host,
        fleet.topology.clusters.find((one) => one.id === host.clusterId),
      ),
    none: 'No connected host is in a swarm that would go on without it.',
    remedy: 'Connect the hosts first. The last manager of a swarm leaves it by ending the swarm (Swarm view).',
  });
  const hosts = chosen.map((host) => host.config.name);
  const plan = planLeave(fleet.topology, (one) => fleet.engine(one), { hosts });
  if (!args.confirmed) {
    const what = hosts.length === 1 ? list(hosts) : `${count(hosts.length, 'host')} (${list(hosts)})`;
    const button = hosts.length === 1 ? 'Leave Swarm' : `Leave Swarm on ${hosts.length} Hosts`;
    await confirmPlan(plan, `Let ${what} leave the swarm?`, button);
  }
  return runner.finish(plan, { running: 'Leaving the swarm', done: 'done' });
}
