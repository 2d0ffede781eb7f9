import type { HostName } from '../../../model/host/host';
import type { Analysis } from '../../analysis';
import { addressesOfPeers } from '../../facts';
import { factsOf, hostsNotAttached, isLost, nameWithAddress } from '../../hosts';
import { firewallCommands, type Opening } from '../../remedies/firewall';
import { opensForPeers } from '../../remedies/safety';
import { rule } from '../../rule';
import { checksOf, closedEvidence, closedPorts, commandsToOpen } from '../../closedPorts';
import { isReachable } from '../../blame';

const opening: Opening = { protocol: 'tcp', port: 2377 };

/**
 * The managers have lost a node that the other hosts reach all the same: only 2377/tcp, by which nodes report to the
 * managers, does not get through. Containers that use a network work on; new ones do not get a place in it there.
 */
export const managerPort = rule(opensForPeers, (analysis) =>
  lostHosts(analysis).map((host) => {
    const { nodeState, nodeMessage } = factsOf(analysis, host);
    const managers = (analysis.facts.managers ?? []).filter((one) => one !== host);
    const closed = closedPorts(analysis, [opening]).filter(
      (way) => way.host === host || (managers.includes(way.host) && way.peers.includes(host)),
    );
    const isOpen = closed.length === 0 && checksOf(analysis, opening).some(({ from }) => from === host);
    const hasNoPlace = hostsNotAttached(analysis).includes(host);
    return {
      cause: 'manager-port-blocked',
      title: `${host}: the managers do not hear of it`,
      strength: closed.length > 0 ? 'measured' : isOpen ? 'guess' : 'pattern',
      evidence: [
        `The managers say that the node is ${nodeState ?? 'unknown'}${nodeMessage ? ` (${nodeMessage})` : ''}.`,
        hasNoPlace
          ? `It could get no place in the network, which takes the managers; the other ports of the swarm answer between ${host} and the others.`
          : 'Its containers reach those of other hosts: the hosts see each other, only the way to the managers is missing.',
        ...closedEvidence(closed),
        ...(isOpen ? ['2377/tcp answers now: it may only need a moment to be back.'] : []),
      ],
      pairs: hasNoPlace ? analysis.index.all.of(host) : [],
      remedy: {
        text: isOpen
          ? `Verify again in a minute. If the node is still lost, look whether Docker on ${host} logs "agent: session failed".`
          : `Open 2377/tcp at the managers for ${nameWithAddress(analysis, host)}, and let it out there; then verify again. Docker on ${host} logs "agent: session failed" as long as it is closed.`,
        commands: [
          ...(isOpen
            ? []
            : closed.length > 0
              ? commandsToOpen(analysis, closed)
              : managers.flatMap((manager) =>
                  firewallCommands(manager, 'in', addressesOfPeers(analysis.facts, manager, [host]), [opening]),
                )),
          { host, label: 'what the node says', command: 'sudo journalctl -u docker -n 200 | grep -i session' },
        ],
      },
    };
  }),
);

function lostHosts(analysis: Analysis): HostName[] {
  const reached = analysis.present.filter((host) =>
    analysis.index.tried.of(host).some(({ verdict }) => verdict !== 'dead'),
  );
  const withoutPlace = hostsNotAttached(analysis).filter((host) => isReachable(analysis, host));
  return [...reached, ...withoutPlace].filter((host) => isLost(analysis, host));
}
