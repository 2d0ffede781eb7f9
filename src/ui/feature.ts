import * as vscode from 'vscode';
import { DisposableStore, type Disposable } from '../base/disposable';
import type { Event } from '../base/event';
import type { Logger } from '../base/logger';
import { commandIds, contextKeys, views } from '../contributions';
import { registerCommands, type CommandTable } from './command/register';
import { ContextKeys, type ContextKey } from './contextKeys';
import type { MessageButton } from './vscode/messages';
import type { TreeView } from './vscode/treeView';

/** Context keys of a feature, and what changes them. */
export interface ContextKeySource {
  values(): Partial<Record<ContextKey, boolean>>;
  readonly onDidChange: readonly Event<unknown>[];
}

/** What a feature puts into the window. It adds what has to be disposed to the store of its `App`. */
export interface Feature {
  readonly commands: Partial<CommandTable>;
  readonly views?: readonly TreeView[];
  readonly contextKeys?: ContextKeySource;
  /** What the message of an error offers beside the usual. */
  errorButtons?(error: unknown): MessageButton[];
  /** Called once everything is registered: goes on with what the last window has left. */
  start?(): void;
  /** Ends what is under way on the hosts, while the links are still there. */
  stop?(): Promise<void>;
}

export interface Features extends Disposable {
  /** Stops all of them; for the end of the window. */
  stop(): Promise<void>;
}

/**
 * Registers the features: commands, views and context keys, each of which has exactly one owner.
 *
 * @throws when an id of `contributions.ts` has no owner, or two, or a feature owns what is not there.
 */
export function registerFeatures(features: readonly Feature[], logger: Logger): Features {
  const store = new DisposableStore();
  const sources = features.flatMap((feature) => feature.contextKeys ?? []);
  for (const view of features.flatMap((feature) => feature.views ?? [])) store.add(view);
  try {
    checkAllOwners(features);
  } catch (error) {
    store.dispose();
    throw error;
  }
  const keys = new ContextKeys((key, value) => void vscode.commands.executeCommand('setContext', key, value));
  for (const source of sources) {
    const update = () => keys.update(source.values());
    for (const onDidChange of source.onDidChange) store.add(onDidChange(update));
    update();
  }
  const table = Object.assign({}, ...features.map((feature) => feature.commands)) as CommandTable;
  const buttonsFor = (error: unknown) => features.flatMap((feature) => feature.errorButtons?.(error) ?? []);
  store.add(registerCommands(table, logger, buttonsFor));
  for (const feature of features) feature.start?.();
  return {
    // One that fails must not take the links from the others, which still remove what is theirs.
    stop: async () => void (await Promise.allSettled(features.map(async (feature) => feature.stop?.()))),
    dispose: () => store.dispose(),
  };
}

function checkAllOwners(features: readonly Feature[]): void {
  const owned = <T>(of: (feature: Feature) => readonly T[]) => features.flatMap(of);
  checkOwners(
    'command',
    commandIds,
    owned((feature) => Object.keys(feature.commands)),
  );
  checkOwners(
    'view',
    Object.values(views),
    owned((feature) => (feature.views ?? []).map(({ id }) => id)),
  );
  checkOwners(
    'context key',
    Object.values(contextKeys),
    owned((feature) => Object.keys(feature.contextKeys?.values() ?? {})),
  );
}

function checkOwners(kind: string, ids: readonly string[], owned: readonly string[]): void {
  const problems = [...new Set([...ids, ...owned])].flatMap((id) => {
    const owners = owned.filter((one) => one === id).length;
    if (!ids.includes(id)) return [`${id} is not in contributions.ts`];
    return owners === 1 ? [] : [`${id} has ${owners} owners`];
  });
  if (problems.length > 0) throw new Error(`A ${kind} has one owner: ${problems.join(', ')}`);
}
