import { setTimeout as sleep } from 'node:timers/promises';
import { OverlayError } from '../../../src/base/errors';
import type { Logger } from '../../../src/base/logger';
import { createConnector } from '../../../src/connection/connector';
import { createEngine } from '../../../src/engine/createEngine';
import type { HostConfig } from '../../../src/model/host/host';
import type { Cluster, ClusterNetwork, HostView, Topology } from '../../../src/model/swarm/topology';
import { createFleet, type Fleet, type FleetOptions } from '../../../src/swarm/fleet';
import type { Plan, PlanResult } from '../../../src/swarm/plans/plan';
import { planError, runPlan } from '../../../src/swarm/plans/runPlan';
import type { Lab } from '../../lab/lab';
import type { LabHost } from '../../lab/host';
import { CuttingProxy } from './cuttingProxy';

/** Long enough for a machine that is busy with something else. */
const patienceMs = 120_000;

/** The hosts of a lab as configured hosts, over their sockets: a fleet as the extension makes it. */
export class SwarmKit {
  readonly fleet: Fleet;
  readonly logged: string[] = [];
  /** Every topology that was told, in order. */
  readonly told: Topology[] = [];
  private readonly proxies: CuttingProxy[] = [];

  constructor(
    readonly lab: Lab,
    options: Partial<FleetOptions> = {},
  ) {
    const note = (line: string) => this.logged.push(line);
    const logger: Logger = {
      debug: () => undefined,
      info: note,
      warn: note,
      error: (text, error) => note(`${text} ${String(error)}`),
    };
    const connector = createConnector({
      logger,
      env: process.env,
      contexts: { read: async (name) => Promise.reject(new OverlayError('contextNotFound', { name })) },
      prompts: {
        trustHostKey: async () => false,
        passphrase: async () => undefined,
        password: async () => undefined,
        consentInsecure: async () => false,
      },
    });
    this.fleet = createFleet({
      connector,
      logger,
      createEngine: (transport, host) => createEngine(transport, { host, logger }),
      ...options,
    });
    this.fleet.onDidChange((topology) => this.told.push(topology));
    this.fleet.setHosts(lab.hosts.map(configOf), []);
  }

  get topology(): Topology {
    return this.fleet.topology;
  }

  /** Talks to a host through a proxy from now on, which can cut the link of a request once the engine has done it. */
  async throughProxy(host: string): Promise<CuttingProxy> {
    const proxy = await CuttingProxy.inFrontOf(this.lab.host(host).socketPath);
    this.proxies.push(proxy);
    const { socketPath } = proxy;
    const endpoint = { kind: 'socket', path: socketPath } as const;
    const configs = this.topology.hosts.map(({ config }) =>
      config.name === host ? { ...config, endpoint, endpointText: `unix://${socketPath}` } : config,
    );
    this.fleet.setHosts(configs, []);
    await this.fleet.connect(host);
    await this.until('the swarm again', ({ clusters }) => clusters[0]?.hosts.length === this.lab.hosts.length);
    return proxy;
  }

  /** After {@link dispose}, in tests with proxies. */
  async endProxies(): Promise<void> {
    await Promise.all(this.proxies.splice(0).map((proxy) => proxy.dispose()));
  }

  async connectAll(): Promise<void> {
    await Promise.all(this.lab.hosts.map((host) => this.fleet.connect(host.name)));
  }

  /** Waits, by the fleet's own event, until the topology is as wanted. No reading anew is asked for. */
  async until<T>(what: string, wanted: (topology: Topology) => T | undefined | false): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        listener.dispose();
        reject(new Error(`Not seen: ${what}\n${describe(this.topology)}\n${this.logged.slice(-10).join('\n')}`));
      }, patienceMs);
      const look = (topology: Topology): void => {
        const answer = wanted(topology);
        if (answer === undefined || answer === false) return;
        clearTimeout(timer);
        listener.dispose();
        resolve(answer);
      };
      const listener = this.fleet.onDidChange(look);
      look(this.topology);
    });
  }

  /** Runs a plan that must succeed, and gives the kinds of its steps' outcomes. */
  async run(plan: Plan): Promise<string[]> {
    const result = await runPlan(plan);
    const error = planError(result);
    if (error) throw error;
    return result.steps.map(({ state }) => state.kind);
  }

  /** Runs a plan that must fail. */
  async runFailing(plan: Plan): Promise<PlanResult & { error: OverlayError; words: string[] }> {
    const words: string[] = [];
    const result = await runPlan(plan, {
      onStep: (_, state) => {
        if (state.kind === 'running' && state.words) words.push(state.words);
      },
    });
    const error = planError(result);
    if (!error) throw new Error(`${plan.title} was done, but should not have been.`);
    return { ...result, error, words };
  }

  /** The only cluster, once there is one. */
  cluster(): Cluster {
    const [cluster, ...others] = this.topology.clusters;
    if (!cluster || others.length > 0) throw new Error(`Not one cluster:\n${describe(this.topology)}`);
    return cluster;
  }

  host(name: string): HostView {
    const found = this.topology.hosts.find((view) => view.config.name === name);
    if (!found) throw new Error(`No host ${name}`);
    return found;
  }

  nodeId(name: string): string {
    const found = this.cluster().nodes.find((node) => node.host === name);
    if (!found) throw new Error(`No node for ${name}:\n${describe(this.topology)}`);
    return found.node.id;
  }

  network(name: string): ClusterNetwork | undefined {
    return this.topology.clusters[0]?.networks.find(({ network }) => network.name === name);
  }

  dispose(): void {
    this.fleet.dispose();
  }
}

/** Advertised addresses of all hosts: they have two, eth0 and docker_gwbridge, once they have been in a swarm. */
export const advertise = (lab: Lab): Record<string, string> =>
  Object.fromEntries(lab.hosts.map((host) => [host.name, host.address]));

/** What somebody types in a terminal of the host. */
export async function docker(host: LabHost, ...words: string[]): Promise<string> {
  return (await host.execOk(['docker', ...words])).trim();
}

/** Asks again until it is so; for what the lab itself does, not the fleet. */
export async function eventually(what: string, look: () => Promise<boolean>): Promise<void> {
  const giveUpAt = Date.now() + patienceMs;
  while (!(await look())) {
    if (Date.now() > giveUpAt) throw new Error(`Never: ${what}`);
    await sleep(200);
  }
}

function configOf(host: LabHost): HostConfig {
  return {
    name: host.name,
    endpoint: { kind: 'socket', path: host.socketPath },
    endpointText: `unix://${host.socketPath}`,
  };
}

/** A topology in a few lines, for messages of failed tests. */
function describe(topology: Topology): string {
  const hosts = topology.hosts.map(({ config, state, clusterId }) => {
    const swarm =
      state.kind === 'ready' ? `${state.snapshot.info.swarm.state} ${state.snapshot.info.swarm.nodeId}` : '';
    const error = state.kind === 'failed' ? state.error.message : '';
    return `  ${config.name}: ${state.kind} ${swarm}${error} cluster ${clusterId ?? '-'}`;
  });
  const clusters = topology.clusters.map((cluster) => {
    const nodes = cluster.nodes.map(
      ({ node, host }) =>
        `${host ?? node.hostname}:${node.role}:${node.state}:${node.availability}:${node.manager?.reachability ?? '-'}`,
    );
    return `  ${cluster.name} ${cluster.stale ? 'stale' : ''} ${JSON.stringify(cluster.quorum)} ${nodes.join(' ')} networks ${cluster.networks.map((one) => one.network.name).join(' ')}`;
  });
  return ['hosts', ...hosts, 'clusters', ...clusters].join('\n');
}
