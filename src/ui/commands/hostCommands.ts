import * as vscode from 'vscode';
import { describeError, isOverlayError, OverlayError } from '../../base/errors';
import type { CommandArguments } from '../../contributions';
import { listContexts } from '../../hosts/contexts';
import { parseEndpoint } from '../../hosts/endpoint';
import { validateHostName } from '../../hosts/settings';
import { listSshAliases } from '../../hosts/sshAliases';
import type { HostName } from '../../model/host';
import type { Fleet } from '../../swarm/fleet';
import { chooseHost, chooseHosts, findHost } from '../choose';
import type { HostsService } from '../hostsService';
import { commandButton, confirm, showError, showWarning } from '../messages';
import { withProgress } from '../progress';
import { pickHostsToAdd } from '../quickPicks/addHosts';
import { offersFrom, type HostOffers } from '../quickPicks/addHostsItems';
import { askText, type StepPlace } from '../quickPicks/pick';
import { runSteps, type Step } from '../quickPicks/steps';
import { readHosts, readSshSettings } from '../settings';
import { count, list } from '../trees/words';
import type { CommandTable } from './register';

type HostCommands = Pick<
  CommandTable,
  | 'dockerOverlay.host.add'
  | 'dockerOverlay.host.edit'
  | 'dockerOverlay.host.remove'
  | 'dockerOverlay.host.connect'
  | 'dockerOverlay.host.disconnect'
>;

/** What `host.add` and `host.connect` resolve with. */
export interface ConnectOutcome {
  readonly connected: readonly HostName[];
  readonly failed: readonly { readonly host: HostName; readonly reason: string }[];
}

export function hostCommands(fleet: Fleet, hosts: HostsService): HostCommands {
  return {
    'dockerOverlay.host.add': async (args) => {
      const wanted = args.endpoints ?? (await pickHostsToAdd(findHosts()));
      const names = await hosts.add(wanted);
      return connectAll(fleet, names);
    },
    'dockerOverlay.host.connect': async (args) => {
      const chosen = await chooseHosts(fleet.topology, args.hosts, {
        title: 'Connect Hosts',
        placeholder: 'Which hosts?',
        offer: (host) => host.state.kind !== 'ready',
        none: fleet.topology.hosts.length > 0 ? 'All hosts are connected.' : 'No host is configured yet.',
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
    'dockerOverlay.host.edit': (args) => editHost(fleet, hosts, args),
  };
}

async function findHosts(): Promise<HostOffers> {
  const { configFile } = readSshSettings();
  const [aliases, contexts] = await Promise.all([
    listSshAliases(configFile === undefined ? {} : { configFile }),
    listContexts(),
  ]);
  const local = process.platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';
  return offersFrom(aliases, contexts, readHosts().hosts, local);
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
    none: 'No host is configured.',
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

interface HostForm {
  readonly name: string;
  readonly endpoint: string;
  readonly folder: string;
}

async function editHost(
  fleet: Fleet,
  hosts: HostsService,
  args: CommandArguments['dockerOverlay.host.edit'],
): Promise<void> {
  if (args.entry !== undefined && args.host === undefined) {
    // What is wrong with it may be anything: only the text itself can be mended.
    await vscode.commands.executeCommand('workbench.action.openSettingsJson', {
      revealSetting: { key: 'dockerOverlay.hosts', edit: true },
    });
    return;
  }
  const host = await chooseHost(fleet.topology, args.host, {
    title: 'Edit Host',
    placeholder: 'Which host?',
    offer: () => true,
    none: 'No host is configured.',
  });
  const { name, endpointText, folder } = host.config;
  const others = fleet.topology.hosts.map((one) => one.config.name).filter((one) => one !== name);
  const form = await runSteps<HostForm>(
    { name, endpoint: endpointText, folder: folder ?? '' },
    editSteps(name, others),
  );
  findHost(fleet.topology, name);
  await hosts.change(name, form);
}

function editSteps(title: string, others: readonly string[]): Step<HostForm>[] {
  const ask = (
    key: keyof HostForm,
    prompt: string,
    validate: (text: string) => string | undefined,
  ): Step<HostForm> => ({
    ask: async (form, place: StepPlace) => {
      const text = await askText({ title: `Edit ${title}`, prompt, value: form[key], validate, place });
      return typeof text === 'symbol' ? text : { ...form, [key]: text };
    },
  });
  return [
    ask('name', 'Name of the host in the views', (text) => validateHostName(text, others)),
    ask(
      'endpoint',
      'Where its Docker listens: ssh://user@host, unix:///path, tcp://host:2376, context://name',
      endpointProblem,
    ),
    ask('folder', 'Folder to group it under, for instance its zone; empty for none', () => undefined),
  ];
}

function endpointProblem(text: string): string | undefined {
  try {
    parseEndpoint(text);
    return undefined;
  } catch (error) {
    return describeError(error).happened;
  }
}
