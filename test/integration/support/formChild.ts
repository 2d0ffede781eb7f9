import { planForm } from '../../../src/swarm/plans';
import { runPlan } from '../../../src/swarm/plans/runPlan';
import { Lab } from '../../lab/lab';
import { advertise, SwarmKit } from './swarmKit';

/**
 * Forms a swarm of all hosts of the lab and prints each step's state as a line of JSON: a process of its own, so that a
 * test can kill it in the middle.
 */
async function main(): Promise<void> {
  const lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  const kit = new SwarmKit(lab);
  await kit.connectAll();
  const hosts = lab.hosts.map((host) => host.name);
  const managers = process.argv.slice(2);
  const plan = planForm(kit.topology, (host) => kit.fleet.engine(host), { hosts, managers, advertise: advertise(lab) });
  const { outcome } = await runPlan(plan, {
    onStep: (step, state) => process.stdout.write(`${JSON.stringify({ id: step.id, kind: state.kind })}\n`),
  });
  kit.dispose();
  process.stdout.write(`${JSON.stringify({ outcome })}\n`);
}

void main();
