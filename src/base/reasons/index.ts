import { connectionReasons } from './connection';
import { generalReasons } from './general';
import { networkReasons } from './network';
import { networkLifeReasons } from './networkLife';
import { swarmReasons } from './swarm';
import { testContainerReasons } from './testContainers';
import type { Needs } from './text';
import { verifyReasons } from './verify';

/** The one catalogue of everything that may go wrong before a person's eyes; a text for each reason. */
export const reasons = {
  ...generalReasons,
  ...connectionReasons,
  ...swarmReasons,
  ...networkReasons,
  ...networkLifeReasons,
  ...verifyReasons,
  ...testContainerReasons,
};

export type Reason = keyof typeof reasons;

/** What has to be known to say a reason, or each of several. */
export type ParamsOf<R extends Reason> = [(typeof reasons)[R]] extends [(params: infer Params) => unknown]
  ? unknown extends Params
    ? Needs
    : Params
  : never;

/** Reasons that need nothing to be said: those of which the name may be all that is left. */
export type BareReason = { [R in Reason]: Needs extends ParamsOf<R> ? R : never }[Reason];
export type { ErrorDescription, ReasonParams } from './text';
