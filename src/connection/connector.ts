import type { Disposable } from '../base/disposable';
import { OverlayError, toOverlayError } from '../base/errors';
import { expandHome, homeDirectory, type Environment } from '../base/home';
import type { Logger } from '../base/logger';
import { cancelled, throwIfAborted } from '../base/time';
import { skipStages, type StageListener } from '../model/host/connectStage';
import type { Endpoint, HostConfig, SshTransportChoice } from '../model/host/host';
import { agreeToInsecure } from './direct/insecureLink';
import { KeyRing } from './credentials/keyRing';
import { nonInteractivePrompts } from './nonInteractivePrompts';
import { openSocketTransport } from './direct/socketTransport';
import { resolveSshSettings } from './sshConfig/sshConfig';
import type { SshConfigSource, SshSettings } from './sshConfig/settings';
import { connectSsh } from './sshConnector';
import { openTcpTransport } from './direct/tlsTransport';
import { formatAddress } from '../hosts/address';
import type { ConnectionPrompts } from './prompts';
import type { Transport } from './transport';

/** Makes links. Connecting never prompts by itself: what only a person can answer goes through {@link ConnectionPrompts}. */
export interface Connector {
  /**
   * @throws OverlayError with a reason of `base/reasons/connection`.
   */
  connect(config: HostConfig, options: ConnectOptions): Promise<Transport>;
}

export interface ConnectOptions {
  readonly signal?: AbortSignal;
  /** Hears of each stage that begins, is over or is not needed. */
  readonly onStage?: StageListener;
  /** False never asks a person: where one is needed, it fails with `interactionNeeded`. True when not given. */
  readonly interactive?: boolean;
}

/** What a connector needs from its surroundings. */
export interface ConnectorOptions {
  readonly prompts: ConnectionPrompts;
  readonly logger: Logger;
  /** Path for `ssh -F`; read anew for each connect, as are the others, because settings change. */
  readonly sshConfigFile?: () => string | undefined;
  /** The ssh program; "ssh" of the PATH when undefined. */
  readonly sshProgram?: () => string | undefined;
  /** The way over SSH for hosts that do not say it themselves; `auto` when undefined. */
  readonly sshTransport?: () => SshTransportChoice | undefined;
  /** Takes the place of the user's known_hosts files. */
  readonly knownHostsFile?: string;
  /** The Docker context store. */
  readonly contexts: { read(name: string): Promise<Endpoint> };
  readonly env: Environment;
}

/** Makes links to hosts of every kind. Disposing it forgets passphrases and passwords; links live on. */
export function createConnector(options: ConnectorOptions): Connector & Disposable {
  const keyRing = new KeyRing();
  const quietly: ConnectorOptions = {
    ...options,
    prompts: nonInteractivePrompts(options.prompts, homeDirectory(options.env)),
  };
  return {
    dispose: () => keyRing.dispose(),
    async connect(config: HostConfig, { signal, onStage, interactive = true }: ConnectOptions): Promise<Transport> {
      const controller = new AbortController();
      const onAbort = () => controller.abort(cancelled(signal));
      if (signal?.aborted) onAbort();
      signal?.addEventListener('abort', onAbort, { once: true });
      const own = interactive ? options : quietly;
      const attempt = new ConnectAttempt(own, keyRing, config, controller.signal, onStage ?? (() => undefined));
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
    private readonly onStage: StageListener,
  ) {}

  async connect(endpoint: Endpoint): Promise<Transport> {
    const { name } = this.config;
    const { onStage, signal } = this;
    switch (endpoint.kind) {
      case 'context':
        return this.connect(await this.readContext(endpoint.name));
      case 'socket':
      case 'pipe':
        skipStages(onStage, 'a local socket', 'resolve', 'tcp', 'hostKey', 'authentication');
        return openSocketTransport(name, endpoint.path, signal, onStage);
      case 'tcp':
        await agreeToInsecure(name, endpoint, this.options.prompts, signal, onStage);
        return openTcpTransport(name, endpoint, this.options.env, signal, onStage);
      case 'ssh':
        return this.connectSsh(endpoint);
    }
  }

  private async readContext(name: string): Promise<Endpoint> {
    this.onStage({ stage: 'configuration', state: 'begun', detail: `context ${name}` });
    const endpoint = await this.options.contexts.read(name);
    // A store that refers to itself would go round for ever.
    if (endpoint.kind === 'context')
      throw new OverlayError('contextInvalid', { name, message: 'it names another context' });
    const to = endpoint.kind === 'ssh' || endpoint.kind === 'tcp' ? endpoint.host : endpoint.path;
    this.onStage({ stage: 'configuration', state: 'done', detail: `context ${name}: ${endpoint.kind} to ${to}` });
    return endpoint;
  }

  private async connectSsh(endpoint: Endpoint & { kind: 'ssh' }): Promise<Transport> {
    const { name, transport } = this.config;
    const { prompts, logger, sshTransport } = this.options;
    const { keyRing, signal, onStage } = this;
    const source = this.source();
    onStage({ stage: 'configuration', state: 'begun' });
    const settings = await resolveSshSettings(endpoint, source, signal);
    onStage({ stage: 'configuration', state: 'done', detail: describeTarget(settings) });
    const way = transport ?? sshTransport?.() ?? 'auto';
    return connectSsh({
      host: name,
      endpoint,
      settings,
      source,
      route: way,
      prompts,
      keyRing,
      logger,
      signal,
      onStage,
    });
  }

  private source(): SshConfigSource {
    const { env, sshConfigFile, sshProgram, knownHostsFile } = this.options;
    const configFile = sshConfigFile?.();
    return {
      env,
      configFile: configFile ? expandHome(configFile, env) : undefined,
      program: sshProgram?.() || undefined,
      knownHostsFile,
    };
  }
}

function describeTarget({ user, hostName, port, proxyJump }: SshSettings): string {
  return `${user}@${formatAddress(hostName, port)}${proxyJump === undefined ? '' : ` via ${proxyJump}`}`;
}
