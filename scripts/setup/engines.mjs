// Newer Docker engines than the system's, for the lab: Debian's own packages of a later release, unpacked into a cache
// outside the checkout. Nothing is installed, and the system's apt configuration, lists and cache stay as they are.
//
//   node scripts/setup/engines.mjs [26 | 28 ...]     make sure they are there (some seconds the first time)
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '../vscode/install.mjs';
import { withLock } from '../vscode/lock.mjs';
import { fetchDebianPackages } from './debian.mjs';

const run = promisify(execFile);

/**
 * By major version of Docker: the Debian release that has it. A release may have moved on since: what it has then is
 * taken when it is newer, so that the tests meet it.
 */
const releases = {
  26: { suite: 'trixie' },
  28: { suite: 'sid' },
};

/** The names an engine can be asked for by. */
export const engineNames = Object.keys(releases);

const packages = ['docker.io', 'docker-cli', 'containerd'];

/**
 * What of the packages is used. Not `docker-init`, `iptables` and `runc`: those of the system do, and a newer `runc`
 * wants a newer C library.
 */
const programs = ['dockerd', 'docker', 'containerd', 'containerd-shim-runc-v2'];

/** Raise when what is unpacked changes, so that caches of an older recipe are not used. */
const recipe = 1;

/** Name of the file that is written last: version and checksums. */
const stampName = 'engine.json';

/**
 * Makes sure that an engine is in the cache and whole. Safe to call from several processes at once; needs no network
 * when it is there.
 *
 * @param {string} name one of {@link engineNames}
 * @param {{log?: (line: string) => void}} [options]
 * @returns {Promise<{dir: string, version: string}>} folder with its programs, and its version such as "26.1.5"
 * @throws with words for a person when it cannot be had
 */
export async function ensureEngine(name, options = {}) {
  const log = options.log ?? (() => {});
  const release = releases[name];
  if (!release) throw new Error(`There is no engine "${name}"; there are: ${engineNames.join(', ')}.`);
  const base = path.join(cacheFolder(), 'engines');
  const found = await cachedEngine(base, release.suite);
  if (found) return found;
  fs.mkdirSync(base, { recursive: true });
  return withLock(path.join(base, `.${release.suite}.lock`), log, async () => {
    // Another process may have brought it while this one waited.
    const brought = await cachedEngine(base, release.suite);
    if (brought) return brought;
    log(`Fetching Docker of Debian ${release.suite}`);
    return fetchEngine(base, name, release.suite, log);
  });
}

/** The newest whole engine of a release in the cache. Damaged ones count as none. */
async function cachedEngine(base, suite) {
  for (const folder of listed(base).sort().reverse()) {
    const dir = path.join(base, folder);
    const stamp = readStamp(dir);
    if (stamp?.suite === suite && stamp.recipe === recipe && (await isWhole(dir, stamp.sha256)))
      return { dir, version: stamp.version };
  }
  return undefined;
}

function listed(folder) {
  try {
    return fs.readdirSync(folder);
  } catch (error) {
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

function readStamp(dir) {
  try {
    return JSON.parse(fs.readFileSync(path.join(dir, stampName), 'utf8'));
  } catch {
    // Not there yet, or cut off when the disk was full: made anew.
    return undefined;
  }
}

async function isWhole(dir, checksums) {
  try {
    const sums = await Promise.all(programs.map((program) => sha256(path.join(dir, program))));
    return sums.every((sum, index) => sum === checksums?.[programs[index]]);
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

async function sha256(file) {
  const hash = createHash('sha256');
  await pipeline(fs.createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

async function fetchEngine(base, name, suite, log) {
  for (const left of listed(base).filter((entry) => entry.startsWith(`.making-${suite}-`)))
    fs.rmSync(path.join(base, left), { recursive: true, force: true });
  const work = fs.mkdtempSync(path.join(base, `.making-${suite}-`));
  try {
    const archives = await fetchDebianPackages(path.join(work, 'apt'), suite, packages, 'Newer engines');
    const made = path.join(work, 'made');
    await unpack(archives, path.join(work, 'root'), made);
    const version = await versionOf(made);
    if (Number(version.split('.')[0]) < Number(name))
      throw new Error(`Debian ${suite} has Docker ${version}, which is older than ${name}.`);
    const dir = path.join(base, version);
    const sums = await Promise.all(programs.map(async (program) => [program, await sha256(path.join(made, program))]));
    const stamp = { version, suite, recipe, sha256: Object.fromEntries(sums) };
    fs.writeFileSync(path.join(made, stampName), `${JSON.stringify(stamp, undefined, 2)}\n`);
    // A damaged one may be in the way. Whoever runs it keeps its files: they are only unlinked.
    fs.rmSync(dir, { recursive: true, force: true });
    fs.renameSync(made, dir);
    log(`Docker ${version} is in ${dir}`);
    return { dir, version };
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** Takes the programs out of the packages into one folder. */
async function unpack(archives, root, made) {
  for (const archive of archives) await run('dpkg-deb', ['-x', archive, root]);
  fs.mkdirSync(made);
  for (const program of programs) {
    const places = ['usr/bin', 'usr/sbin'].map((folder) => path.join(root, folder, program));
    const place = places.find((file) => fs.existsSync(file));
    if (place === undefined) throw new Error(`${program} is in none of the packages ${packages.join(', ')}.`);
    fs.renameSync(place, path.join(made, program));
  }
}

/** Runs it, which also shows that it can run here. */
async function versionOf(dir) {
  const { stdout } = await run(path.join(dir, 'dockerd'), ['--version'], { timeout: 60_000 });
  const version = /version (\d+\.\d+\.\d+)/.exec(stdout)?.[1];
  if (version === undefined) throw new Error(`The new dockerd does not tell its version: ${stdout.trim()}`);
  return version;
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  const names = process.argv.length > 2 ? process.argv.slice(2) : engineNames;
  for (const name of names) {
    try {
      const { version, dir } = await ensureEngine(name, { log: (line) => process.stderr.write(`${line}\n`) });
      console.log(`${name}: Docker ${version} in ${dir}`);
    } catch (error) {
      process.stderr.write(`${name}: ${error.message}\n`);
      process.exitCode = 1;
    }
  }
}
