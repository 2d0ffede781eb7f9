import { isRecord } from '../../base/record';
import type { EngineInfo, SwarmState, SwarmStatus } from '../../model/engine/records';
import { defaultDataPathPort } from '../../model/network/vxlan';
import { count, flag, list, notUnderstood, oneOf, optionalText, raw, text, texts } from './json';
import { daemonWords, joinFailureReason } from '../errors/translate';

const swarmStates: readonly SwarmState[] = ['inactive', 'pending', 'active', 'error', 'locked'];

/** `GET /info`. @param apiVersion as negotiated. */
export function decodeInfo(value: unknown, apiVersion: string): EngineInfo {
  if (!isRecord(value) || text(value.ServerVersion) === '') throw notUnderstood('the description of an engine');
  return {
    engineId: text(value.ID),
    hostname: text(value.Name),
    serverVersion: text(value.ServerVersion),
    apiVersion,
    operatingSystem: text(value.OperatingSystem),
    osType: oneOf(value.OSType, ['linux', 'windows'], 'linux'),
    kernelVersion: text(value.KernelVersion),
    architecture: text(value.Architecture),
    swarm: decodeSwarmStatus(value.Swarm),
  };
}

function decodeSwarmStatus(value: unknown): SwarmStatus {
  const swarm = raw(value);
  const cluster = raw(swarm.Cluster);
  const clusterId = optionalText(cluster.ID);
  return {
    state: oneOf(swarm.LocalNodeState, swarmStates, 'inactive'),
    nodeId: text(swarm.NodeID) || nodeIn(text(swarm.Error)),
    nodeAddress: text(swarm.NodeAddr),
    isManager: flag(swarm.ControlAvailable),
    ...errorOf(swarm.Error),
    clusterId,
    ...(clusterId === undefined ? {} : decodeClusterSettings(cluster)),
    remoteManagers: list(swarm.RemoteManagers).map((manager) => ({
      nodeId: text(raw(manager).NodeID),
      address: text(raw(manager).Addr),
    })),
  };
}

/** A node whose certificate is refused is named in the refusal ("certificate (1 - <id>) not valid after ..."), only there. */
const nodeIn = (error: string): string => /certificate \(\d+ - ([a-z0-9]{25})\)/.exec(error)?.[1] ?? '';

/** Why the node is not in its swarm: what it met in the background comes to nobody's request as an answer. */
function errorOf(value: unknown): Pick<SwarmStatus, 'error' | 'errorReason'> {
  const text = optionalText(value);
  if (text === undefined) return {};
  const error = daemonWords(text);
  const errorReason = joinFailureReason(error);
  return errorReason === undefined ? { error } : { error, errorReason };
}

function decodeClusterSettings(cluster: Readonly<Record<string, unknown>>) {
  return {
    // The engine says 0 or the usual one when nobody chose another.
    dataPathPort: count(cluster.DataPathPort) || defaultDataPathPort,
    autolock: flag(raw(raw(cluster.Spec).EncryptionConfig).AutoLockManagers),
    defaultAddressPools: texts(cluster.DefaultAddrPool),
  };
}
