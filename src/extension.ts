import * as vscode from 'vscode';
import { DisposableStore } from './base/disposable';
import { isOverlayError } from './base/errors';
import { createFleet } from './swarm/fleet';
import { createApi, type OverlayApi } from './ui/api';
import { Checks } from './ui/verification/checks';
import { createNetworkCommands } from './ui/networks/commands/createNetwork';
import { secretCommands } from './ui/hosts/commands/forgetSecrets';
import { generalCommands } from './ui/generalCommands';
import { hostCommands } from './ui/hosts/commands/hostCommands';
import { networkCommands } from './ui/networks/commands/networkCommands';
import { nodeCommands } from './ui/swarm/commands/nodeCommands';
import { operationButtons, operationCommands } from './ui/operations/operationCommands';
import { portCommands } from './ui/verification/ports/portCommands';
import { proofCommands } from './ui/verification/proof/proofCommands';
import { registerCommands } from './ui/command/register';
import { swarmCareCommands } from './ui/swarm/commands/swarmCareCommands';
import { swarmSecretCommands } from './ui/swarm/commands/swarmSecretCommands';
import { swarmCommands } from './ui/swarm/commands/swarmCommands';
import { testContainerCommands } from './ui/testContainers/testContainerCommands';
import { verifyCommands } from './ui/verification/verifyCommands';
import { viewCommands } from './ui/hosts/commands/viewCommands';
import { ConnectionTester } from './ui/hosts/connectionTest/tester';
import { JsonDocuments } from './ui/vscode/jsonDocuments';
import { HostsFilter } from './ui/hosts/hostsFilter';
import { HostsService } from './ui/hosts/hostsService';
import { createLazyConnector } from './ui/hosts/lazyConnector';
import { LazyContexts } from './ui/hosts/lazyContexts';
import { createChannelLogger } from './ui/vscode/channelLogger';
import { watchMajority } from './ui/swarm/majorityWatch';
import { Operations } from './ui/operations/operations';
import { OtherDrivers } from './ui/networks/otherDrivers';
import { MatrixPanels } from './ui/verification/panel/matrixPanel';
import { PlanRunner } from './ui/operations/planRunner';
import { MarkdownPreviews } from './ui/vscode/markdownPreviews';
import { createConnectionPrompts } from './ui/hosts/prompts/connectionPrompts';
import { LastReports } from './ui/verification/results/lastReports';
import { ResultFiles } from './ui/verification/results/resultFiles';
import { SavedSecrets } from './ui/hosts/prompts/savedSecrets';
import { ShellTerminals } from './ui/testContainers/shellTerminals';
import { UnlockKeys } from './ui/swarm/unlockKeys';
import { registerViews } from './ui/views';
import { WindowOwner } from './ui/verification/windowOwner';

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
      (error) => operationButtons(operations, error),
    ),
  );
  stopChecks = async () => void (await Promise.all([checks.stopAll(), shells.endAll()]));
  logger.info(`Activated in ${(performance.now() - startedAt).toFixed(1)} ms`);
  return createApi(fleet, verifications);
}
