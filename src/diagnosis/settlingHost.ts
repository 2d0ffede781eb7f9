import type { HostName } from '../model/host/host';
import type { VerifyFacts } from './facts';
import { deadPairsOf, analyse, unknownNames, type Matrix } from './analysis';
import { factsOf } from './hosts';

/**
 * The host that may only need a moment, or undefined. On engines below 23 a container that is attached soon after the last
 * use of the network on its host may stay cut off for up to 30 s, until the gossip's next bulk exchange, although names
 * resolve and forwarding tables are complete (seen on 20.10). That looks just like a blocked data path.
 */
export function settlingHost(matrix: Matrix, facts: VerifyFacts): HostName | undefined {
  const analysis = analyse(matrix, facts);
  // Of two hosts that do not reach each other, either may be the one.
  if (analysis.cut.length !== 1 && !(analysis.cut.length === 2 && analysis.present.length === 2)) return undefined;
  return analysis.cut.find((host) => {
    const { engineVersion, usedNetworkBefore } = factsOf(analysis, host);
    const isOld = engineVersion !== undefined && Number.parseInt(engineVersion, 10) < 23;
    const pairs = deadPairsOf(analysis, [host]);
    return isOld && usedNetworkBefore === false && unknownNames(pairs) * 2 <= pairs.length;
  });
}
