import { OverlayError } from '../../../base/errors';
import type { Secret } from '../../../base/text/redact';
import { shellWord } from '../../../base/text/shellWord';
import type { CommandArguments } from '../../../contributions';
import type { Cluster } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import { planRotateTokens, planRotateUnlockKey, planSetAutolock } from '../../../swarm/plans';
import { chooseCluster } from '../chooseNodes';
import { commandButton, showInfo } from '../../vscode/messages';
import { confirmPlan, type PlanOutcome, type PlanRunner } from '../../operations/planRunner';
import { copySecret, showSecret } from '../secretOutput';
import { notBack } from '../../vscode/ask';
import { pickMany, pickOne } from '../../quickPick/pick';
import { previewPlan } from '../../quickPick/preview';
import { isAutolocked } from '../tree/swarmTree';
import { isOpen } from '../../../model/swarm/clusterState';
import type { UnlockKeys } from '../unlockKeys';
import type { CommandTable } from '../../command/register';
import { findUnlockKey, unlockManagers } from './unlock';

/** What a command on a whole swarm works with. */
interface Tools {
  readonly fleet: Fleet;
  readonly runner: PlanRunner;
  readonly keys: UnlockKeys;
}

/** Join tokens and unlock keys: they go to the clipboard or into the secret storage, never into a result or a log. */
export function swarmSecretCommands(fleet: Fleet, runner: PlanRunner, keys: UnlockKeys) {
  const tools: Tools = { fleet, runner, keys };
  return {
    'dockerOverlay.swarm.copyJoinCommand': (args) => copyJoinCommand(tools, args),
    'dockerOverlay.swarm.rotateJoinTokens': (args) => rotateJoinTokens(tools, args),
    'dockerOverlay.swarm.setAutolock': (args) => setAutolock(tools, args),
    'dockerOverlay.swarm.showUnlockKey': (args) => showUnlockKey(tools, args),
    'dockerOverlay.swarm.rotateUnlockKey': (args) => rotateUnlockKey(tools, args),
    'dockerOverlay.swarm.unlock': (args) => unlockManagers(fleet, runner, keys, args),
  } satisfies Partial<CommandTable>;
}

/** The first connected manager, the leader if it is one. @throws noReachableManager, quorumLost. */
function managerOf(cluster: Cluster): string {
  const [manager] = cluster.managerHosts;
  if (manager === undefined) throw new OverlayError('noReachableManager', { name: cluster.name });
  if (!isOpen(cluster)) throw new OverlayError('quorumLost', { name: cluster.name });
  return manager;
}

/** @returns what a program may know of it: the command itself is in the clipboard and nowhere else. */
async function copyJoinCommand(
  { fleet }: Tools,
  args: CommandArguments['dockerOverlay.swarm.copyJoinCommand'],
): Promise<{ role: string; address: string }> {
  const cluster = await chooseCluster(fleet.topology, args.clusterId, 'Copy Join Command');
  const manager = managerOf(cluster);
  const role = args.role ?? (await askRole(cluster));
  const { joinTokens } = await fleet.engine(manager).swarm.inspect();
  const address = joinAddress(cluster);
  await copySecret(
    joinCommand(joinTokens[role], address),
    `The command that lets a host join ${cluster.name} as a ${role} is in the clipboard. ` +
      'The token in it is a secret: whoever has it and reaches the managers can join.',
  );
  return { role, address };
}

/** Token and address come from an engine: whatever it says, each is one word to the shell of whoever pastes it. */
export const joinCommand = (token: Secret, address: string): string =>
  `docker swarm join --token ${shellWord(token.reveal())} ${shellWord(address)}`;

/** What the leader tells the others; a manager's own address when nobody leads. @throws noReachableManager. */
function joinAddress(cluster: Cluster): string {
  const managers = cluster.nodes.flatMap(({ node }) => (node.manager ? [node.manager] : []));
  const best = managers.find((one) => one.leader) ?? managers.find((one) => one.reachability === 'reachable');
  if (!best) throw new OverlayError('noReachableManager', { name: cluster.name });
  return best.address;
}

async function askRole(cluster: Cluster): Promise<'worker' | 'manager'> {
  return notBack(
    await pickOne<'worker' | 'manager'>({
      title: `Copy Join Command of ${cluster.name}`,
      placeholder: 'As what shall the other host join?',
      items: [
        { value: 'worker', label: 'Worker', description: 'runs containers', icon: 'circle-outline' },
        {
          value: 'manager',
          label: 'Manager',
          description: 'keeps the state too; its token opens the whole swarm',
          icon: 'star-empty',
        },
      ],
    }),
  );
}

