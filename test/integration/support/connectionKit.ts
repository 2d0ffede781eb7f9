import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../../src/base/logger';
import { redact } from '../../../src/base/text/redact';
import { createConnector } from '../../../src/connection/connector';
import type { ConnectionPrompts, InsecureLink, UnknownHostKey } from '../../../src/connection/prompts';
import type { Connector } from '../../../src/connection/connector';
import type { Transport } from '../../../src/connection/transport';
import { readContext } from '../../../src/hosts/contexts';
import { parseEndpoint } from '../../../src/hosts/endpoint';
import type { StageReport } from '../../../src/model/host/connectStage';
import type { HostConfig, SshTransportChoice } from '../../../src/model/host/host';

/** A person who answers by program and remembers what was asked. */
export interface Person extends ConnectionPrompts {
  readonly asked: {
    hostKeys: UnknownHostKey[];
    passphrases: { keyPath: string; previousWrong: boolean }[];
    passwords: { user: string; prompt: string; previousWrong: boolean }[];
    insecure: InsecureLink[];
  };
}

/** What the person answers; by default everything is declined. Lists are answered one after another. */
export function person(
  answers: { trust?: boolean; passphrases?: string[]; passwords?: string[]; consent?: boolean } = {},
): Person {
  const passphrases = [...(answers.passphrases ?? [])];
  const passwords = [...(answers.passwords ?? [])];
  const asked: Person['asked'] = { hostKeys: [], passphrases: [], passwords: [], insecure: [] };
  return {
    asked,
    async trustHostKey(key) {
      asked.hostKeys.push(key);
      return answers.trust ?? false;
    },
    async passphrase({ keyPath, previousWrong }) {
      asked.passphrases.push({ keyPath, previousWrong });
      return passphrases.shift();
    },
    async password({ user, prompt, previousWrong }) {
      asked.passwords.push({ user, prompt, previousWrong });
      return passwords.shift();
    },
    async consentInsecure(link) {
      asked.insecure.push(link);
      return answers.consent ?? false;
    },
  };
}

export interface ConnectorSetup {
  person?: ConnectionPrompts;
  sshConfig?: string;
  sshProgram?: string;
  sshTransport?: SshTransportChoice;
  knownHosts?: string;
  env?: Record<string, string | undefined>;
}

/** A workplace of one test: its folder, its connections, what was logged. All gone after `dispose`. */
export class ConnectionKit {
  readonly dir = mkdtempSync(join(tmpdir(), 'connection-'));
  readonly logged: string[] = [];
  readonly stages: StageReport[] = [];
  private readonly transports: Transport[] = [];

  /** Path of a file in the test's own folder. */
  path(name: string): string {
    return join(this.dir, name);
  }

  /** A connector as the extension makes it; without options as somebody would with the workstation's own ~/.ssh. */
  connector(options: ConnectorSetup = {}): Connector {
    const env = { ...process.env, ...options.env };
    const log = (line: string) => void this.logged.push(redact(line));
    const logger: Logger = {
      debug: log,
      info: log,
      warn: log,
      error: (line, error) => log(`${line} ${String(error)}`),
    };
    return createConnector({
      prompts: options.person ?? person(),
      logger,
      sshConfigFile: () => options.sshConfig,
      sshProgram: () => options.sshProgram,
      sshTransport: () => options.sshTransport,
      knownHostsFile: options.knownHosts,
      contexts: { read: (name) => readContext(name, env) },
      env,
    });
  }

  /** Connects to an endpoint; `dispose` disconnects. */
  async connect(
    endpoint: string | HostConfig['endpoint'],
    options: ConnectorSetup & {
      connector?: Connector;
      signal?: AbortSignal;
      name?: string;
      interactive?: boolean;
      transport?: SshTransportChoice;
    } = {},
  ): Promise<Transport> {
    const connector = options.connector ?? this.connector(options);
    const config: HostConfig = {
      name: options.name ?? 'node',
      endpoint: typeof endpoint === 'string' ? parseEndpoint(endpoint) : endpoint,
      endpointText: typeof endpoint === 'string' ? endpoint : '',
      ...(options.transport ? { transport: options.transport } : {}),
    };
    const transport = await connector.connect(config, {
      signal: options.signal,
      interactive: options.interactive,
      onStage: (stage) => void this.stages.push(stage),
    });
    this.transports.push(transport);
    return transport;
  }

  /** Disconnects everything. */
  closeAll(): void {
    for (const transport of this.transports) transport.dispose();
  }

  dispose(): void {
    this.closeAll();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** One GET over the transport, as the engine room does it: by an `http.Agent` that opens engine streams. */
export function engineAgent(transport: Transport, options: http.AgentOptions = {}): http.Agent {
  const agent = new http.Agent({ keepAlive: true, ...options });
  agent.createConnection = (_options: unknown, done: (error: unknown, stream?: unknown) => void) => {
    transport.openEngineStream().then(
      (stream) => done(null, stream),
      (error: unknown) => done(error),
    );
  };
  return agent;
}

export async function getText(
  agent: http.Agent,
  path: string,
  signal?: AbortSignal,
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = http.get({ agent, path, host: 'docker', signal }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

/** The error that connecting ends with; fails when it connects. */
export async function failureOf(connecting: Promise<Transport>): Promise<Error> {
  let transport: Transport;
  try {
    transport = await connecting;
  } catch (error) {
    return error as Error;
  }
  transport.dispose();
  throw new Error(`connected, where a failure was expected: ${transport.info.description}`);
}
