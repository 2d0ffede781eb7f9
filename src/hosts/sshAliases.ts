import { promises as fs } from 'node:fs';
import path from 'node:path';
import { expandHome, homeDirectory, type Environment } from '../base/home';

/** A host of the SSH configuration that can be named as it is. */
export interface SshAlias {
  readonly alias: string;
  /** "deploy@10.0.0.5:2222 via bastion", as far as the alias' own block says. */
  readonly description: string;
}

const maxBytes = 4 * 1024 * 1024;
const maxFiles = 200;
const maxDepth = 16;

/**
 * Lists the aliases of `~/.ssh/config` (or of the file given) with its includes, in their order. Only for offering
 * them: patterns and `Match` blocks are skipped and nothing is executed; what an alias really means is asked from
 * `ssh -G` when it is connected. Files that cannot be read are left out.
 */
export async function listSshAliases(options: { configFile?: string; env?: Environment } = {}): Promise<SshAlias[]> {
  const env = options.env ?? process.env;
  const reader = new AliasReader(env);
  const usual = path.join(homeDirectory(env), '.ssh', 'config');
  await reader.read(options.configFile ? expandHome(options.configFile, env) : usual, 0);
  return reader.aliases();
}

/** Splits a line of an ssh_config into its lower-case keyword and arguments; undefined for comments and empty lines. */
export function parseConfigLine(line: string): { keyword: string; args: string[] } | undefined {
  const match = /^\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line);
  if (!match) return undefined;
  const args: string[] = [];
  for (const part of (match[2] ?? '').matchAll(/"([^"]*)"|([^\s"]+)/g)) {
    if (part[2]?.startsWith('#')) break;
    args.push(part[1] ?? part[2] ?? '');
  }
  return { keyword: (match[1] ?? '').toLowerCase(), args };
}

class AliasReader {
  private readonly found = new Map<string, Map<string, string>>();
  private readonly files = new Set<string>();
  /** Aliases of the block being read; included files continue it. */
  private block: readonly string[] = [];

  constructor(private readonly env: Environment) {}

  aliases(): SshAlias[] {
    return [...this.found].map(([alias, values]) => ({ alias, description: describe(values) }));
  }

  async read(file: string, depth: number): Promise<void> {
    // A file that includes itself adds nothing the second time.
    if (depth > maxDepth || this.files.size >= maxFiles || this.files.has(file)) return;
    this.files.add(file);
    for (const line of (await readText(file)).split(/\r?\n/)) {
      const parsed = parseConfigLine(line);
      if (parsed) await this.take(parsed.keyword, parsed.args, depth);
    }
  }

  private async take(keyword: string, args: readonly string[], depth: number): Promise<void> {
    if (keyword === 'host') {
      this.block = args.filter(isPlainAlias);
      for (const alias of this.block) if (!this.found.has(alias)) this.found.set(alias, new Map());
    } else if (keyword === 'match') {
      this.block = [];
    } else if (keyword === 'include') {
      await this.include(args, depth);
    } else if (['hostname', 'user', 'port', 'proxyjump', 'proxycommand'].includes(keyword) && args[0] !== undefined) {
      // The first value wins in an ssh_config.
      for (const alias of this.block) {
        const values = this.found.get(alias);
        if (values && !values.has(keyword)) values.set(keyword, args[0]);
      }
    }
  }

  private async include(patterns: readonly string[], depth: number): Promise<void> {
    const outer = this.block;
    for (const pattern of patterns) {
      const absolute = path.resolve(homeDirectory(this.env), '.ssh', expandHome(pattern, this.env));
      for (const file of await expandGlob(absolute)) {
        this.block = outer;
        await this.read(file, depth + 1);
      }
    }
    this.block = outer;
  }
}

/** No pattern, no negation, and a name that an endpoint can hold. */
function isPlainAlias(text: string): boolean {
  return /^[\p{L}\p{N}_][\p{L}\p{N}._+-]*$/u.test(text);
}

function describe(values: ReadonlyMap<string, string>): string {
  const user = values.get('user');
  const hostName = values.get('hostname');
  const port = values.get('port');
  const jump = values.get('proxyjump');
  const target = `${user ? `${user}@` : ''}${hostName ?? ''}`.replace(/@$/, '');
  const address = port && port !== '22' ? `${target}:${port}` : target;
  const via = jump && jump !== 'none' ? `via ${jump}` : values.has('proxycommand') ? 'via a proxy command' : '';
  return [address, via].filter((part) => part !== '').join(' ');
}

/** Expands `*` and `?` in each part of an absolute path, in order of names; like glob(3) it leaves out hidden files. */
async function expandGlob(pattern: string): Promise<string[]> {
  const { root } = path.parse(pattern);
  let folders = [root];
  for (const part of pattern.slice(root.length).split(path.sep)) {
    if (!/[*?]/.test(part)) {
      folders = folders.map((folder) => path.join(folder, part));
      continue;
    }
    const regex = new RegExp(
      `^${part
        .replace(/[.+^${}()|[\]\\]/g, '\\$&')
        .replaceAll('*', '.*')
        .replaceAll('?', '.')}$`,
    );
    const lists = await Promise.all(
      folders.map(async (folder) =>
        (await names(folder))
          .filter((name) => regex.test(name) && (!name.startsWith('.') || part.startsWith('.')))
          .sort()
          .map((name) => path.join(folder, name)),
      ),
    );
    folders = lists.flat().slice(0, maxFiles);
  }
  return folders;
}

async function names(folder: string): Promise<string[]> {
  try {
    return await fs.readdir(folder);
  } catch (error) {
    return ifFileError(error, []);
  }
}

async function readText(file: string): Promise<string> {
  try {
    const stats = await fs.stat(file);
    return stats.isFile() && stats.size <= maxBytes ? await fs.readFile(file, 'utf8') : '';
  } catch (error) {
    return ifFileError(error, '');
  }
}

/** What the file system refuses is left out of a list of offers; anything else is a fault of ours. */
function ifFileError<T>(error: unknown, otherwise: T): T {
  if (error instanceof Error && 'code' in error) return otherwise;
  throw error;
}
