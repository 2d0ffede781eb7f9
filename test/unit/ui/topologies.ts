import type { OverlayError } from '../../../src/base/errors';
import type {
  EngineInfo,
  HostSnapshot,
  Network,
  NodeRole,
  SwarmNode,
  SwarmStatus,
} from '../../../src/model/engine/records';
import type { HostState } from '../../../src/model/host/host';
import { quorumOf } from '../../../src/model/swarm/quorum';
import type { Cluster, ClusterNetwork, HostView, Topology } from '../../../src/model/swarm/topology';
import { anyError } from '../anyError';

/** Builders of topologies for the tests of trees and context keys: what is not named is as usual. */

export function swarmStatus(overrides: Partial<SwarmStatus> = {}): SwarmStatus {
  return { state: 'inactive', nodeId: '', nodeAddress: '', isManager: false, remoteManagers: [], ...overrides };
}

export function engineInfo(swarm: Partial<SwarmStatus> = {}, overrides: Partial<EngineInfo> = {}): EngineInfo {
  return {
    engineId: 'engine',
    hostname: 'node1',
    serverVersion: '28.5.2',
    apiVersion: '1.51',
    operatingSystem: 'Debian GNU/Linux 12',
    osType: 'linux',
    kernelVersion: '6.1.0',
    architecture: 'x86_64',
    swarm: swarmStatus(swarm),
    ...overrides,
  };
}

export function network(name: string, overrides: Partial<Network> = {}): Network {
  return {
    id: `${name}-id`,
    name,
    driver: 'overlay',
    scope: 'swarm',
    attachable: true,
    internal: false,
    ingress: false,
    ipv6: false,
    encrypted: false,
    subnets: [{ subnet: '10.0.1.0/24', gateway: '10.0.1.1' }],
    options: {},
    labels: {},
    createdAt: '2026-01-02T03:04:05Z',
    ...overrides,
  };
}

export function ready(swarm: Partial<SwarmStatus> = {}, snapshot: Partial<HostSnapshot> = {}): HostState {
  return {
    kind: 'ready',
    snapshot: { info: engineInfo(swarm), networks: [], containers: [], takenAt: 0, ...snapshot },
    link: { description: 'ssh2 + streamlocal to deploy@10.0.0.5:22', latencyMs: 12 },
  };
}

export function host(name: string, state: HostState, overrides: Partial<HostView> = {}): HostView {
  return {
    config: { name, endpoint: { kind: 'ssh', host: name }, endpointText: `ssh://deploy@${name}` },
    state,
    ...overrides,
  };
}

export function failed(reason: ConstructorParameters<typeof OverlayError>[0], params = {}): HostState {
  return { kind: 'failed', error: anyError(reason, params) };
}

export function node(id: string, role: NodeRole, overrides: Partial<SwarmNode> = {}): SwarmNode {
  return {
    id,
    version: 1,
    hostname: id,
    role,
    availability: 'active',
    labels: {},
    state: 'ready',
    address: '10.0.0.9',
    engineVersion: '28.5.2',
    os: 'linux',
    ...(role === 'manager'
      ? { manager: { leader: false, reachability: 'reachable' as const, address: '10.0.0.5:2377' } }
      : {}),
    ...overrides,
  };
}

export function cluster(overrides: Partial<Cluster> = {}): Cluster {
  return {
    id: 'c1',
    name: 'prod-eu',
    hosts: ['node1', 'node2'],
    nodes: [],
    quorum: quorumOf(3),
    managerHosts: ['node1'],
    networks: [],
    dataPathPort: 4789,
    stale: false,
    ...overrides,
  };
}

export function clusterNetwork(of: Network, overrides: Partial<ClusterNetwork> = {}): ClusterNetwork {
  return { clusterId: 'c1', network: of, places: [], ...overrides };
}

export function topology(overrides: Partial<Topology> = {}): Topology {
  return { revision: 1, hosts: [], problems: [], clusters: [], ...overrides };
}
