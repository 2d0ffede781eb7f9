import type { Network } from '../../src/model/engine/records';
import type { VerifyRequest } from '../../src/verify/verification';
import type { TestSwarm } from '../integration/verifySupport';
import type { Lab } from '../lab/lab';

/** What a fault is injected into: a healthy swarm and a network of its own. */
export interface FaultScene {
  readonly lab: Lab;
  readonly swarm: TestSwarm;
  readonly network: Network;
}

/** Hosts that gossip had given up are found again at the next of its own tries: the remedies say so. ms */
export const gossipTakesMs = 90_000;

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
  readonly network?: { readonly ipv6?: boolean; readonly encrypted?: boolean; readonly subnets?: Network['subnets'] };
  /** How many hosts the swarm has; 3 when not said. */
  readonly hosts?: number;
  /** A swarm of its own, for a fault that a swarm is born with. */
  readonly form?: (lab: Lab, hosts: number) => Promise<TestSwarm>;
  /** The swarm is not the same afterwards: the next fault gets a new one. */
  readonly freshSwarm?: true;
  inject(scene: FaultScene): Promise<void>;
  /** Takes back what clearing the lab's own faults does not. */
  clear?(scene: FaultScene): Promise<void>;
  /** Labels of the remedy's commands that, run on their hosts, turn all cells green. */
  readonly cure?: readonly string[];
  /** How long the remedy may take to work, ms: verified again and again so long. One verification when not said. */
  readonly cureTakesMs?: number;
  /** To verify once more is the whole remedy. */
  readonly cureByRetry?: true;
}
