import type { EngineInfo } from '../../src/model/engine/records';
import type { Finding } from '../../src/model/report/finding';
import { verdictOf, type VerificationReport } from '../../src/model/report/matrix';
import { markGhosts } from '../../src/swarm/topology/ghosts';
import type { VerifyFacts } from '../../src/diagnosis/facts';
import type { VerifyEvent } from '../../src/verify/verification';
import { verify } from '../integration/verifySupport';
import type { FaultScene, InjectedFault } from './fault';

/** A network for a fault; each has its own, so that none meets what another has left. */
export async function networkFor({ swarm }: Pick<FaultScene, 'swarm'>, fault: InjectedFault, name: string) {
  return swarm.network(name, fault.network ?? {});
}

/** Verifies with what a window would know of the swarm at that moment. */
export async function verifyScene(
  scene: FaultScene,
  fault: InjectedFault,
  onEvent: (event: VerifyEvent) => void = () => undefined,
): Promise<VerificationReport> {
  const infos = await infosNow(scene);
  const hosts = scene.swarm.hosts.map((one) => ({ ...one, ...nodeIdOf(infos.get(one.host)) }));
  return verify({ hosts }, scene.network, { facts: await factsNow(scene, infos), onEvent, ...fault.request });
}

type Infos = ReadonlyMap<string, EngineInfo>;

/** What the engines say of themselves; a frozen one says nothing. */
async function infosNow({ swarm }: FaultScene): Promise<Infos> {
  const infos = await Promise.all(
    swarm.hosts.map(async ({ host, engine }) => {
      const info = await engine.info({ timeoutMs: 3_000 }).catch(() => undefined);
      return info ? [[host, info] as const] : [];
    }),
  );
  return new Map(infos.flat());
}

const nodeIdOf = (info: EngineInfo | undefined): { readonly nodeId?: string } =>
  info?.swarm.nodeId ? { nodeId: info.swarm.nodeId } : {};

async function factsNow({ swarm, network }: FaultScene, infos: Infos): Promise<VerifyFacts> {
  const manager = swarm.hosts[0];
  const nodes = (await manager?.engine.swarm.nodes()) ?? [];
  const endpoints = await Promise.all(
    swarm.hosts.map(async ({ host, engine }) => {
      // A frozen engine tells nothing, as in a window.
      const containers = await engine.containers.list({}, { timeoutMs: 3_000 }).catch(() => []);
      return containers.flatMap((container) => {
        const place = container.networks.find((one) => one.networkId === network.id);
        return place ? [{ host, name: container.name, addresses: [place.ipv4] }] : [];
      });
    }),
  );
  const marked = markGhosts(
    nodes.map((node) => ({ node })),
    [],
  );
  return {
    dataPathPort: 4789,
    encrypted: network.encrypted,
    managers: manager ? [manager.host] : [],
    hosts: swarm.hosts.map(({ host, lab }) => {
      const engineVersion = infos.get(host)?.serverVersion;
      return {
        host,
        address: infos.get(host)?.swarm.nodeAddress || lab.address,
        // What a host needs that may only need a moment, see `verify/settle`.
        ...(engineVersion && { engineVersion }),
        usedNetworkBefore: endpoints.flat().some((one) => one.host === host),
      };
    }),
    endpoints: endpoints.flat(),
    ghosts: marked.flatMap(({ node, ghost }) => (ghost ? [{ nodeId: node.id, hostname: node.hostname }] : [])),
  };
}

/** Runs the commands of a remedy with these labels as a person would; in the lab everybody is root. */
export async function applyCure({ lab }: FaultScene, finding: Finding, labels: readonly string[]): Promise<void> {
  let printed = '';
  for (const { host, command } of finding.remedy.commands.filter(({ label }) => labels.includes(label))) {
    // The lab has no systemd: what it would do with Docker's service (SIGTERM, SIGCONT, a new start) the lab does.
    if (/^sudo systemctl (re)?start docker$/.test(command)) await lab.host(host).fault.restart('dockerd');
    else {
      // What a manager prints is what the next command needs.
      const ready = command.replaceAll('sudo ', '').replace('TOKEN', printed);
      printed = (await lab.host(host).execOk(['sh', '-c', ready])).trim();
    }
  }
}

/** Takes everything back, so that the next fault begins with a healthy swarm. */
export async function clearScene(scene: FaultScene, fault: InjectedFault): Promise<void> {
  await fault.clear?.(scene);
  await scene.lab.clearFaults();
  // What a cure has let in and out; Docker's own rules are in chains of their own.
  const empty = 'for c in INPUT OUTPUT; do while iptables -w -D "$c" 1 2>/dev/null; do :; done; done';
  for (const { lab } of scene.swarm.hosts) await lab.exec(['sh', '-c', empty]);
}

/** `host1>host2: dead` of every pair that is not as it should be. */
export function redPairs(report: VerificationReport): string[] {
  return report.pairs.flatMap((pair) =>
    verdictOf(pair) === 'reachable' ? [] : [`${pair.from}>${pair.to}: ${verdictOf(pair)}`],
  );
}
