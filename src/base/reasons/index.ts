import { connectionReasons } from './connection';
import { generalReasons } from './general';
import { networkReasons } from './network';
import { networkLifeReasons } from './networkLife';
import { swarmReasons } from './swarm';
import { testContainerReasons } from './testContainers';
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
export type { ErrorDescription, ReasonParams } from './text';
