import { dataPathBlock } from './dataPathBlock';
import { duplicateNames } from './duplicateNames';
import type { InjectedFault } from './fault';
import { frozenEngine } from './frozenEngine';
import { ghost } from './ghost';
import { healthy, healthyInFull } from './healthy';
import { killedProbe } from './killedProbe';
import { lossOnOneHost } from './lossOnOneHost';
import { mtuOnOneHost } from './mtuOnOneHost';
import { overlappingRoute } from './overlappingRoute';
import { pairwiseBlock } from './pairwiseBlock';

/** All faults that the lab can make; those that disturb the swarm itself come last. */
export const allFaults: readonly InjectedFault[] = [
  healthy,
  healthyInFull,
  mtuOnOneHost,
  lossOnOneHost,
  pairwiseBlock,
  dataPathBlock,
  duplicateNames,
  overlappingRoute,
  killedProbe,
  frozenEngine,
  ghost,
];
