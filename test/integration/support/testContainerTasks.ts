import { silentLogger } from '../../../src/base/logger';
import { planError, runPlan } from '../../../src/swarm/plans/runPlan';
import { planStartTestContainers } from '../../../src/probe/testContainers/startPlan';
import { networkName, type TestWindow } from './testWindow';

/** What the shell of {@link openShell} is busy with. */
export const shellWork = 'sleep 4321';

/** Starts a test container on each host, as a person does. @returns their names */
export async function startTestContainers(window: TestWindow): Promise<string[]> {
  const engines = new Map(window.hosts().map(({ host, engine }) => [host, engine]));
  const containers = [...engines.keys()].map((host) => ({ host, name: `person-${host}` }));
  const plan = planStartTestContainers(
    window.kit.topology,
    (host) => engines.get(host) ?? window.kit.fleet.engine(host),
    {
      clusterId: window.cluster.id,
      networkId: window.kit.network(networkName)?.network.id ?? '',
      image: 'alpine:latest',
      containers,
    },
    silentLogger,
  );
  const error = planError(await runPlan(plan));
  if (error) throw error;
  return plan.started().map(({ name }) => name);
}

/** Opens a shell in the test container of the first host; resolves once it is busy with {@link shellWork}. */
export async function openShell(window: TestWindow): Promise<void> {
  await startTestContainers(window);
  const { host } = window.hosts()[0] ?? { host: '' };
  const { containers } = window.kit.fleet.engine(host);
  const found = (await containers.list()).find(({ name }) => name === `person-${host}`);
  const terminal = await containers.openTerminal(found?.id ?? '', { command: ['sh'], columns: 80, rows: 24 });
  await new Promise<void>((resolve) => {
    let shown = '';
    terminal.stream.on('data', (chunk: Buffer) => {
      shown += chunk.toString();
      // As it is printed, not as it is typed.
      if (shown.includes('busy 42')) resolve();
    });
    terminal.stream.write(`${shellWork} & echo busy $((6 * 7)); wait\r`);
  });
}
