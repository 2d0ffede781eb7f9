import * as vscode from 'vscode';
import { describeError, isOverlayError } from '../../../base/errors';
import type { CommandArguments } from '../../../contributions';
import { parseEndpoint } from '../../../hosts/endpoint';
import { validateHostName } from '../../../hosts/settings';
import type { Fleet } from '../../../swarm/fleet';
import { chooseHost, noHosts } from '../chooseHosts';
import { findHost } from '../../command/find';
import type { ConnectionTester } from '../connectionTest/tester';
import { changedEntry, configOf, entryName, usesSsh, type EntryChange } from '../hostEntries';
import type { HostsService } from '../hostsService';
import { askFolder } from './askFolder';
import { back, type Back, type StepPlace } from '../../vscode/ask';
import { askText, pickOne, type PickItem } from '../../quickPick/pick';
import { runSteps, type Step } from '../../quickPick/steps';
import { readHostEntries } from '../../vscode/settings';
import { foldersOf } from './hostFolders';
import { transportItems } from './sshTransportItems';

type Form = Required<EntryChange>;

/** Changes a host in steps; the last one saves or tests, and the back button keeps every answer. */
export async function editHost(
  fleet: Fleet,
  hosts: HostsService,
  tester: ConnectionTester,
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
    ...noHosts,
  });
  const { name, endpointText, folder, transport } = host.config;
  const entry = readHostEntries().find((one) => entryName(one) === name) ?? {};
  const initial: Form = { name, endpoint: endpointText, folder: folder ?? '', transport: transport ?? '' };
  const form = await runSteps<Form>(initial, steps(fleet, tester, name, entry));
  const { state } = findHost(fleet.topology, name);
  await hosts.change([name], form);
  // Under another name it is another host to the fleet.
  if (form.name !== name && state.kind !== 'idle') hosts.connectQuietly(form.name);
}

function steps(fleet: Fleet, tester: ConnectionTester, name: string, entry: object): Step<Form>[] {
  const others = fleet.topology.hosts.map((one) => one.config.name).filter((one) => one !== name);
  const title = `Edit ${name}`;
  const text = (key: keyof Form, prompt: string, validate: (typed: string) => string | undefined): Step<Form> => ({
    ask: async (form, place) => {
      const typed = await askText({ title, prompt, value: form[key], validate, place });
      return typed === back ? back : { ...form, [key]: typed };
    },
  });
  return [
    text('name', 'Name of the host in the views', (typed) => validateHostName(typed, others)),
    text(
      'endpoint',
      'Where its Docker listens: ssh://user@host, unix:///path, tcp://host:2376, context://name',
      (typed) => endpointProblem(entry, typed),
    ),
    {
      ask: async (form, place) => {
        const folder = await askFolder({ title, folders: foldersOf(fleet.topology), current: form.folder, place });
        return folder === back ? back : { ...form, folder };
      },
    },
    {
      when: (form) => usesSsh(parseEndpoint(form.endpoint).kind),
      ask: async (form, place) => {
        const items = transportItems(form.transport);
        const way = await pickOne({ title, placeholder: 'The way to Docker over SSH', items, place });
        return way === back ? back : { ...form, transport: way };
      },
    },
    { ask: (form, place) => saveOrTest(tester, title, entry, form, place) },
  ];
}

/** Testing comes back to this step; saving ends it. */
async function saveOrTest(
  tester: ConnectionTester,
  title: string,
  entry: object,
  form: Form,
  place: StepPlace,
): Promise<Form | Back> {
  for (;;) {
    const items: PickItem<'save' | 'test'>[] = [
      { value: 'save', label: 'Save', description: `${form.name} · ${form.endpoint}`, icon: 'save' },
      { value: 'test', label: 'Test Connection', description: 'before it is saved', icon: 'beaker' },
    ];
    const chosen = await pickOne({ title, placeholder: 'Save, or test it first', items, place });
    if (chosen === back) return back;
    if (chosen === 'save') return form;
    const config = configOf(changedEntry(entry, form));
    try {
      const toForm = { label: `Back to ${title}`, icon: 'arrow-left', isNext: true, run: () => undefined };
      await tester.show(config, await tester.run(config), [toForm]);
    } catch (error) {
      // A cancelled test leads back as well.
      if (!isOverlayError(error, 'cancelled')) throw error;
    }
  }
}

function endpointProblem(entry: object, typed: string): string | undefined {
  try {
    configOf(changedEntry(entry, { endpoint: typed }));
    return undefined;
  } catch (error) {
    return describeError(error).happened;
  }
}
