import type { HostName } from '../../model/host/host';
import type { VerifyFacts } from '../../diagnosis/facts';
import { deadPairsOf, factsOf, namesMostlyUnknown, viewOf, type Matrix } from '../../diagnosis/view';

/**
 * The host that may only need a moment, or undefined. On engines below 23 a container that is attached soon after the last
 * use of the network on its host may stay cut off for up to 30 s, until the gossip's next bulk exchange, although names
 * resolve and forwarding tables are complete (seen on 20.10). That looks just like a blocked data path.
 */
export function settlingHost(matrix: Matrix, facts: VerifyFacts): HostName | undefined {
  const view = viewOf(matrix, facts);
  // Of two hosts that do not reach each other, either may be the one.
  if (view.cut.length !== 1 && !(view.cut.length === 2 && view.present.length === 2)) return undefined;
  return view.cut.find((host) => {
    const { engineVersion, usedNetworkBefore } = factsOf(view, host);
    const isOld = engineVersion !== undefined && Number.parseInt(engineVersion, 10) < 23;
    return isOld && usedNetworkBefore === false && !namesMostlyUnknown(deadPairsOf(view, [host]));
  });
}
