import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';

/** What docs/architecture.md promises about the size of things; who imports whom is in .dependency-cruiser.mjs. */

const root = path.join(__dirname, '..', '..');
/** Folders that are lists of one kind: as many files as there are of it. */
const lists = ['src/diagnosis/rules'];
const mostFiles = 14;
const mostLines = 300;
/** Said in the first lines of a file that is longer, followed by the reason. */
const longOnPurpose = /Longer than 300 lines: \w+/;

const source = readdirSync(path.join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));

describe('the house', () => {
  test(`has no folder with more than ${mostFiles} files`, () => {
    const folders = new Map<string, string[]>();
    for (const file of source) folders.set(path.dirname(file), [...(folders.get(path.dirname(file)) ?? []), file]);
    const crowded = [...folders].filter(
      ([folder, files]) => files.length > mostFiles && !lists.some((list) => folder.startsWith(list)),
    );
    expect(crowded.map(([folder, files]) => `${folder}: ${files.length}`)).toEqual([]);
  });

  test(`has no file of more than ${mostLines} lines that does not say why`, () => {
    const long = source.filter((file) => {
      const text = readFileSync(path.join(root, file), 'utf8');
      return text.split('\n').length - 1 > mostLines && !longOnPurpose.test(text.slice(0, 1_000));
    });
    expect(long).toEqual([]);
  });
});

const documents = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(path.join(root, 'docs')).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'));

describe('the documents', () => {
  test.each(documents)('%s names files that are there', (document) => {
    const text = readFileSync(path.join(root, document), 'utf8').replaceAll(/^```[^]*?^```/gm, '');
    const named = [...text.matchAll(/`((?:[\w@.-]+\/)+[\w.-]*|[\w-]+\.(?:ts|tsx|mjs|cjs))`/g)].map(
      (match) => match[1] as string,
    );
    expect(named.filter((name) => !isThere(name))).toEqual([]);
  });
});

describe('the comments', () => {
  test('of src name files that are there', () => {
    const names = new Set(source.map((file) => path.basename(file)));
    const folders = new Set(source.flatMap((file) => path.dirname(file).split('/')));
    const wrong = source
      .filter((file) => /\.tsx?$/.test(file))
      .flatMap((file) => {
        const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
        const comments = lines.filter((line) => /^\s*(\/\/|\/?\*)/.test(line)).join('\n');
        const named = [...comments.matchAll(/`((?:[\w@.-]+\/)+[\w.-]*|[\w.-]+\.tsx?)`/g)]
          .map((match) => match[1] as string)
          .filter((name) => /\.tsx?$/.test(name) || folders.has(name.split('/')[0] as string));
        return named
          .filter((name) => !names.has(name) && !isThere(name) && !isThere(path.join(path.dirname(file), name)))
          .map((name) => `${file}: ${name}`);
      });
    expect(wrong).toEqual([]);
  });
});

/** Made when something runs, or of another project. */
const elsewhere = /^(out|dist|engines|results|@vscode)\//;

/** Paths are written from the top or, in docs/architecture.md, from `src`, and may leave out the extension. */
function isThere(name: string): boolean {
  if (elsewhere.test(name)) return true;
  return ['', 'src', 'test'].some((base) =>
    ['', '.ts', '.tsx'].some((extension) => existsSync(path.join(root, base, name + extension))),
  );
}
