import * as vscode from 'vscode';
import { OverlayError } from '../../../base/errors';
import type { CommandArguments } from '../../../contributions';
import { readContext } from '../../../hosts/contexts';
import type { Endpoint, HostConfig } from '../../../model/host/host';
import type { Fleet } from '../../../swarm/fleet';
import { chooseHost } from '../chooseHosts';
import { readSshSettings } from '../../vscode/settings';
import { terminalCommand } from './terminalCommand';

/** Opens a terminal on a host. @returns the terminal's name. @throws OverlayError `terminalNotPossible`. */
export async function openTerminal(
  fleet: Fleet,
  args: CommandArguments['dockerOverlay.host.openTerminal'],
): Promise<string> {
  const { config } = await chooseHost(fleet.topology, args.host, {
    title: 'Open Terminal on Host',
    placeholder: 'On which host?',
    offer: (host) => host.config.endpoint.kind !== 'tcp',
    none: 'No host is configured that a terminal could be opened on.',
    remedy: 'Add an ssh:// host first.',
  });
  const command = terminalCommand(await resolveContext(config), readSshSettings(), process.env);
  if (command.kind === 'none')
    throw new OverlayError('terminalNotPossible', { host: config.name, message: command.why });
  const iconPath = new vscode.ThemeIcon('remote');
  const own = command.kind === 'ssh' ? { shellPath: command.program, shellArgs: [...command.args] } : {};
  const terminal = vscode.window.createTerminal({ name: config.name, iconPath, ...own });
  terminal.show();
  return terminal.name;
}

async function resolveContext({ endpoint }: HostConfig): Promise<Exclude<Endpoint, { kind: 'context' }>> {
  if (endpoint.kind !== 'context') return endpoint;
  const found = await readContext(endpoint.name);
  if (found.kind === 'context')
    throw new OverlayError('contextInvalid', { name: endpoint.name, message: 'it names another context' });
  return found;
}
