import http from 'node:http';
import { delay } from '../src/base/time';
import type { LabHost } from '../test/lab/lab';
import { connectedFleet, median, times, withStore, type BenchLab } from './links';

/** Seconds to read info, nodes, networks and containers of all hosts of a swarm. */
export interface RefreshFigures {
  readonly hosts: number;
  /** `docker -H ssh://HOST ...`, one command after another. */
  readonly cliSeconds: number;
  /** The extension's refresh over links that are up; median. */
  readonly oursSeconds: number;
  /** The same requests on the engines' own unix sockets, all hosts at once; median. */
  readonly socketSeconds: number;
}

const managers = 3;
const runs = 9;
/** API version of the oldest engine. */
const version = 'v1.41';

/** Forms a swarm of all hosts of the lab, measures, and takes the swarm apart again. */
export async function measureRefresh(lab: BenchLab): Promise<RefreshFigures> {
  await formSwarm(lab.hosts);
  try {
    const { oursSeconds, socketSeconds } = await measureWarm(lab.hosts);
    const cliSeconds = await measureCli(lab.workstation, lab.hosts);
    return { hosts: lab.hosts.length, cliSeconds, oursSeconds, socketSeconds };
  } finally {
    await lab.resetSwarms();
  }
}

async function formSwarm(hosts: readonly LabHost[]): Promise<void> {
  const [first, ...others] = hosts as [LabHost, ...LabHost[]];
  await first.execOk(['docker', 'swarm', 'init', '--advertise-addr', first.address]);
  for (const [index, host] of others.entries()) {
    const role = index + 1 < managers ? 'manager' : 'worker';
    const token = (await first.execOk(['docker', 'swarm', 'join-token', '-q', role])).trim();
    await host.execOk(['docker', 'swarm', 'join', '--token', token, `${first.address}:2377`]);
  }
  await first.execOk(['docker', 'network', 'create', '-d', 'overlay', '--attachable', 'bench_net']);
  // What a young swarm does with itself is no part of the figures.
  await delay(5_000);
}

/** Ours and the sockets in turns: whatever else the machine does meets both. */
async function measureWarm(hosts: readonly LabHost[]): Promise<{ oursSeconds: number; socketSeconds: number }> {
  return withStore(async (store) => {
    const fleet = await connectedFleet(store, hosts);
    const agents = hosts.map(() => new http.Agent({ keepAlive: true }));
    agents.forEach((agent) => store.add({ dispose: () => agent.destroy() }));
    const readSockets = () =>
      Promise.all(hosts.map((host, index) => readSocket(host, agents[index] as http.Agent, index < managers)));
    await fleet.refresh();
    await readSockets();
    const ours: number[] = [];
    const sockets: number[] = [];
    for (let run = 0; run < runs; run += 1) {
      await delay(300);
      ours.push(...(await times(1, () => fleet.refresh())));
      await delay(300);
      sockets.push(...(await times(1, readSockets)));
    }
    const bad = fleet.topology.hosts.filter(({ state }) => state.kind !== 'ready');
    const nodes = fleet.topology.clusters.map((cluster) => cluster.nodes.length);
    if (bad.length > 0 || nodes.join() !== String(hosts.length)) {
      throw new Error(`The refresh did not see one swarm of ${hosts.length} nodes; its time means nothing.`);
    }
    return { oursSeconds: median(ours) / 1000, socketSeconds: median(sockets) / 1000 };
  });
}

/** The requests of a refresh, with the same concurrency: the nodes are asked for once the role is known. */
async function readSocket(host: LabHost, agent: http.Agent, isManager: boolean): Promise<void> {
  const get = (path: string) => read(host.socketPath, agent, `/${version}${path}`);
  await Promise.all([get('/info'), get('/networks'), get('/containers/json?all=1')]);
  if (isManager) await get('/nodes');
}

function read(socketPath: string, agent: http.Agent, path: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const sent = http.get({ socketPath, agent, path }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`${path}: ${response.statusCode} ${text}`));
      });
    });
    sent.on('error', reject);
  });
}

/** What a person types on the workstation for the same: `node ls` answers on managers only. */
async function measureCli(workstation: BenchLab['workstation'], hosts: readonly LabHost[]): Promise<number> {
  const started = performance.now();
  for (const [index, host] of hosts.entries()) {
    const commands = [['info'], ...(index < managers ? [['node', 'ls']] : []), ['network', 'ls'], ['ps', '-a']];
    for (const command of commands) await workstation.execOk(['docker', '-H', `ssh://${host.name}`, ...command]);
  }
  return (performance.now() - started) / 1000;
}
