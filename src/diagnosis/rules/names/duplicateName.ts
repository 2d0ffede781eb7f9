import { isDockerName } from '../../remedies/command';
import { groupBy } from '../../../base/groupBy';
import { rule } from '../../rule';
import { listAll } from '../../../base/text/words';

/**
 * Two containers of the network have the same name on different hosts: the name resolves to either of them. The same compose
 * project on several hosts is the usual reason, and mostly meant so; nothing is red because of it.
 */
export const duplicateName = rule(
  {
    cuts: 'Nothing by its commands, which only look; a container that is recreated under another name is away for that moment.',
    opens: 'Nothing.',
    undo: 'Give the container the name of before.',
  },
  (analysis) => {
    return [...groupBy(analysis.facts.endpoints ?? [], ({ name }) => name)].flatMap(([name, endpoints]) => {
      const hosts = [...new Set(endpoints.map((one) => one.host))];
      if (hosts.length < 2) return [];
      return {
        cause: 'duplicate-name',
        title: `${listAll(hosts)}: containers with the same name "${name}"`,
        strength: 'guess',
        evidence: [
          ...endpoints.map((one) => `On ${one.host} "${name}" has ${listAll(one.addresses)}.`),
          'Docker keeps names unique on one host only; in the network the name leads to either of them.',
        ],
        pairs: [],
        remedy: {
          text:
            'Where nobody calls them by this name, as with the same compose project on each host, nothing needs to be done. Else give ' +
            'all but one another name where they are made (container_name of compose, --name), and recreate them; do not take a ' +
            'running container out of the network for it, it would lose its aliases and fixed addresses.',
          commands: isDockerName(name)
            ? hosts.map((host) => ({
                host,
                label: 'what made it',
                command: `docker inspect --format '{{json .Config.Labels}}' ${name}`,
              }))
            : [],
        },
      };
    });
  },
);
