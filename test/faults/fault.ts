import type { Network } from '../../src/model/engine';
import type { VerifyRequest } from '../../src/verify/verification';
import type { TestSwarm } from '../integration/verifySupport';
import type { Lab } from '../lab/lab';

/** What a fault is injected into: a healthy swarm over three hosts and a network of its own. */
export interface FaultScene {
  readonly lab: Lab;
  readonly swarm: TestSwarm;
  readonly network: Network;
}

/** A fault that the lab can make, and what the diagnosis must say of it. */
export interface InjectedFault {
  /** A few words, for titles and tables. */
  readonly name: string;
  /** Rule of the finding that must come first; absent for what is no fault: nothing may be found then. */
  readonly expectedRule?: string;
  /** Host that its title must name. */
  readonly expectedHost?: string;
  /** How to verify while it is in force. */
  readonly request?: Partial<VerifyRequest>;
  /** What the network must be made of. */
  readonly network?: { readonly ipv6?: boolean; readonly subnets?: Network['subnets'] };
  inject(scene: FaultScene): Promise<void>;
  /** Takes back what clearing the lab's own faults does not. */
  clear?(scene: FaultScene): Promise<void>;
  /** Labels of the remedy's commands that, run on their hosts, turn all cells green. */
  readonly cure?: readonly string[];
}
