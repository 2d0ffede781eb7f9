import { listOf, type Rule } from './view';

/** Nodes that an earlier membership left behind: down for ever, and mistaken for hosts that are lost (moby#30059). */
export const ghostNode: Rule = (view) => {
  const ghosts = view.facts.ghosts ?? [];
  if (ghosts.length === 0) return [];
  const ids = ghosts.map((ghost) => ghost.nodeId).filter((id) => /^[a-z0-9]{12,64}$/.test(id));
  const names = [...new Set(ghosts.map((ghost) => ghost.host ?? ghost.hostname))].filter((name) => name !== '');
  const manager = view.facts.managers?.[0] ?? view.hosts[0]?.host;
  return [
    {
      rule: 'ghost-node',
      title: `The swarm still lists ${ghosts.length === 1 ? 'a node' : `${ghosts.length} nodes`} of an earlier membership${names.length > 0 ? ` of ${listOf(names)}` : ''}`,
      confidence: 'possible',
      evidence: ghosts.map(
        (ghost) =>
          `Node ${ghost.nodeId.slice(0, 12)} (${ghost.hostname || 'without a hostname'}) is down; ${ghost.host === undefined ? 'its machine has' : `${ghost.host} has`} joined anew as another node since.`,
      ),
      pairs: [],
      remedy: {
        text: `Remove ${ghosts.length === 1 ? 'it' : 'them'} from the swarm (${listOf(ghosts.map((ghost) => ghost.nodeId.slice(0, 12)))}).`,
        commands:
          manager === undefined
            ? []
            : ids.map((id) => ({ host: manager, label: 'remove', command: `docker node rm ${id}` })),
      },
    },
  ];
};