async function rotateJoinTokens(
  { fleet, runner }: Tools,
  args: CommandArguments['dockerOverlay.swarm.rotateJoinTokens'],
): Promise<PlanOutcome> {
  const cluster = await chooseCluster(fleet.topology, args.clusterId, 'Rotate Join Tokens');
  const isNamed = args.worker !== undefined || args.manager !== undefined;
  const roles = isNamed
    ? (['worker', 'manager'] as const).filter((role) => args[role] === true)
    : await askTokens(cluster);
  const plan = planRotateTokens(fleet.topology, (one) => fleet.engine(one), {
    clusterId: cluster.id,
    worker: roles.includes('worker'),
    manager: roles.includes('manager'),
  });
  const button = roles.length === 1 ? 'Rotate 1 Token' : `Rotate ${roles.length} Tokens`;
  if (!args.confirmed) await confirmPlan(plan, `${plan.title}?`, button);
  const outcome = await runner.finish(plan, { running: 'Rotating join tokens', done: 'done' });
  showInfo(`${cluster.name} has new join tokens for ${roles.map((role) => `${role}s`).join(' and ')}.`, [
    commandButton('Copy Join Command…', 'dockerOverlay.swarm.copyJoinCommand', { clusterId: cluster.id }),
  ]);
  return outcome;
}

async function askTokens(cluster: Cluster): Promise<readonly ('worker' | 'manager')[]> {
  return notBack(
    await pickMany<'worker' | 'manager'>({
      title: `Rotate Join Tokens of ${cluster.name}`,
      placeholder: 'Which? Old join commands are refused from then on; members stay',
      items: [
        { value: 'worker', label: 'Worker token', icon: 'circle-outline', picked: true },
        { value: 'manager', label: 'Manager token', icon: 'star-empty', picked: true },
      ],
      validate: (ticked) => (ticked.length === 0 ? 'Tick at least one token' : undefined),
    }),
  );
}

async function setAutolock(
  { fleet, runner, keys }: Tools,
  args: CommandArguments['dockerOverlay.swarm.setAutolock'],
): Promise<PlanOutcome> {
  const cluster = await chooseCluster(fleet.topology, args.clusterId, 'Autolock');
  managerOf(cluster);
  const on = args.on ?? !isAutolocked(fleet.topology, cluster);
  const plan = planSetAutolock(fleet.topology, (one) => fleet.engine(one), { clusterId: cluster.id, on });
  if (args.on === undefined) await previewPlan(plan, plan.title, {});
  const outcome = await runner.finish(plan, { running: plan.title, done: 'done' });
  if (on) await tellKey(fleet, keys, cluster, `Autolock of ${cluster.name} is on.`);
  else {
    await keys.forget(cluster.id);
    showInfo(`Autolock of ${cluster.name} is off.`);
  }
  return outcome;
}

/** Keeps the key of today, and says where it is. */
async function tellKey(fleet: Fleet, keys: UnlockKeys, cluster: Cluster, happened: string): Promise<void> {
  const key = await keys.read(fleet, cluster);
  if (key === undefined) throw new OverlayError('autolockOff', { name: cluster.name });
  showInfo(`${happened} The unlock key is kept in the secret storage of this editor; keep it in a second place, too.`, [
    commandButton('Show Unlock Key', 'dockerOverlay.swarm.showUnlockKey', { clusterId: cluster.id }),
  ]);
}

/** @returns where the key was found. @throws autolockOff, noReachableManager, unlockKeyNotKept. */
async function showUnlockKey(
  { fleet, keys }: Tools,
  args: CommandArguments['dockerOverlay.swarm.showUnlockKey'],
): Promise<{ from: 'secretStorage' | 'manager' }> {
  const { name, key, from } = await findUnlockKey(fleet, keys, args);
  const told = `The unlock key of ${name} is in the clipboard. It opens what its managers have stored.`;
  if (args.copy) await copySecret(key.reveal(), told);
  else await showSecret(`Unlock key of ${name}`, key, told);
  return { from };
}

async function rotateUnlockKey(
  { fleet, runner, keys }: Tools,
  args: CommandArguments['dockerOverlay.swarm.rotateUnlockKey'],
): Promise<PlanOutcome> {
  const cluster = await chooseCluster(fleet.topology, args.clusterId, 'Rotate Unlock Key');
  const plan = planRotateUnlockKey(fleet.topology, (one) => fleet.engine(one), { clusterId: cluster.id });
  if (!args.confirmed) await confirmPlan(plan, `${plan.title}?`, 'Rotate Unlock Key');
  const outcome = await runner.finish(plan, { running: 'Rotating the unlock key', done: 'done' });
  await tellKey(fleet, keys, cluster, `${cluster.name} has a new unlock key.`);
  return outcome;
}
