import { connect, type Socket } from 'node:net';
import { machine } from 'node:os';
import { Emitter } from '../../src/base/event';
import { OverlayError } from '../../src/base/errors';
import { silentLogger, type Logger } from '../../src/base/logger';
import type { Transport } from '../../src/connection/transport';
import { createEngine } from '../../src/engine/createEngine';
import type { Engine } from '../../src/engine/api';
import { labels, type Container, type Network } from '../../src/model/engine/records';
import { verdictOf, type VerificationReport } from '../../src/model/report/matrix';
import { runVerification } from '../../src/verify/matrix/runVerification';
import type { VerifyEvent, VerifyRequest } from '../../src/verify/verification';
import type { ConnectedHost } from '../../src/probe/connectedHost';
import type { LabHost } from '../lab/host';
import type { Lab } from '../lab/lab';

/** An engine of the lab with what a verification needs of it. */
export interface TestHost extends ConnectedHost {
  readonly lab: LabHost;
}

/** A swarm over all hosts of a lab, made by requests of the engines and nothing of the extension's own plans. */
export interface TestSwarm {
  readonly hosts: readonly TestHost[];
  host(name: string): TestHost;
  network(
    name: string,
    more?: { encrypted?: boolean; attachable?: boolean; ipv6?: boolean; subnets?: Network['subnets'] },
  ): Promise<Network>;
  /** Lets a host that has left join again, as a worker. */
  rejoin(host: string): Promise<void>;
  dispose(): void;
}

/** A plain stream to a unix socket a request: as little as `Transport` asks for. */
function socketTransport(path: string): Transport {
  const sockets = new Set<Socket>();
  const closed = new Emitter<OverlayError>();
  return {
    info: { description: `socket ${path}` },
    openEngineStream: () =>
      new Promise((resolve, reject) => {
        const socket = connect(path);
        sockets.add(socket);
        socket.on('close', () => sockets.delete(socket));
        socket.once('error', (cause) => reject(new OverlayError('linkLost', {}, { cause })));
        socket.once('connect', () => resolve(socket));
      }),
    onDidClose: closed.event,
    dispose: () => sockets.forEach((socket) => socket.destroy()),
  };
}

/** The engine of a lab's host over its socket. */
export function engineOf(host: LabHost, logger: Logger = silentLogger): Engine {
  return createEngine(socketTransport(host.socketPath), { host: host.name, logger });
}

/**
 * Forms one swarm of hosts of a lab that is in its first state, all when no number is given.
 *
 * @param advertised addresses to advertise by host, where it is to be another than its own.
 */
export async function formSwarm(
  lab: Pick<Lab, 'hosts'>,
  count = lab.hosts.length,
  advertised: Readonly<Record<string, string>> = {},
): Promise<TestSwarm> {
  const addressOf = (one: TestHost) => advertised[one.host] ?? one.lab.address;
  const platform = { osType: 'linux', architecture: machine() } as const;
  const hosts = lab.hosts.slice(0, count).map((one) => {
    return { host: one.name, engine: engineOf(one), platform, lab: one };
  });
  const [first, ...others] = hosts as [TestHost, ...TestHost[]];
  await first.engine.swarm.init({ advertiseAddress: addressOf(first) });
  const { joinTokens } = await first.engine.swarm.inspect();
  const remoteAddress = `${first.lab.address}:2377`;
  await Promise.all(
    others.map((one) =>
      one.engine.swarm.join({ remoteAddress, token: joinTokens.worker, advertiseAddress: addressOf(one) }),
    ),
  );
  return {
    hosts,
    host(name) {
      const found = hosts.find((one) => one.host === name);
      if (!found) throw new Error(`no ${name}`);
      return found;
    },
    async network(name, more = {}) {
      const id = await first.engine.networks.create({
        name,
        driver: 'overlay',
        attachable: more.attachable ?? true,
        encrypted: more.encrypted ?? false,
        internal: false,
        ipv6: more.ipv6 ?? false,
        subnets: more.subnets ?? [],
      });
      return first.engine.networks.inspect(id);
    },
    async rejoin(name) {
      const one = others.find(({ host }) => host === name);
      if (!one) throw new Error(`${name} is no worker of this swarm`);
      await one.engine.swarm.join({ remoteAddress, token: joinTokens.worker, advertiseAddress: one.lab.address });
    },
    dispose: () => hosts.forEach((one) => one.engine.dispose()),
  };
}

/** Runs a verification over all hosts of a swarm; changes go over the usual request. */
export async function verify(
  swarm: Pick<TestSwarm, 'hosts'>,
  network: Network,
  more: Partial<VerifyRequest> & { signal?: AbortSignal; onEvent?: (event: VerifyEvent) => void } = {},
): Promise<VerificationReport> {
  const { signal, onEvent = () => undefined, ...rest } = more;
  const request: VerifyRequest = {
    clusterId: 'test',
    network,
    hosts: swarm.hosts,
    pings: 3,
    image: 'alpine:latest',
    owner: 'test-window',
    facts: {
      dataPathPort: 4789,
      encrypted: network.encrypted,
      hosts: swarm.hosts.map((one) => ({ host: one.host, address: one.lab.address })),
    },
    ...rest,
  };
  return runVerification(request, { ...(signal && { signal }), onEvent, logger: silentLogger });
}

/** Containers of verifications on a host, whatever their state. */
export function probesOn(host: TestHost): Promise<Container[]> {
  return host.engine.containers.list({ label: labels.run });
}

/** Names of the containers of verifications on all hosts. */
export async function probesLeft(swarm: Pick<TestSwarm, 'hosts'>): Promise<string[]> {
  return (await Promise.all(swarm.hosts.map(probesOn))).flat().map((container) => container.name);
}

/** `host1>host2: dead` a line, sorted, to compare a whole matrix at once. */
export function verdicts(report: VerificationReport): string[] {
  return report.pairs.map((pair) => `${pair.from}>${pair.to}: ${verdictOf(pair)}`).sort();
}
