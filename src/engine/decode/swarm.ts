import { Secret } from '../../base/text/redact';
import type { SwarmNode, SwarmTask } from '../../model/engine/records';
import { defaultDataPathPort } from '../../model/network/vxlan';
import { count, flag, isRaw, oneOf, optionalText, raw, required, text, textMap, texts, type Raw } from './fields';
import type { SwarmSpec } from '../api';
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
  if (!isRaw(value)) return undefined;
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
