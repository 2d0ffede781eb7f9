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

let end: (() => Promise<void>) | undefined;

/**
 * Ends the window: what is under way on the hosts is ended and removed over links that are still there, then they go.
 * VS Code waits some 5 s for it; what takes longer is left to the reaper.
 */
export function deactivate(): Promise<void> | undefined {
  return end?.();
}

/** Composes the features and registers them; connecting starts when somebody looks, and its failures become state. */
export function activate(context: vscode.ExtensionContext): OverlayApi {
  const startedAt = performance.now();
  // Not among `context.subscriptions`: VS Code disposes those while `deactivate` has only begun, and does not wait.
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
  end = async () => {
    await Promise.allSettled([features.stop(), app.readings.stop()]);
    features.dispose();
    app.store.dispose();
  };
  app.logger.info(`Activated in ${(performance.now() - startedAt).toFixed(1)} ms`);
  return createApi(app.fleet, verification.verifications);
}
