import { OverlayError } from '../../../base/errors';
import type { CommandArguments } from '../../../contributions';
import type { HostName } from '../../../model/host/host';
import type { Topology } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import { chooseHosts, noHosts } from '../chooseHosts';
import type { HostsService } from '../hostsService';
import { askFolder, type Folder } from './askFolder';
import { notBack } from '../../vscode/ask';
import { askText, pickOne } from '../../quickPick/pick';
import { count } from '../../../base/text/words';

/** The folders there are, in natural order. */
export function foldersOf(topology: Topology): Folder[] {
  const counts = new Map<string, number>();
  for (const { config } of topology.hosts)
    if (config.folder !== undefined) counts.set(config.folder, (counts.get(config.folder) ?? 0) + 1);
  return [...counts]
    .map(([name, hosts]) => ({ name, hosts }))
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));
}

/** Puts hosts into a folder, or out of theirs. @returns the hosts and the folder. */
export async function setFolder(
  fleet: Fleet,
  hosts: HostsService,
  args: CommandArguments['dockerOverlay.host.setFolder'],
): Promise<{ hosts: readonly HostName[]; folder: string }> {
  const chosen = await chooseHosts(fleet.topology, args.hosts, {
    title: 'Move to Folder',
    placeholder: 'Which hosts?',
    offer: () => true,
    ...noHosts,
  });
  const names = chosen.map((host) => host.config.name);
  const now = new Set(chosen.map((host) => host.config.folder ?? ''));
  const [only] = now;
  const title = names.length === 1 ? `Move ${names[0]} to Folder` : `Move ${names.length} Hosts to Folder`;
  const current = now.size === 1 && only !== undefined ? { current: only } : {};
  const asked = args.folder ?? notBack(await askFolder({ title, folders: foldersOf(fleet.topology), ...current }));
  const folder = asked.trim();
  await hosts.change(names, { folder });
  return { hosts: names, folder };
}

/** Gives a folder another name; that of another one joins the two. */
export async function renameFolder(
  fleet: Fleet,
  hosts: HostsService,
  args: CommandArguments['dockerOverlay.folder.rename'],
): Promise<void> {
  const folders = foldersOf(fleet.topology);
  if (folders.length === 0) throw new OverlayError('nothingToChoose', { message: 'No host is in a folder.' });
  const items = folders.map((one) => ({
    value: one.name,
    label: one.name,
    description: count(one.hosts, 'host'),
    icon: 'folder',
  }));
  const title = 'Rename Folder';
  const folder = args.folder ?? notBack(await pickOne({ title, placeholder: 'Which folder?', items }));
  const inIt = fleet.topology.hosts.filter((host) => host.config.folder === folder).map((host) => host.config.name);
  if (inIt.length === 0) throw new OverlayError('invalidArguments', { message: `there is no folder "${folder}"` });
  const prompt = 'Its new name; the name of another folder joins the two';
  const validate = (text: string) => (text.trim() === '' ? 'A folder has a name' : undefined);
  const asked = args.name ?? notBack(await askText({ title: `Rename ${folder}`, prompt, value: folder, validate }));
  const name = asked.trim();
  if (name === '') throw new OverlayError('invalidArguments', { message: 'the new name is empty' });
  await hosts.change(inIt, { folder: name });
}
