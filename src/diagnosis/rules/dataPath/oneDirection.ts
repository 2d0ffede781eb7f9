import { listAll } from '../../../base/text/words';
import { addressesOfPeers } from '../../facts';
import { hostsForCommands } from '../../remedies/command';
import { dataPathOpenings, firewallCommands } from '../../remedies/firewall';
import { opensForPeers } from '../../remedies/safety';
import { rule } from '../../rule';
import { openDataPaths } from '../../closedPorts';

/**
 * One direction of a pair is dead and the other one answers. Ping needs both ways, so packets do pass: something on the way
 * looks into the tunnel, or remembers connections there.
 */
export const oneDirection = rule(opensForPeers, (analysis) => {
  const cut = new Set(analysis.cutOff);
  const pairs = analysis.tried.filter((pair) => {
    if (pair.verdict !== 'dead' || cut.has(pair.from) || cut.has(pair.to)) return false;
    const back = analysis.index.tried.get(pair.to, pair.from);
    return back !== undefined && back.verdict !== 'dead';
  });
  if (pairs.length === 0) return [];
  const open = openDataPaths(analysis);
  const port = analysis.facts.dataPathPort;
  const targets = [...new Set(pairs.map((pair) => pair.to))];
  const shown = pairs.slice(0, 5).map((pair) => `${pair.from} → ${pair.to}`);
  return {
    cause: 'one-direction',
    title: `${listAll(targets)}: answers only in one direction`,
    strength: 'pattern',
    evidence: [
      `Dead: ${listAll(shown)}${pairs.length > shown.length ? ` and ${pairs.length - shown.length} more` : ''}; the other direction of each answers.`,
      'A ping needs both ways, so packets do pass: a firewall that remembers connections lets answers in and drops what begins elsewhere.',
      ...(pairs.every((pair) => open.has(pair))
        ? [
            `Other packets to ${port}/udp are let in there, so it is a firewall that looks into the tunnel, or one inside of it.`,
          ]
        : []),
    ],
    pairs,
    remedy: {
      text:
        `Let the whole data path (${port}/udp) in at ${listAll(targets)} before any rule looks into it, also what begins at the ` +
        'other hosts. If that changes nothing, look for a firewall in the containers themselves, or in the hypervisor.',
      commands: hostsForCommands(targets).flatMap((host) => [
        ...firewallCommands(
          host,
          'in',
          addressesOfPeers(
            analysis.facts,
            host,
            pairs.flatMap(({ from, to }) => (to === host ? [from] : [])),
          ),
          dataPathOpenings(analysis.facts),
        ),
        { host, label: 'rules', command: 'sudo iptables -S INPUT' },
      ]),
    },
  };
});
