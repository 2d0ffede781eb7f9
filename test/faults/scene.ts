import type { Finding } from '../../src/model/finding';
import { verdictOf, type VerificationReport } from '../../src/model/matrix';
import { markGhosts } from '../../src/swarm/ghosts';
import type { VerifyFacts } from '../../src/verify/facts';
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
  return verify(scene.swarm, scene.network, { facts: await factsNow(scene), onEvent, ...fault.request });
}

async function factsNow({ swarm, network }: FaultScene): Promise<VerifyFacts> {
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
    hosts: swarm.hosts.map((one) => ({ host: one.host, address: one.lab.address })),
    endpoints: endpoints.flat(),
    ghosts: marked.flatMap(({ node, ghost }) => (ghost ? [{ nodeId: node.id, hostname: node.hostname }] : [])),
  };
}

/** Runs the commands of a remedy with these labels as a person would; in the lab everybody is root. */
export async function applyCure({ lab }: FaultScene, finding: Finding, labels: readonly string[]): Promise<void> {
  for (const { host, command } of finding.remedy.commands.filter(({ label }) => labels.includes(label))) {
    await lab.host(host).execOk(['sh', '-c', command.replaceAll('sudo ', '')]);
  }
}

/** Takes everything back, so that the next fault begins with a healthy swarm. */
export async function clearScene(scene: FaultScene, fault: InjectedFault): Promise<void> {
  await fault.clear?.(scene);
  await scene.lab.clearFaults();
  // What a cure has let in; Docker's own rules are in chains of their own.
  for (const { lab } of scene.swarm.hosts)
    await lab.exec(['sh', '-c', 'while iptables -D INPUT 1 2>/dev/null; do :; done']);
}

/** `host1>host2: dead` of every pair that is not as it should be. */
export function redPairs(report: VerificationReport): string[] {
  return report.pairs.flatMap((pair) =>
    verdictOf(pair) === 'reachable' ? [] : [`${pair.from}>${pair.to}: ${verdictOf(pair)}`],
  );
}
