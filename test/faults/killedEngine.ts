import { labels } from '../../src/model/engine/records';
import { reapLeftovers } from '../../src/probe/reaper';
import { eventually } from '../integration/support/engineKit';
import type { FaultScene, InjectedFault } from './fault';

export const killedEngine: InjectedFault = {
  name: 'engine killed',
  expectedRule: 'engine-not-answering',
  expectedHost: 'host3',
  freshSwarm: true,
  inject: ({ lab }) => lab.host('host3').fault.kill('dockerd'),
  cure: ['restart Docker'],
};

/** Kills the engine as soon as its test container has been there for a moment. */
const killer = `
for i in $(seq 300); do
  if [ -n "$(docker ps -q --filter label=com.docker-overlay.run)" ]; then
    sleep 1
    kill -KILL "$(cat /var/run/docker.pid)"
    exit
  fi
  sleep 0.1
done`;

export const engineKilledMeanwhile: InjectedFault = {
  name: 'engine killed during the verification',
  expectedRule: 'engine-not-answering',
  expectedHost: 'host2',
  // Long enough to be killed meanwhile.
  request: { pings: 30 },
  freshSwarm: true,
  inject: async ({ lab }) => {
    lab.host('host2').spawn(['sh', '-c', killer]);
  },
  cure: ['restart Docker'],
  clear: startedAndReaped,
};

/** The engine comes back with the test container that nobody could remove; the reaper takes it, as at the next connect. */
async function startedAndReaped({ lab, swarm }: FaultScene): Promise<void> {
  await lab.host('host2').fault.start('dockerd');
  const { engine } = swarm.hosts.find(({ host }) => host === 'host2') ?? {};
  if (!engine) throw new Error('host2 has no engine');
  await reapLeftovers(engine, { owner: 'test-window', isRunActive: () => false });
  await eventually('the test container to be gone', async () =>
    (await engine.containers.list({ label: labels.run })).length === 0 ? true : undefined,
  );
}
