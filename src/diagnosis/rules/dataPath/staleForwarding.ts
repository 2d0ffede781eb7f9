import { onlyLooks, rule } from '../../rule';
import { cells, hasOpenDataPath, isDead, loneHostPairs } from '../../analysis';

/**
 * Two test containers do not reach each other while the hosts exchange data-path packets, and names resolve: the
 * forwarding entry of a recently reused address is stale on one of them (moby#52661). A wrong entry is fixed, so the kernel
 * also throws away what comes from that address by another host: both directions are dead.
 */
export const staleForwarding = rule(onlyLooks, (analysis) =>
  loneHostPairs(analysis)
    .filter(([a, b]) => isDead(analysis, a, b) && isDead(analysis, b, a) && hasOpenDataPath(analysis, a, b))
    .map(([a, b]) => ({
      rule: 'stale-forwarding',
      title: `${a} and ${b}: stale forwarding entries`,
      confidence: 'likely' as const,
      evidence: [
        `Packets between the test containers on ${a} and ${b} are lost, although the hosts exchange packets on the data-path port.`,
        'Names resolve, and both hosts reach others: one of them still sends to where the address was before.',
      ],
      pairs: cells(analysis.tried.filter(({ from, to }) => (from === a && to === b) || (from === b && to === a))),
      remedy: {
        text: 'Check these pairs again: the test containers get other addresses. For a container of yours, disconnect it from the network and connect it again.',
        commands: [],
      },
    })),
);
