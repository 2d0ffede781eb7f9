import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Duplex } from 'node:stream';
import { Server, utils, type AuthContext, type Connection } from 'ssh2';
import { createLogger } from '../../../src/base/logger';
import { createConnector } from '../../../src/connection/connector';
import type { ConnectionPrompts, LoginNotice, PasswordQuestion } from '../../../src/connection/prompts';
import type { Transport } from '../../../src/connection/transport';
import type { StageReport } from '../../../src/model/host/connectStage';
import type { SshTransportChoice } from '../../../src/model/host/host';

/** After the request, as an engine does: who answers first may be gone before the client listens. */
export function answerAsEngine(stream: Duplex): void {
  stream.once('data', () => stream.end(engineAnswer));
}

const engineAnswer = 'HTTP/1.1 200 OK\r\nApi-Version: 1.51\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK';

/**
 * A new Ed25519 key. One of 256 that ssh2 makes is broken (measured: 20 of 6,000): it strips the zero byte that the public
 * half may begin with, and then neither ssh2 nor ssh can read the key.
 */
export function makeKeyPair(): { private: string; public: string } {
  for (;;) {
    const pair = utils.generateKeyPairSync('ed25519');
    if (!(utils.parseKey(pair.private) instanceof Error)) return pair;
  }
}

/** What a server of a test does. */
export interface ServerScript {
  readonly banner?: string;
  /** What it calls itself. */
  readonly ident?: string;
  authenticate(context: AuthContext): void | Promise<void>;
  /** Instead of letting the engine answer on its socket. */
  readonly onClient?: (client: Connection) => void;
}

/** SSH servers on this machine, and somebody who connects to them; all in a folder of its own. */
export class LoopbackSsh {
  readonly dir = mkdtempSync(path.join(os.tmpdir(), 'ssh-test-'));
  readonly stages: StageReport[] = [];
  readonly questions: PasswordQuestion[] = [];
  readonly notices: LoginNotice[] = [];
  readonly logged: string[] = [];
  hostKeyQuestions = 0;
  /** What the person answers to passwords, one after another; then everything is declined. */
  answers: string[] = [];
  /** What was kept of earlier windows, by account. */
  kept: Record<string, string> = {};
  /** Connections that its servers have. */
  readonly sockets = new Set<net.Socket>();
  private readonly servers: net.Server[] = [];
  private readonly transports: Transport[] = [];

  path(name: string): string {
    return path.join(this.dir, name);
  }

  /** @returns the port; the server's key is known already. */
  async serve(script: ServerScript): Promise<number> {
    const { private: hostKey, public: publicKey } = makeKeyPair();
    const { banner, ident } = script;
    const words = { ...(banner === undefined ? {} : { banner }), ...(ident === undefined ? {} : { ident }) };
    const server = new Server({ hostKeys: [hostKey], ...words }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (context) => void script.authenticate(context));
      if (script.onClient) script.onClient(client);
      else client.on('openssh.streamlocal', (accept) => answerAsEngine(accept()));
    });
    const listener = net.createServer((socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      server.injectSocket(socket);
    });
    this.servers.push(listener);
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const { port } = listener.address() as AddressInfo;
    writeFileSync(this.path('known_hosts'), `[127.0.0.1]:${port} ${publicKey}\n`, { flag: 'a' });
    return port;
  }

  /** A key without passphrase. */
  makeKey(name: string): string {
    writeFileSync(this.path(name), makeKeyPair().private, { mode: 0o600 });
    return this.path(name);
  }

  /** Writes the configuration; nothing of the machine's own is used. */
  configure(text: string, mode = 0o600): void {
    const common = `UserKnownHostsFile ${this.path('known_hosts')}\n  GlobalKnownHostsFile /dev/null\n  IdentityAgent none\n  IdentityFile ${this.path('none')}`;
    writeFileSync(this.path('config'), `${text}\nHost *\n  ${common}\n`, { mode });
  }

  /** Connects to the alias "target". */
  async connect(
    options: { transport?: SshTransportChoice; program?: string; interactive?: boolean } = {},
  ): Promise<Transport> {
    const line = (text: string) => void this.logged.push(text);
    const connector = createConnector({
      prompts: this.prompts(),
      logger: createLogger({ debug: line, info: line, warn: line, error: line }),
      contexts: { read: () => Promise.reject(new Error('no contexts here')) },
      env: process.env,
      sshConfigFile: () => this.path('config'),
      sshProgram: () => options.program,
    });
    const { transport, interactive } = options;
    const config = { name: 'node', endpoint: { kind: 'ssh', host: 'target' }, endpointText: '', transport } as const;
    const onStage = (report: StageReport) => void this.stages.push(report);
    const link = await connector.connect(config, { onStage, ...(interactive === undefined ? {} : { interactive }) });
    this.transports.push(link);
    return link;
  }

  dispose(): void {
    for (const transport of this.transports) transport.dispose();
    for (const server of this.servers) server.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private prompts(): ConnectionPrompts {
    return {
      trustHostKey: async () => {
        this.hostKeyQuestions += 1;
        return false;
      },
      passphrase: async () => undefined,
      password: async (question) => {
        this.questions.push(question);
        const { previousWrong, reusable, account } = question;
        return (previousWrong || !reusable ? undefined : this.kept[account]) ?? this.answers.shift();
      },
      consentInsecure: async () => false,
      notify: (notice) => void this.notices.push(notice),
      kept: {
        passphrase: async () => undefined,
        password: async (account) => this.kept[account],
        consentInsecure: () => false,
      },
    };
  }
}
