import type { GhostFacts } from '../../facts';
import { isNodeId } from '../../remedies/command';
import { rule } from '../../rule';
import { listAll } from '../../../base/text/words';

/** Nodes that an earlier membership left behind: down for ever, and mistaken for hosts that are lost (moby#30059). */
export const ghostNode = rule(
  {
    cuts: 'Nothing that runs: without --force Docker removes no node that is alive, and demotes none whose vote is needed.',
    opens: 'Nothing.',
    undo: 'The machine of a removed node must join again; so the text says to make sure that it is not only switched off.',
  },
  (analysis) => {
    const ghosts = analysis.facts.ghosts ?? [];
    if (ghosts.length === 0) return [];
    const names = [...new Set(ghosts.map((ghost) => ghost.host ?? ghost.hostname))].filter((name) => name !== '');
    const manager = analysis.facts.managers?.[0] ?? analysis.hosts[0]?.host;
    return {
      cause: 'ghost-node',
      title: `The swarm still lists ${ghosts.length === 1 ? 'a node' : `${ghosts.length} nodes`} of an earlier membership${names.length > 0 ? ` of ${listAll(names)}` : ''}`,
      strength: 'guess',
      evidence: ghosts.map(evidenceOf),
      pairs: [],
      remedy: {
        text:
          `Make sure that no machine is behind ${ghosts.length === 1 ? 'it' : 'them'} that is only switched off: it would have to join again. Then ` +
          `remove ${ghosts.length === 1 ? 'it' : 'them'} from the swarm (${listAll(ghosts.map((ghost) => ghost.nodeId.slice(0, 12)))}).`,
        commands:
          manager === undefined
            ? []
            : ghosts
                .filter(({ nodeId }) => isNodeId(nodeId))
                .map((ghost) => ({ host: manager, label: 'remove', command: commandFor(ghost) })),
      },
    };
  },
);

function evidenceOf({ nodeId, hostname, host, isAttempt }: GhostFacts): string {
  const node = `Node ${nodeId.slice(0, 12)} (${hostname || 'without a hostname'})`;
  if (isAttempt) return `${node} was let in by a manager and never heard of again: an attempt to join that failed.`;
  return `${node} is down; ${host === undefined ? 'its machine seems to have' : `${host} has`} joined again as another node since.`;
}

/** Docker removes no manager: it must be a worker first. */
const commandFor = ({ nodeId, isManager }: GhostFacts): string =>
  isManager ? `docker node demote ${nodeId} && docker node rm ${nodeId}` : `docker node rm ${nodeId}`;
