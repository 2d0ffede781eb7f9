import type { InjectedFault } from './fault';
import { mtuThatIsTold } from './mtuOnOneHost';

const nothing = async (): Promise<void> => undefined;

export const healthy: InjectedFault = { name: 'nothing', inject: nothing };

export const healthyInFull: InjectedFault = {
  name: 'nothing, looked at in full',
  request: { depth: 'full' },
  inject: nothing,
};

/** What the diagnosis must have nothing to say of: swarms of 3 to 6 hosts, as usual and in full. */
export const healthyRuns: readonly InjectedFault[] = [
  ...[3, 3, 4, 5, 6].flatMap((hosts) => [
    { ...healthy, hosts },
    { ...healthyInFull, hosts },
  ]),
  mtuThatIsTold,
];
