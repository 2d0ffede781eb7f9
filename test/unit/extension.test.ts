import { expect, test, vi } from 'vitest';
import type * as vscode from 'vscode';
import { DisposableStore, toDisposable } from '../../src/base/disposable';
import { activate, deactivate } from '../../src/extension';

const calls: string[] = [];

vi.mock('vscode', () => ({}));
vi.mock('../../src/ui/app', () => ({
  createApp: () => {
    const store = new DisposableStore();
    store.add(toDisposable(() => calls.push('links are closed')));
    return { store, logger: { info: () => undefined }, readings: { stop: async () => undefined } };
  },
}));
vi.mock('../../src/ui/feature', () => ({
  registerFeatures: () => ({
    stop: async () => {
      calls.push('removing');
      await new Promise((resolve) => setTimeout(resolve, 20));
      calls.push('removed');
    },
    dispose: () => calls.push('views are gone'),
  }),
}));
vi.mock('../../src/ui/api', () => ({ createApi: () => ({}) }));
vi.mock('../../src/ui/generalFeature', () => ({ generalFeature: () => ({}) }));
vi.mock('../../src/ui/hosts/hostsFeature', () => ({ hostsFeature: () => ({}) }));
vi.mock('../../src/ui/swarm/swarmFeature', () => ({ swarmFeature: () => ({}) }));
vi.mock('../../src/ui/networks/networksFeature', () => ({ networksFeature: () => ({}) }));
vi.mock('../../src/ui/testContainers/testContainersFeature', () => ({ testContainersFeature: () => ({}) }));
vi.mock('../../src/ui/operations/operationsFeature', () => ({ operationsFeature: () => ({}) }));
vi.mock('../../src/ui/verification/verificationFeature', () => ({ verificationFeature: () => ({}) }));

// VS Code's `_deactivate` calls `deactivate()` and disposes the subscriptions in the same tick.
test('what is under way on the hosts ends before the links do', async () => {
  const subscriptions: vscode.Disposable[] = [];
  activate({ subscriptions } as unknown as vscode.ExtensionContext);
  const ended = deactivate();
  for (const one of subscriptions) one.dispose() as unknown;
  await ended;
  expect(calls).toEqual(['removing', 'removed', 'views are gone', 'links are closed']);
});
