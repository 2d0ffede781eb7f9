import type { PortCheck } from '../../model/network/underlay';
import type { VerifyFacts } from '../../diagnosis/facts';
import type { Concern, GatherContext } from './context';
import { limits } from '../limits';
import { helperRunOf } from '../../probe/names';
import { checkPortsInTime } from '../ports/checkPortsInTime';

/**
 * The ways between the hosts of the pairs concerned, in both directions: a dead pair may be dead for its way back. Not of
 * hosts that answer nothing: all others would wait for them.
 */
export async function tryPorts(
  context: GatherContext,
  facts: VerifyFacts,
  { hosts, pairs }: Concern,
): Promise<PortCheck[]> {
  const { request, runId, unresponsive, signal, logger } = context;
  const asked = hosts.filter((host) => !unresponsive.has(host)).slice(0, limits.mostReadings);
  const targets = request.hosts
    .filter(({ host }) => asked.includes(host))
    .map((target) => {
      const address = facts.hosts.find((one) => one.host === target.host)?.address;
      const manager = facts.managers?.includes(target.host) ?? false;
      return { ...target, manager, member: true, ...(address !== undefined && { address }) };
    });
  if (targets.length < 2) return [];
  return checkPortsInTime(
    {
      hosts: targets,
      pairs: pairs
        .filter(({ from, to }) => asked.includes(from) && asked.includes(to))
        .flatMap(({ from, to }) => [
          { from, to },
          { from: to, to: from },
        ]),
      dataPathPort: facts.dataPathPort,
      image: request.image,
      owner: request.owner,
      runId: helperRunOf(runId, 'ports'),
    },
    { signal, logger },
  );
}
