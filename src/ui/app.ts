import * as vscode from 'vscode';
import { DisposableStore } from '../base/disposable';
import { isOverlayError } from '../base/errors';
import { Emitter, type Event } from '../base/event';
import type { Logger } from '../base/logger';
import { createFleet, type Fleet } from '../swarm/fleet';
import { ActiveRuns } from './activeRuns';
import { HostReadings } from './hosts/hostReadings';
import { HostsService } from './hosts/hostsService';
import { createLazyConnector, type LazyConnector } from './hosts/lazyConnector';
import { createConnectionPrompts } from './hosts/prompts/connectionPrompts';
import { SavedSecrets } from './hosts/prompts/savedSecrets';
import { Operations } from './operations/operations';
import { PlanRunner } from './operations/planRunner';
import { createChannelLogger } from './vscode/channelLogger';
import { JsonDocuments } from './vscode/jsonDocuments';
import { MarkdownPreviews } from './vscode/markdownPreviews';
import { WindowOwner } from './windowOwner';

/** What the features of a window share. */
export interface App {
  readonly context: vscode.ExtensionContext;
  /** Disposed at the very end of the window, when what was under way has ended; features add what they hold. */
  readonly store: DisposableStore;
  readonly logger: Logger;
  readonly showLog: () => void;
  readonly secrets: SavedSecrets;
  readonly connector: LazyConnector;
  readonly fleet: Fleet;
  readonly hosts: HostsService;
  readonly readings: HostReadings;
  readonly operations: Operations;
  readonly runner: PlanRunner;
  readonly documents: JsonDocuments;
  readonly previews: MarkdownPreviews;
  /** Names this window on the containers it makes. */
  readonly owner: WindowOwner;
  readonly runs: ActiveRuns;
  /** Somebody looks at a view. */
  readonly onDidShowView: Event<void>;
  /** To be called by the views. */
  readonly viewShown: () => void;
}

/** Constructs what the features share. Nothing is loaded, read or connected before somebody looks. */
export function createApp(context: vscode.ExtensionContext): App {
  const store = new DisposableStore();
  const channel = store.add(vscode.window.createOutputChannel('Docker Overlay Networks', { log: true }));
  const logger = createChannelLogger(channel);
  const secrets = new SavedSecrets(context.secrets, context.globalState);
  const prompts = createConnectionPrompts(secrets, context.globalState);
  const connector = store.add(createLazyConnector(prompts, logger));
  const fleet = store.add(createFleet({ connector, createEngine: connector.createEngine, logger }));
  const hosts = store.add(
    new HostsService(fleet, (error) => {
      if (!isOverlayError(error)) logger.error('Connecting', error);
    }),
  );
  const owner = new WindowOwner(vscode.env.machineId);
  const runs = new ActiveRuns();
  const operations = store.add(new Operations());
  const shown = store.add(new Emitter<void>());
  store.add(hosts.onDidStart(() => logger.info('First look at a view')));
  store.add(shown.event(() => hosts.start()));
  return {
    context,
    store,
    logger,
    showLog: () => channel.show(),
    secrets,
    connector,
    fleet,
    hosts,
    readings: store.add(new HostReadings({ fleet, logger, owner: owner.label, runs })),
    operations,
    runner: new PlanRunner(fleet, operations),
    documents: store.add(new JsonDocuments()),
    previews: store.add(new MarkdownPreviews()),
    owner,
    runs,
    onDidShowView: shown.event,
    viewShown: () => shown.fire(),
  };
}
