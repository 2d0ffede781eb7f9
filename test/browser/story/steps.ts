import type { Lab } from '../../lab/lab';
import type { Workbench } from '../driver';
import { openPanel, waitForEnd, type SeenMatrix } from './panel';

/** Who plays: a window, the lab it works on, and where pictures go. */
export interface Player {
  readonly workbench: Workbench;
  readonly lab: Lab;
}

/** Real engines on two busy cores: joins and attachments take their time. */
const patient = { timeoutMs: 90_000 };

const hosts = ({ workbench }: Player) => workbench.view('Hosts');
const swarm = ({ workbench }: Player) => workbench.view('Swarm');
const networks = ({ workbench }: Player) => workbench.view('Networks');

/** Ticks hosts of the SSH configuration in Add Hosts, begun from the welcome view, and waits until they are connected. */
export async function addHosts(player: Player, names: readonly string[]): Promise<void> {
  const { workbench } = player;
  await workbench.openActivity('Overlay Networks');
  await hosts(player).waitForWelcome(/Add the servers/);
  await hosts(player).welcomeButton('Add Hosts');
  const pick = await workbench.quickPick({ title: 'Add Hosts' });
  for (const name of names) await pick.waitForItem(name);
  await pick.tick(...names);
  await pick.accept();
  for (const name of names)
    await hosts(player)
      .item(name)
      .waitForText(/20\.10|2\d\.\d/, patient);
}

/** Initializes a swarm on one host from its context menu. */
export async function initSwarm(player: Player, host: string): Promise<void> {
  await hosts(player)
    .item(host)
    .contextMenu(/^Initialize Swarm/);
  await swarm(player)
    .item(/./, host)
    .waitForText(/leader · active · ready/, patient);
}

/** Lets a host join as a worker from its context menu. */
export async function joinSwarm(player: Player, host: string): Promise<void> {
  const { workbench } = player;
  await hosts(player)
    .item(host)
    .contextMenu(/^Join Swarm/);
  const role = await workbench.quickPick({ title: 'Join Swarm' });
  await role.select('Worker');
  const preview = await workbench.quickPick();
  await preview.waitForItem(/^Join 1 host/);
  await preview.accept();
  await swarm(player)
    .item(/./, host)
    .waitForText(/worker · active · ready/, patient);
}

/** Creates an overlay network from the palette. */
export async function createNetwork(
  player: Player,
  name: string,
  options: { encrypted?: boolean } = {},
): Promise<void> {
  const { workbench } = player;
  await workbench.runCommand('Docker Overlay: Create Overlay Network…');
  const box = await workbench.inputBox({ title: /Create Overlay Network/ });
  await box.type(name);
  await box.accept();
  const toggles = await workbench.quickPick({ title: new RegExp(`Create ${name}`) });
  if (options.encrypted) await toggles.tick('Encrypted');
  await toggles.accept();
  if (options.encrypted) {
    // The hosts have been looked at meanwhile: a kernel that cannot encrypt is said before anything is created.
    const preview = await workbench.quickPick({ title: new RegExp(`Create the network ${name}`) });
    await preview.waitForItem(/has no ESP/);
    await preview.accept();
  }
  await networks(player).item(name).wait(undefined, patient);
  await workbench.notification(new RegExp(`^${name} created on`)).wait(() => true, patient);
}

/** Verifies a network by the inline button of its tree item, and waits for the end. */
export async function verify(player: Player, name: string): Promise<SeenMatrix> {
  await networks(player).item(name).action('Verify Network');
  return waitForEnd(await openPanel(player.workbench, name));
}

/** Promotes a worker from its context menu in the Swarm view. */
export async function promote(player: Player, host: string): Promise<void> {
  await swarm(player)
    .item(/./, host)
    .contextMenu(/^Promote to Manager/);
  const preview = await player.workbench.quickPick();
  await preview.waitForItem(`Promote ${host}`);
  await preview.accept();
  await swarm(player)
    .item(/./, host)
    .waitForText(/^\S+ (manager|leader) · active · ready/, patient);
}

/** Demotes a manager from its context menu, confirming the modal; answers what the modal said. */
export async function demote(player: Player, host: string): Promise<string> {
  await swarm(player)
    .item(/./, host)
    .contextMenu(/^Demote to Worker/);
  const dialog = await player.workbench.dialog(/^Demote/);
  const words = `${await dialog.message()}\n${await dialog.detail()}`;
  await dialog.press('Demote 1 Manager');
  await swarm(player)
    .item(/./, host)
    .waitForText(/worker · active · ready/, patient);
  return words;
}

/** Removes a network from its context menu. */
export async function removeNetwork(player: Player, name: string): Promise<void> {
  await networks(player)
    .item(name)
    .contextMenu(/^Remove Networks/);
  const dialog = await player.workbench.dialog(new RegExp(`Remove ${name}`));
  await dialog.press('Remove 1 Network');
  await networks(player).item(name).waitGone(patient);
}

/** Lets hosts leave one after the other, the last one with the swarm. */
export async function leaveSwarm(player: Player, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await hosts(player)
      .item(name)
      .contextMenu(/^Leave Swarm/);
    const dialog = await player.workbench.dialog(/leave the swarm/);
    await dialog.press('Leave Swarm');
    await swarm(player).item(/./, name).waitGone(patient);
  }
}
