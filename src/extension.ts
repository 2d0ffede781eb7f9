import type * as vscode from 'vscode';
import { createApi, type OverlayApi } from './ui/api';
import { createApp } from './ui/app';
import { registerFeatures } from './ui/feature';
import { generalFeature } from './ui/generalFeature';
import { hostsFeature } from './ui/hosts/hostsFeature';
import { networksFeature } from './ui/networks/networksFeature';
import { operationsFeature } from './ui/operations/operationsFeature';
import { swarmFeature } from './ui/swarm/swarmFeature';
import { testContainersFeature } from './ui/testContainers/testContainersFeature';
import { verificationFeature } from './ui/verification/verificationFeature';

export type { OverlayApi } from './ui/api';

let stop: (() => Promise<void>) | undefined;

/** Called before anything is disposed: the links are still there to remove test containers over. */
export function deactivate(): Promise<void> | undefined {
  return stop?.();
}

/** Composes the features and registers them; connecting starts when somebody looks, and its failures become state. */
export function activate(context: vscode.ExtensionContext): OverlayApi {
  const startedAt = performance.now();
  const app = createApp(context);
  const verification = verificationFeature(app);
  const features = registerFeatures(
    [
      generalFeature(app),
      hostsFeature(app, verification.ports),
      swarmFeature(app),
      networksFeature(app, verification.results),
      testContainersFeature(app),
      operationsFeature(app),
      verification,
    ],
    app.logger,
  );
  app.store.add(features);
  stop = () => features.stop();
  app.logger.info(`Activated in ${(performance.now() - startedAt).toFixed(1)} ms`);
  return createApi(app.fleet, verification.verifications);
}
