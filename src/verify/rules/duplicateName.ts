import type { HostName } from '../../model/host';
import type { EndpointFacts } from '../facts';
import type { Command } from './remedies';
import { listOf, type MatrixView, type Rule } from './view';

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
          text: 'Rename all but one of them: each leaves the network for it and joins it again, for the name is told when it joins.',
          commands: hosts.slice(1).flatMap((host, index) => renameCommand(view, host, name, `${name}-${index + 2}`)),
        },
      },
    ];
  });
};

/**
 * Docker 20.10 refuses to rename a container while it is in the network ("could not add service state"). Only what Docker
 * allows as a name goes into a command.
 */
function renameCommand(view: MatrixView, host: HostName, name: string, other: string): Command[] {
  const network = view.facts.networkId ?? 'NETWORK';
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name) || !/^\w+$/.test(network)) return [];
  const steps = [
    `docker network disconnect ${network} ${name}`,
    `docker rename ${name} ${other}`,
    `docker network connect ${network} ${other}`,
  ];
  return [{ host, label: 'rename', command: steps.join(' && ') }];
}
