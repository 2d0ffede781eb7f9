import { isRecord } from '../../base/record';
import { Secret } from '../../base/text/redact';
import type { SwarmNode, SwarmTask } from '../../model/engine/records';
import { defaultDataPathPort } from '../../model/network/vxlan';
import { count, decodeEach, flag, oneOf, optionalText, raw, required, text, textMap, texts, type Raw } from './json';
import type { NodeTrust, SwarmSpec, SwarmTrust } from '../api';
import { isSwarmId } from '../ids';

/** `GET /nodes` (one record) and `GET /nodes/{id}`. */
export function decodeNode(value: unknown): SwarmNode {
  const id = required(value, 'ID', isSwarmId, 'a swarm node');
  const node = raw(value);
  const spec = raw(node.Spec);
  const description = raw(node.Description);
  const status = raw(node.Status);
  return {
    id,
    version: count(raw(node.Version).Index),
    createdAt: optionalText(node.CreatedAt),
    updatedAt: optionalText(node.UpdatedAt),
    hostname: text(description.Hostname),
    role: oneOf(spec.Role, ['manager', 'worker'], 'worker'),
    availability: oneOf(spec.Availability, ['active', 'pause', 'drain'], 'active'),
    labels: textMap(spec.Labels),
    specName: optionalText(spec.Name),
    state: oneOf(status.State, ['unknown', 'down', 'ready', 'disconnected'], 'unknown'),
    stateMessage: optionalText(status.Message),
    address: text(status.Addr),
    engineVersion: text(raw(description.Engine).EngineVersion),
    os: text(raw(description.Platform).OS),
    manager: decodeManager(node.ManagerStatus),
  };
}

function decodeManager(value: unknown): SwarmNode['manager'] {
  if (!isRecord(value)) return undefined;
  return {
    leader: flag(value.Leader),
    reachability: oneOf(value.Reachability, ['unknown', 'unreachable', 'reachable'], 'unknown'),
    address: text(value.Addr),
  };
}

/** States in which a task has come to its end (swarmkit api/types.proto: those above RUNNING). */
const overStates = ['complete', 'shutdown', 'failed', 'rejected', 'remove', 'orphaned'];

/** `GET /tasks` (one record). */
export function decodeTask(value: unknown): SwarmTask {
  const id = required(value, 'ID', isSwarmId, 'a task');
  const task = raw(value);
  const state = text(raw(task.Status).State);
  return {
    id,
    nodeId: text(task.NodeID),
    serviceId: text(task.ServiceID),
    state,
    isOver: overStates.includes(state),
  };
}

/** `GET /swarm`. The tokens are secrets from here on. */
export function decodeSwarmSpec(value: unknown): SwarmSpec {
  const clusterId = required(value, 'ID', isSwarmId, 'a swarm');
  const swarm = raw(value);
  const tokens = raw(swarm.JoinTokens);
  return {
    clusterId,
    version: count(raw(swarm.Version).Index),
    joinTokens: { worker: new Secret(text(tokens.Worker)), manager: new Secret(text(tokens.Manager)) },
    autolock: flag(raw(raw(swarm.Spec).EncryptionConfig).AutoLockManagers),
    dataPathPort: count(swarm.DataPathPort) || defaultDataPathPort,
    addressPools: texts(swarm.DefaultAddrPool),
    subnetSize: count(swarm.SubnetSize) || 24,
  };
}

/** The raw spec of a node or swarm with its version, to be changed and sent back whole. */
export function decodeVersionedSpec(value: unknown): { version: number; spec: Raw } {
  const object = raw(value);
  return { version: count(raw(object.Version).Index), spec: raw(object.Spec) };
}

/**
 * Root certificates out of `GET /swarm` and `GET /nodes`. A node is through a rotation when it trusts the swarm's root
 * and its own certificate comes from the swarm's issuer; `docker swarm ca --rotate` counts them in the same way.
 */
export function decodeTrust(swarm: unknown, nodes: unknown, onLeftOut?: (count: number) => void): SwarmTrust {
  const wanted = raw(raw(swarm).TLSInfo);
  const decodeOne = (item: unknown): NodeTrust => {
    const { id, hostname, state } = decodeNode(item);
    return { id, hostname, state, isCurrent: isSame(raw(raw(raw(item).Description).TLSInfo), wanted) };
  };
  return {
    root: text(wanted.TrustRoot),
    isRotating: flag(raw(swarm).RootRotationInProgress),
    nodes: decodeEach(nodes, 'a list of nodes', decodeOne, onLeftOut),
  };
}

function isSame(own: Raw, wanted: Raw): boolean {
  const parts = ['TrustRoot', 'CertIssuerSubject', 'CertIssuerPublicKey'];
  return text(wanted.TrustRoot) !== '' && parts.every((part) => text(own[part]) === text(wanted[part]));
}
