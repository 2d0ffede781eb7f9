import { describeError, isOverlayError, OverlayError } from '../../../base/errors';
import type { Event } from '../../../base/event';
import type { CommandArguments } from '../../../contributions';
import type { HostName } from '../../../model/host/host';
import type { Fleet } from '../../../swarm/fleet';
import { chooseHosts, noHosts } from '../chooseHosts';
import type { ConnectionTester } from '../connectionTest/tester';
import type { HostsService } from '../hostsService';
import { commandButton, confirm, showError, showWarning } from '../../vscode/messages';
import { withProgress } from '../../vscode/progress';
import { count, list } from '../../../base/text/words';
import { askHostsToAdd } from './addHosts';
import { editHost } from './editHost';
import { renameFolder, setFolder } from './hostFolders';
import { openTerminal } from './openTerminal';
import type { CommandTable } from '../../command/register';
import { testHost } from './testHost';

/** What `host.add` and `host.connect` resolve with. */
export interface ConnectOutcome {
  readonly connected: readonly HostName[];
  readonly failed: readonly { readonly host: HostName; readonly reason: string }[];
}

/** What the commands about hosts work with. */
export interface HostTools {
  readonly fleet: Fleet;
  readonly hosts: HostsService;
  readonly tester: ConnectionTester;
  readonly onContextsChange: Event<void>;
}

export function hostCommands({ fleet, hosts, tester, onContextsChange }: HostTools) {
  return {
    'dockerOverlay.host.add': async (args) => {
      const wanted = args.endpoints ?? (await askHostsToAdd(tester, onContextsChange));
      const names = await hosts.add(wanted);
      return connectAll(fleet, names);
    },
    'dockerOverlay.host.connect': async (args) => {
      const chosen = await chooseHosts(fleet.topology, args.hosts, {
        title: 'Connect Hosts',
        placeholder: 'Which hosts?',
        offer: (host) => host.state.kind !== 'ready',
        ...(fleet.topology.hosts.length > 0 ? { none: 'All hosts are connected.' } : noHosts),
        picked: true,
      });
      return connectAll(
        fleet,
        chosen.map((host) => host.config.name),
      );
    },
    'dockerOverlay.host.disconnect': async (args) => {
      const chosen = await chooseHosts(fleet.topology, args.hosts, {
        title: 'Disconnect Hosts',
        placeholder: 'Which hosts?',
        offer: (host) => host.state.kind !== 'idle',
        none: 'No host is connected.',
      });
      for (const host of chosen) fleet.disconnect(host.config.name);
    },
    'dockerOverlay.host.remove': (args) => removeHosts(fleet, hosts, args),
    'dockerOverlay.host.edit': (args) => editHost(fleet, hosts, tester, args),
    'dockerOverlay.host.test': (args) => testHost(fleet, tester, args),
    'dockerOverlay.host.openTerminal': (args) => openTerminal(fleet, args),
    'dockerOverlay.host.setFolder': (args) => setFolder(fleet, hosts, args),
    'dockerOverlay.folder.rename': (args) => renameFolder(fleet, hosts, args),
  } satisfies Partial<CommandTable>;
}

/** Connects side by side; those that fail are told in one message, and their state says it too. */
async function connectAll(fleet: Fleet, names: readonly HostName[]): Promise<ConnectOutcome> {
  const failed: { host: HostName; error: unknown }[] = [];
  const connected: HostName[] = [];
  await withProgress(`Connecting ${count(names.length, 'host')}`, async (signal, report) => {
    const tell = () => report(`${connected.length} of ${names.length} connected`);
    tell();
    await Promise.all(
      names.map(async (host) => {
        try {
          await fleet.connect(host, signal);
          connected.push(host);
          tell();
        } catch (error) {
          failed.push({ host, error });
        }
      }),
    );
    if (signal.aborted && connected.length === 0) throw new OverlayError('cancelled');
  });
  const real = failed.filter(({ error }) => !isOverlayError(error, 'cancelled'));
  tellFailures(names.length, real);
  return { connected, failed: failed.map(({ host, error }) => ({ host, reason: reasonOf(error) })) };
}

const reasonOf = (error: unknown): string => (isOverlayError(error) ? error.reason : 'unexpected');

function tellFailures(all: number, failed: readonly { host: HostName; error: unknown }[]): void {
  const [first] = failed;
  if (!first) return;
  const retry = commandButton('Retry', 'dockerOverlay.host.connect', { hosts: failed.map(({ host }) => host) });
  if (failed.length === 1) {
    showError(first.error, [retry]);
    return;
  }
  const titles = failed.map(({ host, error }) => `${host}: ${describeError(error).title}`);
  showWarning(
    `${failed.length} of ${count(all, 'host')} could not be connected. ${titles.join('. ')}. The Hosts view says what to do for each.`,
    [retry, commandButton('Show Log', 'dockerOverlay.showLog')],
  );
}

async function removeHosts(
  fleet: Fleet,
  hosts: HostsService,
  args: CommandArguments['dockerOverlay.host.remove'],
): Promise<void> {
  const byName = args.hosts ?? (args.entries ? [] : undefined);
  const chosen = await chooseHosts(fleet.topology, byName, {
    title: 'Remove Hosts',
    placeholder: 'Which hosts? They are removed from this list; nothing changes on them',
    offer: () => true,
    ...noHosts,
  });
  const entries = args.entries ?? [];
  const problems = fleet.topology.problems.filter((problem) => entries.includes(problem.index));
  const names = [...chosen.map((host) => host.config.name), ...problems.map((problem) => problem.name)];
  if (!args.confirmed) {
    const button = names.length === 1 ? 'Remove Host' : `Remove ${names.length} Hosts`;
    const detail = 'They are removed from the list in your settings and disconnected. Nothing changes on the servers.';
    if (!(await confirm(`Remove ${list(names)}?`, detail, button))) throw new OverlayError('cancelled');
  }
  await hosts.remove(
    chosen.map((host) => host.config.name),
    entries,
  );
}
