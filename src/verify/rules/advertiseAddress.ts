import { isIP } from 'node:net';
import { cells, deadPairsOf, factsOf, readingOf, type Rule } from './view';

/**
 * A host that is cut off advertises an address that none of its interfaces has: behind address translation, or an address
 * that has changed since it joined. The others send to where it is not.
 */
export const advertiseAddress: Rule = (view) =>
  view.cut.flatMap((host) => {
    const { address } = factsOf(view, host);
    const reading = readingOf(view, host);
    if (!reading || address === undefined || isIP(address) === 0) return [];
    const own = reading.links.flatMap((link) => link.addresses.map((one) => one.replace(/\/.*$/, '')));
    if (own.length === 0 || own.includes(address)) return [];
    return [
      {
        rule: 'advertise-address',
        title: `${host}: the swarm has a wrong address of it`,
        confidence: 'likely' as const,
        evidence: [
          `${host} advertises ${address}; its interfaces have ${own.filter((one) => !/^(127\.|::1$|fe80:)/.test(one)).join(', ') || 'none that others reach'}.`,
          'The other hosts send the network’s packets to the advertised address.',
        ],
        pairs: cells(deadPairsOf(view, [host])),
        remedy: {
          text: `Let ${host} leave the swarm and join again with an address of its own that the other hosts reach, or give it back ${address}.`,
          commands: [{ host, label: 'leave', command: 'docker swarm leave' }],
        },
      },
    ];
  });
