import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './process';

const root = '/sys/fs/cgroup';

/**
 * The folders of a cgroup: one in each hierarchy of version 1 (and in `unified` beside them), or the one of version 2.
 * `path` is from the root of a hierarchy, such as `/lab-demo`.
 */
export function cgroupFolders(path: string): string[] {
  const hierarchies = existsSync(join(root, 'cgroup.controllers'))
    ? [root]
    : readdirSync(root).map((name) => join(root, name));
  return hierarchies.map((hierarchy) => join(hierarchy, path)).filter((folder) => existsSync(folder));
}

/** Removes a cgroup with everything below. Its processes must have been killed; the kernel may take a moment to see it. */
export async function removeCgroups(path: string): Promise<void> {
  await waitFor(
    () => (cgroupFolders(path).every(removeTree) ? true : undefined),
    30_000,
    () => `The cgroup ${path} cannot be removed; something still runs in it.`,
  );
}

/** In a cgroup only folders can be removed, the files go with them; so this is not rm -r. */
function removeTree(folder: string): boolean {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory()) removeTree(join(folder, entry.name));
    }
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}
