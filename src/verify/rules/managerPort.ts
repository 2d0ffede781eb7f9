import { isLost } from './hostUnreachable';
import { firewallCommands, nameWithAddress } from './remedies';
import { factsOf, type Rule } from './view';

/**
 * The managers have lost a node whose containers reach the others all the same: only 2377/tcp, by which nodes report to
 * the managers, does not get through. Networks that are in use work on; new ones, and new containers, do not arrive there.
 */
export const managerPort: Rule = (view) => {
  const hosts = view.present.filter(
    (host) =>
      isLost(view, host) &&
      view.tried.some((pair) => (pair.from === host || pair.to === host) && pair.verdict !== 'dead'),
  );
  return hosts.map((host) => {
    const { nodeState, nodeMessage } = factsOf(view, host);
    const managers = (view.facts.managers ?? []).filter((one) => one !== host);
    return {
      rule: 'manager-port-blocked',
      title: `${host}: the managers do not hear of it`,
      confidence: 'likely' as const,
      evidence: [
        `The managers say that the node is ${nodeState ?? 'unknown'}${nodeMessage ? ` (${nodeMessage})` : ''}.`,
        'Its containers reach those of other hosts: the hosts see each other, only the way to the managers is missing.',
      ],
      pairs: [],
      remedy: {
        text: `Open 2377/tcp at the managers for ${nameWithAddress(view, host)}, and look whether Docker there logs "agent: session failed".`,
        commands: [
          ...managers.flatMap((manager) => firewallCommands(view, manager, [{ protocol: 'tcp', port: 2377 }], [host])),
          { host, label: 'what the node says', command: 'sudo journalctl -u docker -n 200 | grep -i session' },
        ],
      },
    };
  });
};
