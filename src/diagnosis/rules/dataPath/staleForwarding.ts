import { separatedHosts } from '../../analysis';
import { onlyLooks } from '../../remedies/safety';
import { rule } from '../../rule';
import { openDataPaths } from '../../closedPorts';

/**
 * Two test containers do not reach each other while the hosts exchange data-path packets, and names resolve: the
 * forwarding entry of a recently reused address is stale on one of them (moby#52661). A wrong entry is fixed, so the kernel
 * also throws away what comes from that address by another host: both directions are dead.
 */
export const staleForwarding = rule(onlyLooks, (analysis) => {
  const open = openDataPaths(analysis);
  return separatedHosts(analysis)
    .filter(([a, b]) => open.has({ from: a, to: b }) && open.has({ from: b, to: a }))
    .map(([a, b]) => ({
      cause: 'stale-forwarding',
      title: `${a} and ${b}: stale forwarding entries`,
      strength: 'pattern',
      evidence: [
        `Packets between the test containers on ${a} and ${b} are lost, although the hosts exchange packets on the data-path port.`,
        'Names resolve, and both hosts reach others: one of them still sends to where the address was before.',
      ],
      pairs: analysis.tried.filter(({ from, to }) => (from === a && to === b) || (from === b && to === a)),
      remedy: {
        text: 'Check these pairs again: the test containers get other addresses. For a container of yours, disconnect it from the network and connect it again.',
        commands: [],
      },
    }));
});
