import { planForm } from '../src/swarm/plans';
import { planError, runPlan } from '../src/swarm/plans/runPlan';
import type { LabHost } from '../test/lab/lab';
import { connectedFleet, withStore, type BenchLab } from './links';

/** Seconds to make one swarm of all hosts, three of them managers, until every node is ready. */
export interface FormFigures {
  readonly hosts: number;
  /** The docker CLI over SSH, one command after another; typing is not counted. */
  readonly handSeconds: number;
  /** The extension's plan, run over links that are up. */
  readonly oursSeconds: number;
}

const managers = 3;

/** Forms the swarm by hand, takes it apart, and forms it by the plan. */
export async function measureForm(lab: BenchLab): Promise<FormFigures> {
  await lab.resetSwarms();
  try {
    const handSeconds = await formByHand(lab);
    await expectWhole(lab);
    await lab.resetSwarms();
    const oursSeconds = await formByPlan(lab);
    await expectWhole(lab);
    return { hosts: lab.hosts.length, handSeconds, oursSeconds };
  } finally {
    await lab.resetSwarms();
  }
}

/** What a person types on the workstation: init, the two tokens, a join a host, and a look at the nodes. */
async function formByHand({ workstation, hosts }: BenchLab): Promise<number> {
  const [first, ...others] = hosts as [LabHost, ...LabHost[]];
  const docker = async (host: LabHost, ...words: string[]) =>
    (await workstation.execOk(['docker', '-H', `ssh://${host.name}`, ...words])).trim();
  const started = performance.now();
  await docker(first, 'swarm', 'init', '--advertise-addr', first.address);
  const tokens = {
    manager: await docker(first, 'swarm', 'join-token', '-q', 'manager'),
    worker: await docker(first, 'swarm', 'join-token', '-q', 'worker'),
  };
  for (const [index, host] of others.entries()) {
    const token = index + 1 < managers ? tokens.manager : tokens.worker;
    await docker(host, 'swarm', 'join', '--token', token, '--advertise-addr', host.address, `${first.address}:2377`);
  }
  await docker(first, 'node', 'ls');
  return (performance.now() - started) / 1000;
}

/** The plan ends when the managers list every node as ready, and as what it is to be. */
async function formByPlan({ hosts }: BenchLab): Promise<number> {
  return withStore(async (store) => {
    const fleet = await connectedFleet(store, hosts);
    const names = hosts.map((host) => host.name);
    const advertise = Object.fromEntries(hosts.map((host) => [host.name, host.address]));
    const started = performance.now();
    const request = { hosts: names, managers: names.slice(0, managers), advertise };
    const result = await runPlan(planForm(fleet.topology, (host) => fleet.engine(host), request));
    const error = planError(result);
    if (error) throw error;
    return (performance.now() - started) / 1000;
  });
}

/** A swarm that is not whole has no time. */
async function expectWhole({ hosts }: BenchLab): Promise<void> {
  const [first] = hosts as [LabHost, ...LabHost[]];
  const format = '{{.Status}} {{.ManagerStatus}}';
  const lines = (await first.execOk(['docker', 'node', 'ls', '--format', format])).trim().split('\n');
  const ready = lines.filter((line) => line.startsWith('Ready')).length;
  const reachable = lines.filter((line) => /Leader|Reachable/.test(line)).length;
  if (ready !== hosts.length || reachable !== managers) {
    throw new Error(
      `Formed ${ready} ready nodes and ${reachable} managers instead of ${hosts.length} and ${managers}.`,
    );
  }
}
