import type { Disposable } from '../../base/disposable';
import type { Logger } from '../../base/logger';
import type { ConnectionPrompts } from '../../connection/prompts';
import type { Connector } from '../../connection/connector';
import type { Transport } from '../../connection/transport';
import type { Engine } from '../../engine/api';
import { readContext } from '../../hosts/contexts';
import { readSshSettings } from '../vscode/settings';

/** What takes long to load (ssh2, dockerode), loaded at the first connect and not while VS Code starts. */
interface Loaded {
  readonly connector: Connector & Disposable;
  readonly createEngine: (transport: Transport, host: string) => Engine;
}

/** Loads the heavy parts once. */
export class LazyConnector implements Connector, Disposable {
  private loading: Promise<Loaded> | undefined;
  private loaded: Loaded | undefined;
  private isDisposed = false;

  constructor(private readonly load: () => Promise<Loaded>) {}

  connect: Connector['connect'] = async (config, options) => {
    this.loading ??= this.load();
    this.loaded = await this.loading;
    if (this.isDisposed) this.loaded.connector.dispose();
    return this.loaded.connector.connect(config, options);
  };

  /** For a transport that {@link connect} has made. */
  readonly createEngine = (transport: Transport, host: string): Engine => {
    if (!this.loaded) throw new Error('An engine is made after its link');
    return this.loaded.createEngine(transport, host);
  };

  dispose(): void {
    this.isDisposed = true;
    this.loaded?.connector.dispose();
  }
}

/** The product's own links and engines, with what the settings say at the moment of each connect. */
export function createLazyConnector(prompts: ConnectionPrompts, logger: Logger): LazyConnector {
  return new LazyConnector(async () => {
    const startedAt = performance.now();
    const [{ createConnector }, { createEngine }] = await Promise.all([
      import('../../connection/connector'),
      import('../../engine/createEngine'),
    ]);
    logger.info(`Loaded in ${(performance.now() - startedAt).toFixed(1)} ms: ssh2, dockerode`);
    return {
      connector: createConnector({
        prompts,
        logger,
        sshConfigFile: () => readSshSettings().configFile,
        sshProgram: () => readSshSettings().program,
        sshTransport: () => readSshSettings().transport,
        contexts: { read: (name) => readContext(name) },
        env: process.env,
      }),
      createEngine: (transport, host) => createEngine(transport, { host, logger }),
    };
  });
}
