import * as vscode from 'vscode';
import { toDisposable, type Disposable } from '../../base/disposable';
import { views } from '../../contributions';
import { describeQuorum } from '../../model/swarm/quorum';
import type { Fleet } from '../../swarm/fleet';
import { MajorityTracker, type MajorityChange } from './majorityTracker';
import { commandButton, showInfo, showWarning } from '../vscode/messages';
import { answeringWords } from './tree/swarmTree';

/** An election after the loss of the leader takes a few seconds, ms. */
const lastsMs = 4_000;

/** Tells when a swarm loses the majority of its managers, once for each loss, and when it is back. */
export function watchMajority(fleet: Fleet): Disposable {
  const state = new MajorityTracker(lastsMs);
  let timer: NodeJS.Timeout | undefined;
  const look = () => {
    for (const news of state.update(fleet.topology, Date.now())) tell(news);
    clearTimeout(timer);
    timer = state.isPending ? setTimeout(look, lastsMs / 4) : undefined;
  };
  const subscription = fleet.onDidChange(look);
  return toDisposable(() => {
    subscription.dispose();
    clearTimeout(timer);
  });
}

function tell({ kind, cluster }: MajorityChange): void {
  if (kind === 'back') {
    showInfo(`The swarm ${cluster.name} has a majority of its managers again: ${describeQuorum(cluster.quorum)}.`);
    return;
  }
  showWarning(
    `The swarm ${cluster.name} has lost its majority: ${answeringWords(cluster)}. Containers and networks go on working, but nothing can be changed ` +
      'until managers are back or the swarm is recovered.',
    [
      { label: 'Show', run: () => void vscode.commands.executeCommand(`${views.swarm}.focus`) },
      commandButton('Recover…', 'dockerOverlay.swarm.recover', { clusterId: cluster.id }),
    ],
  );
}
