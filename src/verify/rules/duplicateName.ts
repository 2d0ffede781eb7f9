import type { EndpointFacts } from '../facts';
import { listOf, type Rule } from './view';

/** Two containers of the network have the same name on different hosts: the name resolves to either of them. */
export const duplicateName: Rule = (view) => {
  const byName = new Map<string, EndpointFacts[]>();
  for (const endpoint of view.facts.endpoints ?? []) {
    byName.set(endpoint.name, [...(byName.get(endpoint.name) ?? []), endpoint]);
  }
  return [...byName].flatMap(([name, endpoints]) => {
    const hosts = [...new Set(endpoints.map((one) => one.host))];
    if (hosts.length < 2) return [];
    return [
      {
        rule: 'duplicate-name',
        title: `${listOf(hosts)}: containers with the same name "${name}"`,
        confidence: 'certain' as const,
        evidence: [
          ...endpoints.map((one) => `On ${one.host} "${name}" has ${listOf(one.addresses)}.`),
          'Docker keeps names unique on one host only; in the network the name leads to either of them.',
        ],
        pairs: [],
        remedy: {
          text: 'Rename all but one of them, and connect the renamed ones to the network again.',
          commands: hosts.slice(1).flatMap((host) => renameCommand(host, name)),
        },
      },
    ];
  });
};

/** Only what Docker allows as a name goes into a command. */
function renameCommand(host: string, name: string) {
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) return [];
  return [{ host, label: 'rename', command: `docker rename ${name} ${name}-2` }];
}
