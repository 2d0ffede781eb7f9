import { promises as fs } from 'node:fs';
import path from 'node:path';
import { expandHome, homeDirectory, type Environment } from '../base/home';
import { readSmallFile } from '../base/smallFile';
import { isSshHost } from './endpoint';

/** A host of the SSH configuration that can be named as it is. */
export interface SshAlias {
  readonly alias: string;
  /** "deploy@10.0.0.5:2222 via bastion", as far as the alias' own block says. */
  readonly description: string;
}

/** What was found, and in plain words what could not be read: aliases may be missing then. */
export interface SshAliases {
  readonly aliases: readonly SshAlias[];
  readonly problems: readonly string[];
}

const maxBytes = 4 * 1024 * 1024;
const maxFiles = 1_000;
// OpenSSH's own limit (READCONF_MAX_DEPTH).
const maxDepth = 16;

/**
 * Lists the aliases of `~/.ssh/config` (or of the file given) with its includes, in their order. Only for offering
 * them: patterns and `Match` blocks are skipped and nothing is executed; what an alias really means is asked from
 * `ssh -G` when it is connected.
 */
export async function listSshAliases(options: { configFile?: string; env?: Environment } = {}): Promise<SshAliases> {
  const env = options.env ?? process.env;
  const reader = new AliasReader(env);
  const usual = path.join(homeDirectory(env), '.ssh', 'config');
  await reader.read(options.configFile ? expandHome(options.configFile, env) : usual, 0);
  return { aliases: reader.aliases(), problems: reader.problems };
}

/**
 * Splits a line of an ssh_config into its lower-case keyword and arguments, as OpenSSH's `argv_split` does: both kinds of
 * quotes, and a backslash before a quote, a backslash or a space. Undefined for comments and empty lines, and where a quote
 * is not closed, which ssh refuses.
 */
