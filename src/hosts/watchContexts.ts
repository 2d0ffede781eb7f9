import { readdirSync, watch, type FSWatcher } from 'node:fs';
import path from 'node:path';
import { toDisposable, type Disposable } from '../base/disposable';
import type { Environment } from '../base/home';
import { dockerConfigDir } from './contexts';

// Writers replace meta.json in several steps; one call for all of them.
const settleMs = 200;
// As many as are listed; each takes up to three of the system's watches.
const maxContexts = 500;

/**
 * Calls back some 200 ms after the context store or the CLI's choice of context has changed. As long as the folder of the
 * CLI's configuration does not exist, its nearest existing parent is watched, where it or the next folder on the way to
 * it will appear.
 */
export function watchContexts(onChange: () => void, env: Environment = process.env): Disposable {
  const dir = dockerConfigDir(env);
  let timer: NodeJS.Timeout | undefined;
  let watchers: FSWatcher[] = [];
  let disposed = false;
  const close = () => {
    for (const watcher of watchers.splice(0)) watcher.close();
  };
  const open = () => {
    close();
    watchers = storeFolders(dir).flatMap((folder) => watchFolder(folder, changed));
    for (let missing = dir; watchers.length === 0 && missing !== path.dirname(missing);) {
      const name = path.basename(missing);
      missing = path.dirname(missing);
      const own = path.basename(missing);
      // Its own name comes when it is removed itself, and none where the system does not tell names.
      watchers = watchFolder(missing, (file) => {
        if (file === name || file === own || file === null) changed();
      });
    }
  };
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (disposed) return;
      open();
      onChange();
    }, settleMs);
  };
  open();
  return toDisposable(() => {
    disposed = true;
    clearTimeout(timer);
    close();
  });
}

/** A context that is updated changes files in folders of its own, of which those above hear nothing. */
function storeFolders(dir: string): string[] {
  const store = path.join(dir, 'contexts');
  const meta = path.join(store, 'meta');
  const tls = path.join(store, 'tls');
  const own = folderNames(meta).map((name) => path.join(meta, name));
  const certificates = folderNames(tls).flatMap((name) => [path.join(tls, name), path.join(tls, name, 'docker')]);
  return [dir, store, meta, tls, ...own, ...certificates];
}

function folderNames(folder: string): string[] {
  try {
    const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    return names.map((entry) => entry.name).slice(0, maxContexts);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}

function watchFolder(folder: string, onEvent: (file: string | null) => void): FSWatcher[] {
  try {
    const watcher = watch(folder, { persistent: false }, (_event, file) => onEvent(file));
    // The folder was removed: its parent's watcher tells.
    watcher.on('error', () => watcher.close());
    return [watcher];
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}
