import { Secret } from '../../../src/base/text/redact';
import { silentLogger } from '../../../src/base/logger';
import { createEngine } from '../../../src/engine/createEngine';
import { SocketTransport } from './socketTransport';

/** Joins over the socket and with the token of the arguments: for a test of what a process prints meanwhile. */
async function main(): Promise<void> {
  const [socketPath = '', token = ''] = process.argv.slice(2);
  const engine = createEngine(new SocketTransport(socketPath), { host: 'node1', logger: silentLogger });
  await engine.swarm.join({ remoteAddress: '10.0.0.1:2377', token: new Secret(token) });
  engine.dispose();
  process.stdout.write('joined\n');
}

void main();
