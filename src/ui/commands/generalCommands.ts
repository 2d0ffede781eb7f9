import * as vscode from 'vscode';
import { describeError, OverlayError } from '../../base/errors';
import type { Fleet } from '../../swarm/fleet';
import { chooseHost } from '../choose';
import { showInStatusBar } from '../messages';
import { withViewProgress } from '../progress';
import { addressText } from '../trees/hostNode';
import type { CommandTable } from './register';

type GeneralCommands = Pick<
  CommandTable,
  'dockerOverlay.copyRemedy' | 'dockerOverlay.copyAddress' | 'dockerOverlay.refresh' | 'dockerOverlay.showLog'
>;

export function generalCommands(fleet: Fleet, showLog: () => void): GeneralCommands {
  return {
    'dockerOverlay.copyRemedy': async (args) => copy(args.command ?? (await chooseRemedy(fleet))),
    'dockerOverlay.copyAddress': async (args) => copy(args.text ?? (await chooseAddress(fleet))),
    'dockerOverlay.refresh': () => withViewProgress('dockerOverlay.hosts', () => fleet.refresh()),
    'dockerOverlay.showLog': () => showLog(),
  };
}

async function copy(text: string): Promise<string> {
  await vscode.env.clipboard.writeText(text);
  showInStatusBar(`Copied: ${text}`);
  return text;
}

async function chooseRemedy(fleet: Fleet): Promise<string> {
  const host = await chooseHost(fleet.topology, undefined, {
    title: 'Copy Remedy Command',
    placeholder: 'For which host?',
    offer: (one) => one.state.kind === 'failed' && describeError(one.state.error).command !== undefined,
    none: 'No host has a trouble that one command would mend.',
  });
  const command = host.state.kind === 'failed' ? describeError(host.state.error).command : undefined;
  if (command === undefined) throw new OverlayError('nothingToChoose', { message: 'That host is connected again.' });
  return command;
}

async function chooseAddress(fleet: Fleet): Promise<string> {
  const host = await chooseHost(fleet.topology, undefined, {
    title: 'Copy Address',
    placeholder: 'Of which host?',
    offer: () => true,
    none: 'No host is configured.',
  });
  return addressText(host);
}
