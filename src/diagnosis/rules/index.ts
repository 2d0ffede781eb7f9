import type { Rule } from '../rule';
import { advertiseAddress } from './host/advertiseAddress';
import { cannotPing } from './probe/cannotPing';
import { checksumOffload } from './dataPath/checksumOffload';
import { clockSkew } from './host/clockSkew';
import { dataPathBlocked } from './dataPath/dataPathBlocked';
import { duplicateName } from './names/duplicateName';
import { encryptedDataPath } from './encryption/encryptedDataPath';
import { encryptedPort } from './encryption/encryptedPort';
import { encryptedVersionMix } from './encryption/encryptedVersionMix';
import { engineNotAnswering } from './host/engineNotAnswering';
import { ghostNode } from './host/ghostNode';
import { gossipBlocked } from './gossip/gossipBlocked';
import { gossipNotRunning } from './gossip/gossipNotRunning';
import { hostMissing } from './host/hostMissing';
import { hostUnreachable } from './host/hostUnreachable';
import { ipv6Dead } from './dataPath/ipv6Dead';
import { kernelWithoutEsp } from './encryption/kernelWithoutEsp';
import { kernelWithoutMatch } from './encryption/kernelWithoutMatch';
import { kernelWithoutVxlan } from './dataPath/kernelWithoutVxlan';
import { linkDown } from './host/linkDown';
import { linkFlapNames } from './names/linkFlapNames';
import { loss } from './dataPath/loss';
import { managerPort } from './host/managerPort';
import { mtu } from './dataPath/mtu';
import { nameUnknown } from './names/nameUnknown';
import { nameWrong } from './names/nameWrong';
import { nodeNotActive } from './host/nodeNotActive';
import { oneDirection } from './dataPath/oneDirection';
import { pairBlocked } from './dataPath/pairBlocked';
import { probeGone } from './probe/probeGone';
import { sameAddress } from './addresses/sameAddress';
import { sourceStopped } from './probe/sourceStopped';
import { staleForwarding } from './dataPath/staleForwarding';
import { subnetOverlap } from './addresses/subnetOverlap';
import { tooFewAddresses } from './addresses/tooFewAddresses';

/** Each knows one cause well: what they explain needs no other explanation. */
export const specificRules: readonly Rule[] = [
  cannotPing,
  engineNotAnswering,
  nodeNotActive,
  tooFewAddresses,
  subnetOverlap,
  probeGone,
  gossipNotRunning,
  linkDown,
  hostUnreachable,
  managerPort,
  advertiseAddress,
  kernelWithoutVxlan,
  sameAddress,
  kernelWithoutEsp,
  kernelWithoutMatch,
  encryptedPort,
  encryptedVersionMix,
  mtu,
  staleForwarding,
  linkFlapNames,
  ipv6Dead,
];

/** What is left when no special cause is known; the first of those that are equally sure is shown first. */
export const generalRules: readonly Rule[] = [
  hostMissing,
  gossipBlocked,
  dataPathBlocked,
  encryptedDataPath,
  checksumOffload,
  pairBlocked,
  oneDirection,
  sourceStopped,
  nameWrong,
  nameUnknown,
  loss,
  duplicateName,
  ghostNode,
  clockSkew,
];

/** All rules, for who wants to look through them. */
export const allRules: readonly Rule[] = [...specificRules, ...generalRules];