export function parseConfigLine(line: string): { keyword: string; args: string[] } | undefined {
  const match = /^\s*([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line);
  if (!match) return undefined;
  const args: string[] = [];
  const word = /\s*((?:\\(?:.|$)|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[^\s"'\\])+)/y;
  const text = match[2] ?? '';
  while (word.lastIndex < text.length) {
    const part = word.exec(text)?.[1];
    if (part === undefined) return undefined;
    if (part.startsWith('#')) break;
    args.push(unquote(part));
  }
  return { keyword: (match[1] ?? '').toLowerCase(), args };
}

function unquote(word: string): string {
  return word.replace(
    /\\(["'\\ ])|"((?:\\.|[^"\\])*)"|'((?:\\.|[^'\\])*)'/g,
    (_whole, escaped: string | undefined, double: string | undefined, single: string | undefined) =>
      escaped ?? (double ?? single ?? '').replace(/\\(["'\\])/g, '$1'),
  );
}

/** Whether what is read now can hold for a host of this name. */
type Condition = (alias: string) => boolean;

class AliasReader {
  readonly problems: string[] = [];
  private readonly found = new Map<string, Map<string, string>>();
  private files = 0;
  /** Aliases of the block being read; included files continue it. */
  private block: readonly string[] = [];
  /** What an included file is read under: `ssh` skips all its blocks for other hosts. */
  private condition: Condition = () => true;

  constructor(private readonly env: Environment) {}

  aliases(): SshAlias[] {
    return [...this.found].map(([alias, values]) => ({ alias, description: describe(values) }));
  }

  async read(file: string, depth: number, above: readonly string[] = []): Promise<void> {
    // A file that includes itself adds nothing.
    if (above.includes(file)) return;
    if (depth > maxDepth) return this.tell(`files are included more than ${maxDepth} deep (${file})`);
    if (this.files >= maxFiles) return this.tell(`more than ${maxFiles} files are included`);
    this.files += 1;
    const found = await readSmallFile(file, maxBytes);
    if (found.kind === 'unusable') return this.tell(`${file}: ${found.problem}`);
    if (found.kind === 'missing') return;
    const outer = this.condition;
    for (const line of found.text.split(/\r?\n/)) {
      const parsed = parseConfigLine(line);
      if (parsed) await this.take(parsed.keyword, parsed.args, { depth, outer, above: [...above, file] });
    }
  }

  private tell(problem: string): void {
    if (!this.problems.includes(problem)) this.problems.push(problem);
  }

  private async take(keyword: string, args: readonly string[], place: Place): Promise<void> {
    const { outer } = place;
    if (keyword === 'host') {
      this.condition = (alias) => outer(alias) && matchesHost(alias, args);
      this.block = args.filter((alias) => isSshHost(alias) && this.condition(alias));
      for (const alias of this.block) if (!this.found.has(alias)) this.found.set(alias, new Map());
    } else if (keyword === 'match') {
      this.block = [];
      // What else it may ask, only ssh can tell.
      this.condition = args.length === 1 && args[0]?.toLowerCase() === 'all' ? outer : () => false;
    } else if (keyword === 'include') {
      await this.include(args, place);
    } else if (['hostname', 'user', 'port', 'proxyjump', 'proxycommand'].includes(keyword) && args[0] !== undefined) {
      // The first value wins in an ssh_config.
      for (const alias of this.block) {
        const values = this.found.get(alias);
        if (values && !values.has(keyword)) values.set(keyword, args[0]);
      }
    }
  }

  private async include(patterns: readonly string[], { depth, above }: Place): Promise<void> {
    const { block, condition } = this;
    for (const pattern of patterns) {
      const absolute = path.resolve(homeDirectory(this.env), '.ssh', expandHome(pattern, this.env));
      for (const file of await expandGlob(absolute)) {
        await this.read(file, depth + 1, above);
        this.block = block;
        this.condition = condition;
      }
    }
  }
}

/** Where a line stands. */
interface Place {
  readonly depth: number;
  /** The condition its whole file is read under. */
  readonly outer: Condition;
  /** The file and those that include it. */
  readonly above: readonly string[];
}

/** As `Host` in ssh_config(5): one pattern must match, and none that begins with "!". */
function matchesHost(alias: string, patterns: readonly string[]): boolean {
  const matches = (pattern: string) => wildcard(pattern, false).test(alias);
  const negated = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  return !negated.some(matches) && patterns.some((pattern) => !pattern.startsWith('!') && matches(pattern));
}

/** @param brackets `[a-c]` and `[!x]` are patterns as well: for the names of files, not for those of hosts. */
function wildcard(pattern: string, brackets: boolean): RegExp {
  const source = pattern.replace(/\[([!^]?)(\]?[^\]]*)\]|[\s\S]/g, (part, not?: string, set?: string) => {
    if (part === '*') return '.*';
    if (part === '?') return '.';
    if (set === undefined || !brackets) return literal(part);
    return `[${not ? '^' : ''}${set.replace(/[\\\]^[]/g, '\\$&')}]`;
  });
  try {
    return new RegExp(`^${source}$`, 's');
  } catch (error) {
    // A range that goes backwards, like [z-a], matches nothing.
    if (error instanceof SyntaxError) return /(?!)/;
    throw error;
  }
}

const literal = (text: string): string => text.replace(/[.+^${}()|[\]\\*?]/g, '\\$&');

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

/** Expands `*`, `?` and `[...]` in each part of an absolute path, in order of names; like glob(3) it leaves out hidden files. */
async function expandGlob(pattern: string): Promise<string[]> {
  const { root } = path.parse(pattern);
  let folders = [root];
  for (const part of pattern.slice(root.length).split(path.sep)) {
    if (!/[*?[]/.test(part)) {
      folders = folders.map((folder) => path.join(folder, part));
      continue;
    }
    const regex = wildcard(part, true);
    const lists = await Promise.all(
      folders.map(async (folder) =>
        (await names(folder))
          .filter((name) => regex.test(name) && (!name.startsWith('.') || part.startsWith('.')))
          .sort()
          .map((name) => path.join(folder, name)),
      ),
    );
    // One more than are read, so that it shows.
    folders = lists.flat().slice(0, maxFiles + 1);
  }
  return folders;
}

async function names(folder: string): Promise<string[]> {
  try {
    return await fs.readdir(folder);
  } catch (error) {
    // A pattern that leads nowhere stands for no file.
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}
