import type { Semaphore } from '../../../base/concurrency';
import { isOverlayError, OverlayError } from '../../../base/errors';
import type { Secret } from '../../../base/text/redact';
import type { NodeRole, SwarmNode, SwarmStatus } from '../../../model/engine/records';
import type { HostName } from '../../../model/host/host';
import { unreachableBecause, withoutPort } from '../../../model/host/hostAddress';
import { type EngineOf, askManager } from '../../askManager';
import type { PlanTimes, StepContext } from '../plan';
import { isAnswerLost } from '../sendAndWait';
import { requestAddresses, type NodeAddresses } from './addresses';

/** Docker itself gives up answering after 20 s; ours is longer, so that its own words arrive. */
const joinRequestMs = 35_000;

/** What a join needs to know. */
export interface JoinStepOptions {
  readonly engineOf: EngineOf;
  readonly host: HostName;
  readonly role: NodeRole;
  readonly addresses?: NodeAddresses;
  /** `host:port` to join by; the address that a manager advertises when not given. */
  readonly managerAddress?: string;
  /** Hosts that are managers of the swarm when the step runs, best first. */
  readonly managers: readonly HostName[];
  /** The swarm that was chosen; not known of one that is begun in the same plan. */
  readonly clusterId?: string;
  /** Name of the swarm for people. */
  readonly swarmName: string;
  /** Managers join one after another: two changes of the Raft members at once are refused. */
  readonly raftLock: Semaphore;
  readonly after: readonly string[];
  readonly times: PlanTimes;
}

interface Invitation {
  readonly token: Secret;
  /** `address:2377` */
  readonly address: string;
}

/**
 * Asks an engine to join. A token that was rotated between reading and using it is read anew, once.
 *
 * @returns the manager's address, also when the join goes on in the background or the answer was lost.
 * @throws joinTokenRefused, joinUnreachable, managerNameUnknown, advertiseAddressInvalid, noReachableManager ...
 */
export async function requestJoin(options: JoinStepOptions, context: StepContext): Promise<string> {
  const first = await invitation(options, context);
  try {
    return await send(options, first, context);
  } catch (error) {
    if (!isOverlayError(error, 'joinTokenRefused')) throw error;
    const second = await invitation(options, context);
    if (second.token.reveal() === first.token.reveal()) throw error;
    return send(options, second, context);
  }
}

async function send(
  { engineOf, host, addresses = {} }: JoinStepOptions,
  { token, address }: Invitation,
  context: StepContext,
): Promise<string> {
  context.report(`asking ${address}`);
  try {
    const request = { remoteAddress: address, token, ...requestAddresses(addresses) };
    await engineOf(host).swarm.join(request, { signal: context.signal, timeoutMs: joinRequestMs });
  } catch (error) {
    // It goes on in the background, or may do so: whoever waits for it will see.
    if (isAnswerLost(error) || isOverlayError(error, 'joinTimeout')) return address;
    if (!isOverlayError(error)) throw error;
    const isOwn = error.reason === 'advertiseAddressInvalid';
    if (isOwn) throw error.with({ host, address: addresses.advertise });
    throw error.with({ host, address: error.params.address ?? address, ...joiningAddress(addresses) });
  }
  return address;
}

/** The address that a manager's firewall has to let in, for errors that say so, where it was chosen. */
export const joiningAddress = ({ advertise }: NodeAddresses): { items?: readonly string[] } =>
  advertise === undefined ? {} : { items: [withoutPort(advertise)] };

/** Token and address to join by, from the first manager that answers. */
function invitation(options: JoinStepOptions, { signal }: StepContext): Promise<Invitation> {
  const { engineOf, managers, role, swarmName, managerAddress, clusterId } = options;
  return askManager(engineOf, managers, async (engine, host) => {
    const [spec, nodes, info] = await Promise.all([
      engine.swarm.inspect({ signal }),
      engine.swarm.nodes({ signal }),
      engine.info({ signal }),
    ]);
    // Nobody is let into a swarm that the manager has changed to since.
    if (clusterId !== undefined && spec.clusterId !== clusterId)
      throw new OverlayError('alreadyInSwarm', { host, name: 'another swarm' });
    const address = managerAddress ?? remoteAddress(nodes, info.swarm);
    if (address === undefined) throw new OverlayError('noReachableManager', { name: swarmName });
    return { token: spec.joinTokens[role], address };
  });
}

/** Docker uses one address only: the leader's if it advertises a real one, else another manager's. */
export function remoteAddress(nodes: readonly SwarmNode[], own: SwarmStatus): string | undefined {
  const reachable = nodes.filter((node) => node.manager?.reachability === 'reachable');
  const leaderFirst = [...reachable].sort((a, b) => Number(b.manager?.leader) - Number(a.manager?.leader));
  const advertised = leaderFirst.map((node) => node.manager?.address ?? '').find((address) => !isUnspecific(address));
  return advertised ?? (isUnspecific(own.nodeAddress) ? undefined : `${bracketed(own.nodeAddress)}:2377`);
}

function isUnspecific(address: string): boolean {
  if (address === '') return true;
  const why = unreachableBecause(withoutPort(address), []);
  return why === 'unspecified' || why === 'loopback';
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);
