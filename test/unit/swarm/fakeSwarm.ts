import { OverlayError } from '../../../src/base/errors';
import type { Engine, NodeUpdate } from '../../../src/engine/api';
import type { SwarmNode } from '../../../src/model/engine/records';
import type { Topology } from '../../../src/model/swarm/topology';
import { buildTopology } from '../../../src/swarm/topology/buildTopology';
import { host, idOf, info, managerShot, node, ready, swarmStatus, workerShot } from './samples';

interface FakeSwarmOptions {
  readonly nodes: readonly string[];
  readonly managers: readonly string[];
  /** Nodes whose machines are off. */
  readonly gone?: readonly string[];
  /** Managers that the others do not reach, though their machines are on. */
  readonly cutOff?: readonly string[];
}

/**
 * A swarm in memory that refuses demotions, removals and leaves as swarmkit and moby do (controlapi's `UpdateNode` with
 * `raft.CanRemoveMember`, `Cluster.Leave`). The first manager leads.
 */
export class FakeSwarm {
  /** "demote m2", "refused m2", "leave m2", "leave m2 by force", "remove m2" */
  readonly log: string[] = [];
  /** Hosts that wait for their unlock key. */
  readonly locked = new Set<string>();
  /** Hosts whose engine does not stop its node within Docker's 15 s, the first time. */
  readonly slow = new Set<string>();
  /** Managers that were down when they were demoted, and have not heard of it. */
  private readonly deaf = new Set<string>();
  private readonly nodes = new Map<string, SwarmNode>();
  private readonly members: Set<string>;

  constructor(private readonly options: FakeSwarmOptions) {
    const { nodes, managers, gone = [] } = options;
    this.members = new Set(nodes);
    for (const name of nodes) {
      const role = { role: 'manager', leader: name === managers[0], reachable: this.reaches(name) } as const;
      const state = gone.includes(name) ? 'down' : 'ready';
      this.nodes.set(name, node(name, { ...(managers.includes(name) ? role : {}), state }));
    }
  }

  /** What is known when these hosts are connected. */
  topology(...connected: string[]): Topology {
    const shot = (name: string) =>
      this.isManager(name)
        ? managerShot(name, 'c1', [...this.nodes.values()])
        : workerShot(name, this.options.managers);
    return buildTopology(
      connected.map((name) => host(name, ready(shot(name)))),
      [],
      1,
    );
  }

  names(): string[] {
    return [...this.nodes.keys()];
  }

  setState(name: string, state: SwarmNode['state']): void {
    this.change(name, { state });
  }

  readonly engineOf = (name: string): Engine =>
    ({
      info: async () => {
        const isMember = this.members.has(name);
        if (!isMember) return { ...info(name), swarm: swarmStatus() };
        if (this.locked.has(name)) return { ...info(name), swarm: swarmStatus({ state: 'locked' }) };
        const isManager = this.believesManager(name);
        return { ...info(name), swarm: swarmStatus({ state: 'active', nodeId: idOf(name), isManager }) };
      },
      swarm: {
        nodes: async () => {
          this.refuseUnlessManager(name);
          return [...this.nodes.values()];
        },
        tasks: async () => [],
        updateNode: async (id: string, update: NodeUpdate) => {
          this.refuseUnlessManager(name);
          if (update.availability) this.change(this.nameOf(id), { availability: update.availability });
          if (update.role === 'worker') this.demote(this.nameOf(id));
        },
        removeNode: async (id: string, { force }: { force: boolean }) => {
          this.refuseUnlessManager(name);
          const target = this.nameOf(id);
          if (!force && this.nodes.get(target)?.state === 'ready') throw new OverlayError('nodeNotDown');
          if (this.isManager(target)) throw new OverlayError('nodeIsManager');
          this.nodes.delete(target);
          this.log.push(`remove ${target}`);
        },
        leave: async ({ force }: { force: boolean }) => {
          if (!force && this.locked.has(name)) throw new OverlayError('swarmLocked', { host: name });
          if (!force && this.believesManager(name)) throw new OverlayError('nodeIsManager', { host: name });
          if (this.slow.delete(name)) {
            this.log.push(`leave ${name}: deadline exceeded`);
            throw new OverlayError('quorumLost', { host: name });
          }
          this.members.delete(name);
          this.log.push(force ? `leave ${name} by force` : `leave ${name}`);
        },
      },
    }) as unknown as Engine;

  private reaches(name: string): boolean {
    const { gone = [], cutOff = [] } = this.options;
    return !gone.includes(name) && !cutOff.includes(name);
  }

  private isManager(name: string): boolean {
    return this.nodes.get(name)?.manager !== undefined;
  }

  private believesManager(name: string): boolean {
    return this.members.has(name) && (this.deaf.has(name) || this.isManager(name));
  }

  private refuseUnlessManager(name: string): void {
    if (!this.members.has(name)) throw new OverlayError('notInSwarm', { host: name });
    if (this.locked.has(name)) throw new OverlayError('swarmLocked', { host: name });
    if (!this.believesManager(name)) throw new OverlayError('notManager', { host: name });
    if (!this.reaches(name)) throw new OverlayError('quorumLost', { host: name });
  }

  private nameOf(id: string): string {
    const found = [...this.nodes].find(([, one]) => one.id === id);
    if (!found) throw new OverlayError('notFound', { name: id });
    return found[0];
  }

  private change(name: string, more: Partial<SwarmNode>): void {
    const before = this.nodes.get(name);
    if (before) this.nodes.set(name, { ...before, ...more });
  }

  private demote(name: string): void {
    const rest = [...this.nodes].filter(([other, one]) => one.manager && other !== name);
    if (!this.isManager(name)) return;
    const reachable = rest.filter(([other]) => this.reaches(other) && !this.locked.has(other)).length;
    if (rest.length === 0 || reachable < Math.floor(rest.length / 2) + 1) {
      this.log.push(`refused ${name}`);
      throw new OverlayError('quorumWouldBeLost', { message: 'this would result in a loss of quorum' });
    }
    if (this.nodes.get(name)?.state === 'down') this.deaf.add(name);
    this.change(name, { role: 'worker', manager: undefined });
    this.log.push(`demote ${name}`);
  }
}
