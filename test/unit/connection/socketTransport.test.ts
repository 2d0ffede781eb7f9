import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openSocketTransport } from '../../../src/connection/direct/socketTransport';

const dir = mkdtempSync(join(tmpdir(), 'socket-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('a local socket that takes a connection and resets it is a lost link, to be tried again', async () => {
  const path = join(dir, 'docker.sock');
  // As Docker Desktop while its machine starts: what was written is not read any more.
  const server = net.createServer({ pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined);
    setTimeout(() => socket.destroy(), 50);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const { signal } = new AbortController();
  await expect(openSocketTransport('local', path, signal, () => undefined)).rejects.toMatchObject({
    reason: 'linkLost',
    params: { host: 'local', message: expect.stringContaining('ECONNRESET') as string },
  });
  server.close();
});
