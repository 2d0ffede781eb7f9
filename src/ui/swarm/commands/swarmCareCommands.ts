import { OverlayError } from '../../../base/errors';
import type { CommandArguments } from '../../../contributions';
import type { Fleet } from '../../../swarm/fleet';
import { planRotateCa } from '../../../swarm/plans';
import { chooseCluster } from '../chooseNodes';
import type { JsonDocuments } from '../../vscode/jsonDocuments';
import { confirmPlan, type PlanOutcome, type PlanRunner } from '../../operations/planRunner';
import { planManagers } from './planManagers';
import { recoverSwarm } from './recover';
import type { CommandTable } from '../../command/register';

/** What keeps a swarm alive: its managers, its certificates, and the way back from a lost majority. */
export function swarmCareCommands(fleet: Fleet, runner: PlanRunner, documents: JsonDocuments) {
  return {
    'dockerOverlay.swarm.planManagers': (args) => planManagers(fleet, runner, args),
    'dockerOverlay.swarm.recover': (args) => recoverSwarm(fleet, runner, args),
    'dockerOverlay.swarm.rotateCa': (args) => rotateCa(fleet, runner, args),
    'dockerOverlay.swarm.inspect': (args) => inspectSwarm(fleet, documents, args),
  } satisfies Partial<CommandTable>;
}

async function rotateCa(
  fleet: Fleet,
  runner: PlanRunner,
  args: CommandArguments['dockerOverlay.swarm.rotateCa'],
): Promise<PlanOutcome> {
  const cluster = await chooseCluster(fleet.topology, args.clusterId, 'Rotate Certificates');
  const plan = planRotateCa(fleet.topology, (one) => fleet.engine(one), { clusterId: cluster.id });
  if (!args.confirmed) await confirmPlan(plan, `${plan.title}?`, 'Rotate Certificates');
  return runner.finish(plan, { running: `Rotating the certificates of ${cluster.name}`, done: 'done' });
}

/** @returns what is shown: the swarm's settings and nodes. Tokens and keys are left out. */
async function inspectSwarm(
  fleet: Fleet,
  documents: JsonDocuments,
  args: CommandArguments['dockerOverlay.swarm.inspect'],
): Promise<unknown> {
  const cluster = await chooseCluster(fleet.topology, args.clusterId, 'Inspect Swarm');
  const [manager] = cluster.managerHosts;
  if (manager === undefined) throw new OverlayError('noReachableManager', { name: cluster.name });
  const { swarm } = fleet.engine(manager);
  // Without a majority no manager says what the swarm is set to; what was known last is shown all the same.
  const settings = cluster.quorum.hasMajority ? await swarm.inspect() : undefined;
  const value = {
    id: cluster.id,
    name: cluster.name,
    quorum: cluster.quorum,
    dataPathPort: settings?.dataPathPort ?? cluster.dataPathPort,
    ...(settings && {
      version: settings.version,
      autolock: settings.autolock,
      addressPools: settings.addressPools,
      subnetSize: settings.subnetSize,
    }),
    networks: cluster.networks.map(({ network }) => ({ id: network.id, name: network.name })),
    nodes: cluster.nodes.map(({ node, host }) => ({ ...(host === undefined ? {} : { host }), ...node })),
  };
  await documents.show([cluster.name, 'swarm'], value);
  return value;
}
