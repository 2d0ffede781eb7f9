import { isNodeId } from '../../remedies/command';
import { rule } from '../../rule';
import { count } from '../../../base/text/words';
import { factsOf } from '../../hosts';

/**
 * A node that is drained or paused gets no new places in networks: attaching a container there waits 20 s and fails, and
 * nothing in the engine's words says why. Containers that were there before go on.
 */
export const nodeNotActive = rule(
  {
    cuts: 'Nothing; tasks may come to the node.',
    opens: 'Nothing.',
    undo: 'docker node update --availability drain NODE',
  },
  (analysis) =>
    analysis.hosts.flatMap(({ host, nodeId, problem }) => {
      const { availability } = factsOf(analysis, host);
      if (problem?.reason !== 'probeAttachTimeout' || availability === undefined || availability === 'active')
        return [];
      const pairs = analysis.index.all.of(host);
      const state = availability === 'drain' ? 'drained' : 'paused';
      const manager = analysis.facts.managers?.[0];
      return {
        cause: 'node-not-active',
        title: `${host}: the node is ${state}, so no container can join the network there`,
        strength: 'measured',
        evidence: [
          problem.happened,
          `The managers have the node as ${state}; the swarm gives such a node no new places in its networks.`,
          `${count(pairs.length, 'pair')} from and to ${host} could not be tried; nothing is known against the network there.`,
        ],
        pairs,
        remedy: {
          text: `Set the availability of ${host} to active when its maintenance is over, then verify again.`,
          commands:
            manager !== undefined && isNodeId(nodeId)
              ? [
                  {
                    host: manager,
                    label: 'make it active',
                    command: `docker node update --availability active ${nodeId}`,
                  },
                ]
              : [],
        },
      };
    }),
);
