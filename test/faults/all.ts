import { dataPathBlock, dataPathBlockOfTwo, dataPathBlockOut, dataPathBlockTwice } from './dataPathBlock';
import { drainedNode } from './drainedNode';
import { duplicateNames } from './duplicateNames';
import type { InjectedFault } from './fault';
import { frozenEngine } from './frozenEngine';
import { ghost } from './ghost';
import { gossipBlockBoth, gossipBlockTcp, gossipBlockUdp } from './gossipBlock';
import { gossipNotRunning } from './gossipNotRunning';
import { healthy, healthyInFull } from './healthy';
import { hostCutOff } from './hostCutOff';
import { tcpInsideTheTunnel } from './insideTheTunnel';
import { engineKilledMeanwhile, killedEngine } from './killedEngine';
import { killedPings } from './killedPings';
import { killedProbe } from './killedProbe';
import { cablePulled, linkSetDown } from './linkDown';
import { lossOnOneHost } from './lossOnOneHost';
import { managerPort } from './managerPort';
import { mtuBetweenAllHosts, mtuOnOneHost, mtuThatIsTold } from './mtuOnOneHost';
import { oneDirection } from './oneDirection';
import { overlappingBridge, overlappingUnderlay } from './overlappingNetworks';
import { overlappingRoute } from './overlappingRoute';
import { pairwiseBlock, splitInHalves } from './pairwiseBlock';
import { sameIpv6Addresses } from './sameIpv6Addresses';
import { staleForwarding } from './staleForwarding';
import { smallSubnet } from './smallSubnet';
import { withoutEsp } from './withoutEsp';
import { wrongAdvertiseAddress } from './wrongAdvertiseAddress';

/** Faults of what carries packets; those with a swarm of another size come last. */
export const packetFaults: readonly InjectedFault[] = [
  healthy,
  healthyInFull,
  mtuOnOneHost,
  mtuBetweenAllHosts,
  mtuThatIsTold,
  lossOnOneHost,
  pairwiseBlock,
  oneDirection,
  staleForwarding,
  dataPathBlock,
  dataPathBlockOut,
  dataPathBlockTwice,
  managerPort,
  linkSetDown,
  cablePulled,
  hostCutOff,
  gossipBlockUdp,
  gossipBlockTcp,
  gossipBlockBoth,
  dataPathBlockOfTwo,
  splitInHalves,
];

/** Faults of engines, swarms, networks and containers; those that disturb the swarm itself come last. */
export const swarmFaults: readonly InjectedFault[] = [
  duplicateNames,
  overlappingRoute,
  overlappingBridge,
  overlappingUnderlay,
  withoutEsp,
  sameIpv6Addresses,
  tcpInsideTheTunnel,
  drainedNode,
  smallSubnet,
  killedPings,
  killedProbe,
  frozenEngine,
  ghost,
  killedEngine,
  engineKilledMeanwhile,
  gossipNotRunning,
  wrongAdvertiseAddress,
];

/** All faults that the lab can make. */
export const allFaults: readonly InjectedFault[] = [...packetFaults, ...swarmFaults];
