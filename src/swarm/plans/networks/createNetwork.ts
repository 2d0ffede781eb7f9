import type { NetworkCreateRequest } from '../../../engine/api';
import { containerMtu, defaultUnderlayMtu, underlayMtuOf } from '../../../model/network/overlayOptions';
import type { HostName } from '../../../model/host/host';
import type { Cluster } from '../../../model/swarm/topology';
import { checkNetwork, type NetworkFinding, type Readings } from '../../networks/preflight';
import type { EngineOf } from '../../askManager';
import { clusterById, requireManagers } from '../../topology/lookup';
import { defaultPlanTimes, type Planner, type PlanStep, type PlanTimes } from '../plan';
import { waitForChange } from '../sendAndWait';
import { NetworkCreation } from './networkCreation';
import { ingressGoneStep, removeIngressStep } from './ingressSteps';

export interface CreateNetworkRequest {
  readonly clusterId: string;
  readonly request: NetworkCreateRequest;
  /** What was found on the hosts; without it less can be foreseen. */
  readonly readings?: Readings;
}

/**
 * Creates an overlay network on a manager and waits until the connected managers list it with its subnet. A new routing
 * mesh takes the place of the old one, which is removed first.
 *
 * @throws networkNameInvalid, networkNameTaken, subnetInvalid, subnetOverlap, ipv6SubnetNeeded, ingressNotAttachable,
 *   noReachableManager, quorumLost.
 */
export const planCreateNetwork: Planner<CreateNetworkRequest> = (
  topology,
  engineOf,
  { clusterId, request, readings },
  times = defaultPlanTimes,
) => {
  const cluster = clusterById(topology, clusterId);
  const managers = requireManagers(cluster);
  const body = { ...request, name: request.name.trim() };
  const findings = checkNetwork(topology, clusterId, body, readings);
  for (const finding of findings) if (finding.severity === 'error') throw finding.error;
  const old = body.ingress ? cluster.networks.filter(({ network }) => network.ingress) : [];
  const removals = old.map(({ network }) => removeIngressStep(engineOf, managers, network, body));
  const made = new NetworkCreation(engineOf, managers, body, times);
  const create = createStep(
    made,
    removals.map(({ id }) => id),
  );
  const others = managers.slice(1).map((host) => listedStep(engineOf, host, made, create.id, times));
  const endings = old.map(({ network }) => ingressGoneStep(engineOf, managers, network, create.id, times));
  return {
    title: `Create the network ${body.name}`,
    steps: [...removals, create, ...others, ...endings],
    effects: effectsOf(cluster, body, findings),
    warnings: [
      ...(body.attachable || body.ingress
        ? []
        : ['Not attachable: only services can use it, no containers started by hand']),
      ...wordsOf(findings, 'warning'),
    ],
  };
};

function effectsOf(cluster: Cluster, request: NetworkCreateRequest, findings: readonly NetworkFinding[]): string[] {
  const { name, encrypted, options } = request;
  const underlay = underlayMtuOf(options) ?? defaultUnderlayMtu;
  const mtu = `MTU ${containerMtu(underlay, encrypted)} in containers`;
  return [
    request.ingress
      ? `${name} becomes the routing mesh of ${cluster.name}, by which the published ports of services are reached`
      : `${name} can be used on every node of ${cluster.name}; it appears on a worker once something there uses it`,
    encrypted
      ? `Encrypted: IPsec ESP (IP protocol 50) between the nodes; ${mtu} (${underlay} less 50 for VXLAN and 26 for ESP, in whole fours)`
      : `${mtu} (${underlay} less 50 for VXLAN)`,
    ...wordsOf(findings, 'note'),
  ];
}

const wordsOf = (findings: readonly NetworkFinding[], severity: NetworkFinding['severity']): string[] =>
  findings.filter((finding) => finding.severity === severity).map(({ text, remedy }) => `${text} ${remedy}`);

function createStep(made: NetworkCreation, after: readonly string[]): PlanStep {
  const { name, times } = made;
  const [host] = made.managers;
  return {
    id: `create:${name}`,
    host,
    title: `Create ${name} on ${host ?? 'a manager'}`,
    after,
    async run(context) {
      if (await made.find(context)) return 'alreadyDone';
      await made.create(context);
      context.report('waiting for its subnet');
      await waitForChange(context, times, host, `a subnet for ${name}`, async () => {
        const seen = await made.find(context);
        return seen && seen.subnets.length > 0;
      });
      return 'done';
    },
  };
}

function listedStep(
  engineOf: EngineOf,
  host: HostName,
  made: NetworkCreation,
  after: string,
  times: PlanTimes,
): PlanStep {
  const { name } = made;
  return {
    id: `listed:${name}:${host}`,
    host,
    title: `Wait until ${host} lists ${name}`,
    after: [after],
    async run(context) {
      await waitForChange(context, times, host, `the network ${name}`, async () => {
        const networks = await engineOf(host).networks.list({ signal: context.signal });
        if (networks.some((network) => made.isMade(network))) return true;
        // A manager that was demoted a moment ago is a worker now: workers list a network only once it is used there.
        const { swarm } = await engineOf(host).info({ signal: context.signal });
        return !swarm.isManager;
      });
      return 'done';
    },
  };
}
