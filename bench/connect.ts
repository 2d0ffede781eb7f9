import http from 'node:http';
import { silentLogger } from '../src/base/logger';
import type { Transport } from '../src/connection/transport';
import { createEngine } from '../src/engine/createEngine';
import type { Lab, LabHost } from '../test/lab/lab';
import { benchConnector, median, sshConfigs, times, withStore } from './links';

/** From nothing to an engine's first answer, ms; medians. */
export interface ConnectFigures {
  /** The extension: connect, then `info`. */
  readonly coldMs: number;
  /** `docker -H ssh://HOST version` */
  readonly cliMs: number;
}

/** A ping over a channel that is open already, ms; medians. */
export interface RequestFigures {
  /** Through the extension's engine client. */
  readonly warmMs: number;
  /** `http.request` and nothing else, over a channel of the same link. */
  readonly rawHttpMs: number;
}

const connects = 7;
const warmUps = 300;
const requests = 300;

export async function measureConnect(lab: Lab): Promise<ConnectFigures> {
  const host = lab.hosts[0] as LabHost;
  const [config] = sshConfigs([host]);
  if (!config) throw new Error(`${host.name} is not taken as a host.`);
  const connector = benchConnector();
  const coldOnce = () =>
    withStore(async (store) => {
      const transport = store.add(await connector.connect(config, {}));
      await store.add(createEngine(transport, { host: config.name, logger: silentLogger })).info();
    });
  const cliOnce = () => lab.workstation.execOk(['docker', '-H', `ssh://${host.name}`, 'version']);
  // The first of each loads programs and modules from the disk.
  await coldOnce();
  await cliOnce();
  const cold: number[] = [];
  const cli: number[] = [];
  for (let run = 0; run < connects; run += 1) {
    cold.push(...(await times(1, coldOnce)));
    cli.push(...(await times(1, cliOnce)));
  }
  connector.dispose();
  return { coldMs: median(cold), cliMs: median(cli) };
}

export async function measureRequest(lab: Lab): Promise<RequestFigures> {
  const host = lab.hosts[0] as LabHost;
  const [config] = sshConfigs([host]);
  if (!config) throw new Error(`${host.name} is not taken as a host.`);
  return withStore(async (store) => {
    const connector = store.add(benchConnector());
    const transport = store.add(await connector.connect(config, {}));
    const engine = store.add(createEngine(transport, { host: config.name, logger: silentLogger }));
    const agent = rawAgent(transport);
    store.add({ dispose: () => agent.destroy() });
    await times(warmUps, () => engine.ping());
    await times(warmUps, () => rawPing(agent));
    const warm: number[] = [];
    const raw: number[] = [];
    // In turns: whatever else the machine does meets both.
    for (let run = 0; run < requests; run += 1) {
      warm.push(...(await times(1, () => engine.ping())));
      raw.push(...(await times(1, () => rawPing(agent))));
    }
    return { warmMs: median(warm), rawHttpMs: median(raw) };
  });
}

function rawAgent(transport: Transport): http.Agent {
  const agent = new http.Agent({ keepAlive: true });
  return Object.assign(agent, {
    createConnection: (_options: unknown, opened: (error: unknown, stream?: unknown) => void): undefined => {
      transport.openEngineStream().then((stream) => opened(null, stream), opened);
    },
  });
}

function rawPing(agent: http.Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = http.request({ agent, path: '/_ping', headers: { Host: 'docker' } }, (response) => {
      response.on('error', reject);
      response.on('end', resolve);
      response.resume();
    });
    sent.on('error', reject);
    sent.end();
  });
}
