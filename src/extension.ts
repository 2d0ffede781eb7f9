import * as vscode from 'vscode';
import { DisposableStore } from './base/disposable';
import { isOverlayError } from './base/errors';
import { createFleet } from './swarm/fleet';
import { createApi, type OverlayApi } from './ui/api';
import { Checks } from './ui/checks';
import { createNetworkCommands } from './ui/commands/createNetworkCommands';
import { secretCommands } from './ui/commands/forgetSecrets';
import { generalCommands } from './ui/commands/generalCommands';
import { hostCommands } from './ui/commands/hostCommands';
import { networkCommands } from './ui/commands/networkCommands';
import { nodeCommands } from './ui/commands/nodeCommands';
import { operationButtons, operationCommands } from './ui/commands/operationCommands';
import { portButtons, portCommands } from './ui/commands/portCommands';
import { proofCommands } from './ui/commands/proofCommands';
import { registerCommands } from './ui/commands/register';
import { swarmCareCommands } from './ui/commands/swarmCareCommands';
import { swarmSecretCommands } from './ui/commands/swarmSecretCommands';
import { swarmCommands } from './ui/commands/swarmCommands';
import { testContainerCommands } from './ui/commands/testContainerCommands';
import { verifyCommands } from './ui/commands/verifyCommands';
import { viewCommands } from './ui/commands/viewCommands';
import { ConnectionTester } from './ui/connectionTest/tester';
import { JsonDocuments } from './ui/documents';
import { HostsFilter } from './ui/hostsFilter';
import { HostsService } from './ui/hostsService';
import { createLazyConnector } from './ui/lazyConnector';
import { LazyContexts } from './ui/lazyContexts';
import { createChannelLogger } from './ui/log';
import { watchMajority } from './ui/majorityWatch';
import { Operations } from './ui/operations/operations';
import { OtherDrivers } from './ui/otherDrivers';
import { MatrixPanels } from './ui/panel/matrixPanel';
import { PlanRunner } from './ui/planRunner';
import { MarkdownPreviews } from './ui/markdownPreviews';
import { createConnectionPrompts } from './ui/prompts/connectionPrompts';
import { LastReports } from './ui/results/lastReports';
import { ResultFiles } from './ui/results/resultFiles';
import { SavedSecrets } from './ui/prompts/savedSecrets';
import { ShellTerminals } from './ui/testContainers/shellTerminals';
import { UnlockKeys } from './ui/unlockKeys';
import { registerViews } from './ui/views';
import { WindowOwner } from './ui/windowOwner';

export type { OverlayApi } from './ui/api';

let stopChecks: (() => Promise<void>) | undefined;

/** Called before anything is disposed: the links are still there to remove test containers over. */
export function deactivate(): Promise<void> | undefined {
  return stopChecks?.();
}

/** Constructs, wires and registers; connecting starts when somebody looks, and its failures become state. */
export function activate(context: vscode.ExtensionContext): OverlayApi {
  const startedAt = performance.now();
  const store = new DisposableStore();
  context.subscriptions.push(store);
  const channel = store.add(vscode.window.createOutputChannel('Docker Overlay Networks', { log: true }));
  const logger = createChannelLogger(channel);

  const secrets = new SavedSecrets(context.secrets, context.globalState);
  const prompts = createConnectionPrompts(secrets, context.globalState);
  const lazy = store.add(createLazyConnector(prompts, logger));
  const fleet = store.add(createFleet({ connector: lazy, createEngine: lazy.createEngine, logger }));
  const hosts = store.add(
    new HostsService(fleet, (error) => {
      if (!isOverlayError(error)) logger.error('Connecting', error);
    }),
  );
  const contexts = store.add(new LazyContexts(fleet, hosts, logger));
  const tester = new ConnectionTester({ connector: lazy, createEngine: lazy.createEngine });
  const filter = store.add(new HostsFilter());

  const kept = new ResultFiles(vscode.Uri.joinPath(context.globalStorageUri, 'results').fsPath);
  const reports = new LastReports(kept, logger, context.workspaceState);
  const distUri = vscode.Uri.joinPath(context.extensionUri, 'dist');
  const panels = store.add(new MatrixPanels(distUri, reports));
  const owner = new WindowOwner(vscode.env.machineId);
  const checks = store.add(new Checks({ fleet, panels, reports, logger, owner, memory: context.workspaceState }));
  const { verifications, watches, readings, ports, proofs } = checks;
  const previews = store.add(new MarkdownPreviews());
  const documents = store.add(new JsonDocuments());
  const others = store.add(new OtherDrivers(context.globalState));
  const operations = store.add(new Operations());
  const runner = new PlanRunner(fleet, operations);
  const shells = store.add(new ShellTerminals(fleet, logger));
  const keys = new UnlockKeys(secrets);
  const views = store.add(
    registerViews({ fleet, verifications, reports, filter, operations, others, watches, ports }, () => {
      hosts.start();
      void reports.start();
    }),
  );
  store.add(watchMajority(fleet));
  // Somebody looks at a panel that came back, and a watch goes on without being looked at.
  store.add(panels.onDidRestore(() => hosts.start()));
  if (watches.resume()) hosts.start();

  store.add(
    registerCommands(
      {
        ...hostCommands({ fleet, hosts, tester, onContextsChange: contexts.onDidChange }),
        ...viewCommands(fleet, filter),
        ...swarmCommands(fleet, runner, keys),
        ...swarmSecretCommands(fleet, runner, keys),
        ...swarmCareCommands(fleet, runner, documents),
        ...nodeCommands(fleet, runner, documents),
        ...networkCommands(fleet, runner, documents, others),
        ...createNetworkCommands(fleet, runner, readings),
        ...testContainerCommands(fleet, runner, shells, logger),
        ...portCommands(fleet, ports, previews),
        ...proofCommands(fleet, proofs, previews),
        ...verifyCommands(fleet, verifications, reports, watches),
        ...operationCommands(operations, runner, (id) => views.showOperation(id)),
        ...secretCommands(secrets, context.globalState),
        ...generalCommands(fleet, () => channel.show()),
      },
      logger,
      (error) => [...operationButtons(operations, error), ...portButtons(error)],
    ),
  );
  stopChecks = async () => void (await Promise.all([checks.stopAll(), shells.endAll()]));
  logger.info(`Activated in ${(performance.now() - startedAt).toFixed(1)} ms`);
  return createApi(fleet, verifications);
}
