import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/**
 * A socket in front of an engine's: it passes everything on, and cuts the link of a chosen request at the moment its
 * answer arrives. The engine has done it then, and nobody hears so.
 */
export class CuttingProxy {
  /** Requests that were cut, "POST /v1.41/networks/ID/connect". */
  readonly cut: string[] = [];
  private wanted: RegExp | undefined;
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly socketPath: string,
    private readonly folder: string,
    private readonly server: Server,
  ) {}

  static async inFrontOf(target: string): Promise<CuttingProxy> {
    const folder = await mkdtemp(path.join(tmpdir(), 'cutting-proxy-'));
    const socketPath = path.join(folder, 'docker.sock');
    const server = createServer();
    const proxy = new CuttingProxy(socketPath, folder, server);
    server.on('connection', (socket) => proxy.pass(socket, connect(target)));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    return proxy;
  }

  /** Cuts the next request whose first line matches. */
  cutNext(request: RegExp): void {
    this.wanted = request;
  }

  async dispose(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
    await rm(this.folder, { recursive: true, force: true });
  }

  private pass(client: Socket, engine: Socket): void {
    let isDoomed = false;
    const end = () => {
      client.destroy();
      engine.destroy();
    };
    for (const socket of [client, engine]) {
      this.sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        this.sockets.delete(socket);
        end();
      });
    }
    client.on('data', (chunk: Buffer) => {
      const [line = ''] = chunk.toString('latin1').split('\r\n');
      if (this.wanted?.test(line)) {
        this.wanted = undefined;
        this.cut.push(line.replace(/ HTTP.*/, ''));
        isDoomed = true;
      }
      engine.write(chunk);
    });
    engine.on('data', (chunk: Buffer) => {
      if (isDoomed) end();
      else client.write(chunk);
    });
  }
}
