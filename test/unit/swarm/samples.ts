import type {
  Container,
  EngineInfo,
  HostSnapshot,
  Network,
  SwarmNode,
  SwarmStatus,
} from '../../../src/model/engine/records';
import type { HostConfig, HostState } from '../../../src/model/host/host';
import type { Topology } from '../../../src/model/swarm/topology';
import type { HostInput } from '../../../src/swarm/topology/clusters';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';

/** Builders of plain data; every id is made of the name, so that a test reads by names. */

export const idOf = (name: string): string => `${name}id`.padEnd(25, '0');

export const config = (name: string, more: Partial<HostConfig> = {}): HostConfig => ({
  name,
  endpoint: { kind: 'socket', path: `/run/${name}.sock` },
  endpointText: `unix:///run/${name}.sock`,
  ...more,
});

export const swarmStatus = (more: Partial<SwarmStatus> = {}): SwarmStatus => ({
  state: 'inactive',
  nodeId: '',
  nodeAddress: '',
  isManager: false,
  remoteManagers: [],
  ...more,
});

export const info = (name: string, swarm: Partial<SwarmStatus> = {}): EngineInfo => ({
  engineId: `engine-${name}`,
  hostname: name,
  serverVersion: '20.10.24',
  apiVersion: '1.41',
  operatingSystem: 'Debian GNU/Linux 12',
  osType: 'linux',
  kernelVersion: '6.1',
  architecture: 'x86_64',
  swarm: swarmStatus(swarm),
});

export const node = (
  name: string,
  more: Partial<SwarmNode> & { leader?: boolean; reachable?: boolean } = {},
): SwarmNode => {
  const { leader, reachable = true, ...rest } = more;
  const isManager = rest.role === 'manager';
  return {
    id: idOf(name),
    version: 1,
    hostname: name,
    role: 'worker',
    availability: 'active',
    labels: {},
    state: 'ready',
    address: `10.0.0.${name.replace(/\D/g, '') || '9'}`,
    engineVersion: '20.10.24',
    os: 'linux',
    ...(isManager
      ? {
          manager: {
            leader: leader ?? false,
            reachability: reachable ? ('reachable' as const) : ('unreachable' as const),
            address: `10.0.0.${name.replace(/\D/g, '') || '9'}:2377`,
          },
        }
      : {}),
    ...rest,
  };
};

export const network = (name: string, more: Partial<Network> = {}): Network => ({
  id: idOf(name.replace(/[^a-z0-9]/g, '')),
  name,
  driver: 'overlay',
  scope: 'swarm',
  attachable: true,
  internal: false,
  ingress: false,
  ipv6: false,
  encrypted: false,
  subnets: [{ subnet: '10.0.1.0/24' }],
  options: {},
  labels: {},
  createdAt: '2026-01-01T00:00:00Z',
  ...more,
});

export const container = (name: string, on: readonly Network[], more: Partial<Container> = {}): Container => ({
  id: `c${name}`,
  name,
  image: 'alpine',
  state: 'running',
  status: 'Up 3 minutes',
  labels: {},
  createdAt: 1,
  networks: on.map((one, index) => ({ name: one.name, networkId: one.id, ipv4: `10.0.1.${index + 2}`, ipv6: '' })),
  ...more,
});

export const snapshot = (
  name: string,
  more: Partial<HostSnapshot> & { swarm?: Partial<SwarmStatus> } = {},
): HostSnapshot => {
  const { swarm, ...rest } = more;
  return { info: info(name, swarm), networks: [], containers: [], takenAt: 1, ...rest };
};

export const ready = (shot: HostSnapshot): HostState => ({
  kind: 'ready',
  snapshot: shot,
  link: { description: 'test' },
});

export const host = (name: string, state: HostState, more: Partial<HostConfig> = {}): HostInput => ({
  config: config(name, more),
  state,
});

/** What the manager of a swarm with these nodes sees of itself. */
export const managerShot = (
  name: string,
  clusterId: string,
  nodes: readonly SwarmNode[],
  more: Partial<HostSnapshot> & { swarm?: Partial<SwarmStatus> } = {},
): HostSnapshot => {
  const { swarm, ...rest } = more;
  const remoteManagers = nodes
    .filter((one) => one.manager)
    .map((one) => ({ nodeId: one.id, address: one.manager?.address ?? '' }));
  return snapshot(name, {
    swarm: {
      state: 'active',
      nodeId: idOf(name),
      isManager: true,
      clusterId,
      dataPathPort: 4789,
      remoteManagers,
      ...swarm,
    },
    nodes,
    ...rest,
  });
};

export const workerShot = (name: string, managers: readonly string[], more: Partial<HostSnapshot> = {}): HostSnapshot =>
  snapshot(name, {
    swarm: {
      state: 'active',
      nodeId: idOf(name),
      remoteManagers: managers.map((manager) => ({ nodeId: idOf(manager), address: `${manager}:2377` })),
    },
    ...more,
  });

export const free = (name: string): HostInput => host(name, ready(snapshot(name)));

/** Hosts of one swarm "c1", all connected; those not given as managers are workers. The first manager leads. */
export function swarmOf(
  names: readonly string[],
  managers: readonly string[],
  changes: Readonly<Record<string, Partial<SwarmNode> & { reachable?: boolean }>> = {},
): Topology {
  const nodes = names.map((name) =>
    node(name, {
      ...(managers.includes(name) ? { role: 'manager', leader: name === managers[0] } : {}),
      ...changes[name],
    }),
  );
  const hosts = names.map((name) =>
    host(name, ready(managers.includes(name) ? managerShot(name, 'c1', nodes) : workerShot(name, managers))),
  );
  return buildTopology(hosts, [], 1);
}
