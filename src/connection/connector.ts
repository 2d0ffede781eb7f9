import os from 'node:os';
import path from 'node:path';
import { OverlayError, toOverlayError } from '../base/errors';
import type { Logger } from '../base/logger';
import { cancelled, throwIfAborted } from '../base/time';
import type { Endpoint, HostConfig } from '../model/host';
import { KeyRing } from './keyRing';
import { openSocketTransport } from './socketTransport';
import { resolveSshSettings, type Environment, type SshConfigSource } from './sshConfig';
import { openSshRoute } from './sshRoute';
import { openSshTransport } from './sshTransport';
import { openTcpTransport } from './tlsTransport';
import type { ConnectionPrompts, Connector, Transport } from './transport';

/** What a connector needs from its surroundings. */
export interface ConnectorOptions {
  readonly prompts: ConnectionPrompts;
  readonly logger: Logger;
  /** Path for `ssh -F`; read anew for each connect, as are the others, because settings change. */
  readonly sshConfigFile?: () => string | undefined;
  /** The ssh program; "ssh" of the PATH when undefined. */
  readonly sshProgram?: () => string | undefined;
  /** Takes the place of the user's known_hosts files. */
  readonly knownHostsFile?: string;
  /** The Docker context store. */
  readonly contexts: { read(name: string): Promise<Endpoint> };
  readonly env: Environment;
}

type ConnectOptions = { readonly signal?: AbortSignal; readonly onStage?: (stage: string) => void };

/** Makes links to hosts of every kind. */
export function createConnector(options: ConnectorOptions): Connector {
  const keyRing = new KeyRing();
  return {
    async connect(config: HostConfig, { signal, onStage }: ConnectOptions): Promise<Transport> {
      const controller = new AbortController();
      const onAbort = () => controller.abort(cancelled(signal));
      if (signal?.aborted) onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      const attempt = new ConnectAttempt(options, keyRing, config, controller.signal, onStage ?? (() => undefined));
      try {
        throwIfAborted(controller.signal);
        const transport = await attempt.connect(config.endpoint);
        options.logger.info(`${config.name}: connected, ${transport.info.description}`);
        return transport;
      } catch (error) {
        const ours = toOverlayError(error, { host: config.name });
        if (ours.reason !== 'cancelled') options.logger.warn(`${config.name}: ${ours.message}`);
        throw ours;
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    },
  };
}

class ConnectAttempt {
  constructor(
    private readonly options: ConnectorOptions,
    private readonly keyRing: KeyRing,
    private readonly config: HostConfig,
    private readonly signal: AbortSignal,
    private readonly onStage: (stage: string) => void,
  ) {}

  async connect(endpoint: Endpoint): Promise<Transport> {
    const { name } = this.config;
    switch (endpoint.kind) {
      case 'context':
        this.onStage(`reading the context ${endpoint.name}`);
        return this.connect(await this.readContext(endpoint.name));
      case 'socket':
      case 'pipe':
        this.onStage('asking Docker');
        return openSocketTransport(name, endpoint.path, this.signal);
      case 'tcp':
        this.onStage(`connecting to ${endpoint.host}`);
        return openTcpTransport(name, endpoint, this.options.env, this.signal);
      case 'ssh':
        return this.connectSsh(endpoint);
    }
  }

  private async readContext(name: string): Promise<Endpoint> {
    const endpoint = await this.options.contexts.read(name);
    // A store that refers to itself would go round for ever.
    if (endpoint.kind === 'context')
      throw new OverlayError('contextInvalid', { name, message: 'it names another context' });
    return endpoint;
  }

  private async connectSsh(endpoint: Endpoint & { kind: 'ssh' }): Promise<Transport> {
    this.onStage('resolving');
    const { name } = this.config;
    const { prompts, logger } = this.options;
    const { keyRing, signal, onStage } = this;
    const source = this.source();
    const settings = await resolveSshSettings(endpoint, source, signal);
    const link = await openSshRoute(settings, { host: name, source, prompts, keyRing, logger, signal, onStage });
    try {
      throwIfAborted(signal);
      onStage('asking Docker');
      const via = settings.proxyJump;
      return await openSshTransport(link, { host: name, socketPath: endpoint.socketPath, via, signal });
    } catch (error) {
      link.dispose();
      throw error;
    }
  }

  private source(): SshConfigSource {
    const { env, sshConfigFile, sshProgram, knownHostsFile } = this.options;
    return {
      env,
      configFile: expandHome(sshConfigFile?.(), env),
      program: sshProgram?.() || undefined,
      knownHostsFile,
    };
  }
}

function expandHome(file: string | undefined, env: Environment): string | undefined {
  if (!file) return undefined;
  const home = env['HOME'] || env['USERPROFILE'] || os.homedir();
  return file.startsWith('~/') ? path.join(home, file.slice(2)) : file;
}
