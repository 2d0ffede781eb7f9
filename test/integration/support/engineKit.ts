import { silentLogger } from '../../../src/base/logger';
import { createEngine } from '../../../src/engine/createEngine';
import type { Engine } from '../../../src/engine/api';
import type { SwarmNode } from '../../../src/model/engine/records';
import { Lab, type LabHost } from '../../lab/lab';
import { SocketTransport } from '../../unit/engine/socketTransport';

/** A host of the lab with an engine client over its unix socket. */
export interface Member {
  readonly host: LabHost;
  readonly engine: Engine;
  readonly transport: SocketTransport;
}

/** The lab's first three hosts. `dispose` ends the clients and makes the hosts as at the beginning. */
export class EngineKit {
  private constructor(
    readonly lab: Lab,
    readonly members: readonly [Member, Member, Member],
  ) {}

  static async attach(): Promise<EngineKit> {
    const lab = await Lab.attach(process.env.LAB_NAME ?? 'lab');
    const [first, second, third] = lab.hosts.map((host): Member => {
      const transport = new SocketTransport(host.socketPath);
      return { host, transport, engine: createEngine(transport, { host: host.name, logger: silentLogger }) };
    });
    if (!first || !second || !third) throw new Error('These tests need a lab of three hosts.');
    return new EngineKit(lab, [first, second, third]);
  }

  /** The first host's swarm, joined by the others in these roles. */
  async formSwarm(...roles: ('manager' | 'worker')[]): Promise<void> {
    const [first, ...others] = this.members;
    await first.engine.swarm.init({ advertiseAddress: first.host.address });
    const { joinTokens } = await first.engine.swarm.inspect();
    for (const [index, role] of roles.entries()) {
      const token = joinTokens[role];
      await others[index]?.engine.swarm.join({ remoteAddress: this.managerAddress, token });
    }
  }

  get managerAddress(): string {
    return `${this.members[0].host.address}:2377`;
  }

  /** The node that a host is, as the first host sees it. */
  async nodeOf(member: Member): Promise<SwarmNode> {
    const { swarm } = await member.engine.info();
    return this.members[0].engine.swarm.node(swarm.nodeId);
  }

  async dispose(): Promise<void> {
    for (const { engine, transport } of this.members) {
      engine.dispose();
      transport.dispose();
    }
    await this.lab.resetSwarms();
  }
}

/** Waits for what an engine does in the background. */
export async function eventually<T>(what: string, look: () => Promise<T | undefined>, timeoutMs = 60_000): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > end) throw new Error(`Not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
