import type { HostName } from '../../model/host';
import { nameWithAddress } from './remedies';
import { cells, count, factsOf, type MatrixView, type Rule } from './view';

/**
 * The managers have lost a host as well (its node is down), and every pair of it is dead or it could not attach: not one
 * port is missing but the host, or its network, as a whole.
 */
export const hostUnreachable: Rule = (view) =>
  lostHosts(view).map((host) => {
    const pairs = view.pairs.filter(
      (pair) => (pair.from === host || pair.to === host) && ['dead', 'unknown'].includes(pair.verdict),
    );
    const { nodeState, nodeMessage, address } = factsOf(view, host);
    const other = view.hosts.find((one) => one.host !== host)?.host;
    return {
      rule: 'host-unreachable',
      title: `${host}: cut off from all other hosts`,
      confidence: 'likely' as const,
      evidence: [
        `${count(pairs.length, 'pair')} from and to ${host} ${pairs.length === 1 ? 'is' : 'are'} dead or could not be tried.`,
        `The managers say that the node is ${nodeState ?? 'unknown'}${nodeMessage ? ` (${nodeMessage})` : ''}: they do not hear of it either.`,
      ],
      pairs: cells(pairs),
      remedy: {
        text:
          `Look at the link and the address of ${nameWithAddress(view, host)}: a cable, a switch port, a changed address, ` +
          'or a firewall that drops everything between it and the other hosts.',
        commands: [
          { host, label: 'links', command: 'ip -br address' },
          ...(other !== undefined && address !== undefined && /^[0-9a-f.:]+$/i.test(address)
            ? [{ host: other, label: 'whether it answers', command: `ping -c 3 ${address}` }]
            : []),
        ],
      },
    };
  });

function lostHosts(view: MatrixView): HostName[] {
  const couldNotAttach = view.hosts.filter((host) => host.problem?.reason === 'probeAttachTimeout');
  const suspects = [...view.cut, ...couldNotAttach.map((host) => host.host)];
  return suspects.filter((host) => isLost(view, host));
}

/** What managers say of a node whose heartbeat they miss. */
export function isLost(view: MatrixView, host: HostName): boolean {
  const { nodeState } = factsOf(view, host);
  return nodeState === 'down' || nodeState === 'disconnected' || nodeState === 'unknown';
}
