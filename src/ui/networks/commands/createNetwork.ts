import type { Cluster, ClusterNetwork } from '../../../model/swarm/topology';
import type { Fleet } from '../../../swarm/fleet';
import type { NetworkFinding } from '../../../swarm/networks/preflight';
import type { Plan } from '../../../swarm/plans/plan';
import { planCreateNetwork } from '../../../swarm/plans';
import { chooseCluster } from '../../swarm/chooseNodes';
import type { HostReadings } from '../../hosts/hostReadings';
import { commandButton, showInfo, showWarning } from '../../vscode/messages';
import { askNetwork, findingsOf, awaitReadings, type NetworkQuestions } from '../form/askNetwork';
import { formOf, requestOf, type CreateArguments, type NetworkForm } from '../form/form';
import type { PlanRunner } from '../../operations/planRunner';
import { count } from '../../../base/text/words';
import type { CommandTable } from '../../command/register';

/** What the command gives to programs. */
interface CreatedNetwork {
  readonly networkId: string | undefined;
  readonly name: string;
  /** What speaks against it without forbidding it. */
  readonly warnings: readonly string[];
}

export function createNetworkCommands(fleet: Fleet, runner: PlanRunner, readings: HostReadings) {
  return {
    'dockerOverlay.network.create': (args) => createNetwork(fleet, runner, readings, args),
  } satisfies Partial<CommandTable>;
}

async function createNetwork(
  fleet: Fleet,
  runner: PlanRunner,
  readings: HostReadings,
  args: CreateArguments,
): Promise<CreatedNetwork> {
  const cluster = await chooseCluster(fleet.topology, args.clusterId, 'Create Overlay Network');
  // In the background from now on: the lines of the form follow.
  readings.start(cluster.id);
  const planOf = (form: NetworkForm): Plan =>
    planCreateNetwork(fleet.topology, (host) => fleet.engine(host), {
      clusterId: cluster.id,
      request: requestOf(form),
      readings: readings.current,
    });
  const questions: NetworkQuestions = { topology: () => fleet.topology, cluster, readings, planOf };
  const isAsked = args.name === undefined;
  const form = isAsked ? await askNetwork(formOf(args, ''), questions) : formOf(args, args.name ?? '');
  if (!isAsked && requestOf(form).encrypted) await awaitReadings(questions);
  const before = findingsOf(form, questions);
  await runner.finish(planOf(form), { running: `Creating ${form.name}`, done: 'done' });
  // By now also slower hosts have mostly been looked at. Of the name and the subnets the network is in its own way.
  const after = findingsOf(form, questions).filter(({ about }) => about === 'encryption' || about === 'mtu');
  const warnings = warningsOf([...before, ...after]);
  const now = fleet.topology.clusters.find((one) => one.id === cluster.id);
  const made = now?.networks.find((one) => one.network.name === form.name);
  tellCreated(form, cluster, made, isAsked ? [] : warnings);
  return { networkId: made?.network.id, name: form.name, warnings };
}

function warningsOf(findings: readonly NetworkFinding[]): string[] {
  const warnings = findings.filter(({ severity }) => severity === 'warning');
  return [...new Set(warnings.map(({ text, remedy }) => `${text} ${remedy}`))];
}

function tellCreated(
  form: NetworkForm,
  cluster: Cluster,
  made: ClusterNetwork | undefined,
  warnings: readonly string[],
): void {
  const { attachable } = requestOf(form);
  const argument = { clusterId: cluster.id, ...(made ? { networkId: made.network.id } : {}) };
  const isVerifiable = attachable && made !== undefined && cluster.hosts.length > 1;
  const text = `${form.name} created on ${count(cluster.hosts.length, 'host')}.`;
  const buttons = isVerifiable ? [commandButton('Verify', 'dockerOverlay.verify.run', argument)] : [];
  if (warnings.length > 0) showWarning([text, ...warnings].join(' '), buttons);
  else showInfo(text, buttons);
}
