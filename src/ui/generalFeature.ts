import * as vscode from 'vscode';
import { describeError, OverlayError } from '../base/errors';
import { views } from '../contributions';
import type { Fleet } from '../swarm/fleet';
import { chooseHost, noHosts } from './hosts/chooseHosts';
import { showInStatusBar } from './vscode/messages';
import { withViewProgress } from './vscode/progress';
import { copiedAddress } from './hosts/tree/hostNode';
import type { App } from './app';
import type { CommandTable } from './command/register';
import type { Feature } from './feature';

/** What is of no feature alone: copying, refreshing, the log. */
export function generalFeature({ fleet, showLog }: App): Feature {
  return { commands: generalCommands(fleet, showLog) };
}

export function generalCommands(fleet: Fleet, showLog: () => void) {
  return {
    'dockerOverlay.copyRemedy': async (args) => copy(args.command ?? (await chooseRemedy(fleet))),
    'dockerOverlay.copyAddress': async (args) => copy(args.text ?? (await chooseAddress(fleet))),
    'dockerOverlay.refresh': () => refresh(fleet),
    'dockerOverlay.showLog': () => showLog(),
  } satisfies Partial<CommandTable>;
}

/** Reads everything anew, and tries the hosts that have failed again; progress shows in each view that has the button. */
async function refresh(fleet: Fleet): Promise<void> {
  const work = Promise.all([fleet.refresh(), fleet.retryFailed()]);
  const shownIn = [views.hosts, views.swarm, views.networks];
  await Promise.all(shownIn.map((viewId) => withViewProgress(viewId, () => work)));
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
    ...noHosts,
  });
  return copiedAddress(host);
}
