import net from 'node:net';
import { Duplex } from 'node:stream';
import { afterEach, expect, it } from 'vitest';
import { createLogger } from '../../../src/base/logger';
import { createConnector } from '../../../src/connection/connector';
import { rawPing } from '../../../src/connection/route/rawPing';

const servers: net.Server[] = [];

afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** CPU time that this process spends until the work is done, ms. */
async function cpuOf(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** SSH_MSG_DISCONNECT (RFC 4253, 11.1) as the first packet, before any key exchange. */
function disconnectPacket(description: string): Buffer {
  const words = Buffer.from(description);
  const payload = Buffer.concat([Buffer.from([1]), uint32(2), uint32(words.length), words, uint32(0)]);
  const padding = 16 - ((payload.length + 5) % 8);
  return Buffer.concat([uint32(payload.length + padding + 1), Buffer.from([padding]), payload, Buffer.alloc(padding)]);
}

it('whoever answers on the SSH port cannot keep us busy with the words of a farewell', async () => {
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.write('SSH-2.0-OpenSSH_9.9\r\n');
    socket.write(disconnectPacket('a.'.repeat(17_000)));
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const lines: string[] = [];
  const sink = (line: string) => lines.push(line);
  const connector = createConnector({
    prompts: {} as never,
    logger: createLogger({ debug: sink, info: sink, warn: sink, error: sink }),
    contexts: {} as never,
    env: { ...process.env, SSH_AUTH_SOCK: undefined },
    knownHostsFile: '/nonexistent/known_hosts',
    sshConfigFile: () => '/dev/null',
  });
  const { port } = server.address() as net.AddressInfo;
  const endpoint = { kind: 'ssh', host: '127.0.0.1', user: 'u', port } as const;
  const connecting = () => connector.connect({ name: 'evil', endpoint, endpointText: '' }, {});
  // Modules are loaded and ssh is started at the first.
  await expect(connecting()).rejects.toMatchObject({ reason: 'sshProtocol' });
  expect(await cpuOf(() => connecting().catch(() => undefined))).toBeLessThan(500);
  for (const line of lines) expect(line.length).toBeLessThan(5_000);
});

it('nor by an endless answer to a ping', async () => {
  class Endless extends Duplex {
    override _read(): void {
      this.push(this.readableLength === 0 ? `HTTP/1.1 500 no\r\n\r\n${'a.'.repeat(32 * 1024)}` : null);
    }
    override _write(_chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
      done();
    }
  }
  const cpu = await cpuOf(async () => {
    const answer = await rawPing(new Endless(), 'evil');
    expect(answer).toMatchObject({ kind: 'http', status: 500 });
  });
  expect(cpu).toBeLessThan(500);
});
