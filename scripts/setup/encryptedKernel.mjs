// A kernel with IPsec (ESP) for the lab, because that of most machines has none: User-mode Linux, which is an ordinary
// program, in a cache outside the checkout. One that was built before is taken if there is one, else it is built from
// Debian's source package, with the configuration in test/lab/kernel.
//
//   node scripts/setup/encryptedKernel.mjs     make sure it is there (about 11 minutes on two cores where it is built)
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { cacheFolder } from '../vscode/install.mjs';
import { withLock } from '../vscode/lock.mjs';
import { fetchDebianPackages } from './debian.mjs';
import { ensurePackages } from './packages.mjs';
import { projectRoot } from './project.mjs';

const run = promisify(execFile);

/** The source package, and the Debian releases that have it. */
const sourcePackage = 'linux-source-7.2';
const suites = ['sid', 'trixie-backports'];

/** What building needs, beside apt. */
const buildPackages = ['build-essential', 'flex', 'bison', 'bc', 'xz-utils'];

const configuration = path.join(projectRoot, 'test/lab/kernel/kernel.config');

/** The one built binary that is taken without building: SHA-256 of the program, unpacked. */
const prebuiltSha256 = '0d74996846fb3a66d5b96813795715bd7aad1c461e79b80fa2e470cf4d87af1b';

/** Raise when the way of building changes, so that caches of an older recipe are not used. */
const recipe = 1;

const programName = 'linux-uml';
/** Name of the file that is written last: version and checksum. */
const stampName = 'kernel.json';

const buildLimitMs = 90 * 60_000;

/**
 * Makes sure that the kernel is in the cache and whole. Safe to call from several processes at once; needs no network
 * when it is there or when a built one is at hand (`DOCKER_OVERLAY_UML` names it, or ../shared/encrypted-lab has it).
 *
 * @param {{log?: (line: string) => void}} [options]
 * @returns {Promise<{file: string, version: string}>} the program, and its version such as "7.2.13"
 * @throws with words for a person when it cannot be had
 */
export async function ensureEncryptedKernel(options = {}) {
  const log = options.log ?? (() => {});
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`The kernel with IPsec is for Linux on x64 only; this is ${process.platform} on ${process.arch}.`);
  const base = path.join(cacheFolder(), 'kernels');
  const dir = path.join(base, `${recipe}-${(await sha256(configuration)).slice(0, 12)}`);
  const found = await cachedKernel(dir);
  if (found) return found;
  fs.mkdirSync(base, { recursive: true });
  const make = async () => {
    // Another process may have brought it while this one waited.
    const brought = await cachedKernel(dir);
    if (brought) return brought;
    return makeKernel(base, dir, log);
  };
  return withLock(path.join(base, '.lock'), log, make, buildLimitMs + 15 * 60_000);
}

/** The kernel in the cache; a damaged one counts as none. */
async function cachedKernel(dir) {
  const file = path.join(dir, programName);
  try {
    const stamp = JSON.parse(fs.readFileSync(path.join(dir, stampName), 'utf8'));
    if ((await sha256(file)) === stamp.sha256) return { file, version: stamp.version };
  } catch {
    // Not there yet, or cut off when the disk was full: made anew.
  }
  return undefined;
}

async function sha256(file) {
  const hash = createHash('sha256');
  await pipeline(fs.createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}

async function makeKernel(base, dir, log) {
  for (const left of fs.readdirSync(base).filter((entry) => entry.startsWith('.making-')))
    fs.rmSync(path.join(base, left), { recursive: true, force: true });
  const work = fs.mkdtempSync(path.join(base, '.making-'));
  try {
    const made = path.join(work, 'made');
    fs.mkdirSync(made);
    const file = path.join(made, programName);
    if (!(await unpackPrebuilt(file, log))) await build(work, file, log);
    fs.chmodSync(file, 0o755);
    // Runs it, which also shows that it can run here.
    const version = (await run(file, ['--version'], { timeout: 60_000 })).stdout.trim();
    if (!/^\d+\.\d+/.test(version)) throw new Error(`The new kernel does not tell its version: ${version}`);
    const stamp = { version, sha256: await sha256(file) };
    fs.writeFileSync(path.join(made, stampName), `${JSON.stringify(stamp, undefined, 2)}\n`);
    // A damaged one may be in the way. Whoever runs it keeps its files: they are only unlinked.
    fs.rmSync(dir, { recursive: true, force: true });
    fs.renameSync(made, dir);
    log(`The kernel with IPsec ${version} is in ${dir}`);
    return { file: path.join(dir, programName), version };
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** Takes a built kernel if one is at hand and is the one we know. @returns {Promise<boolean>} whether it did */
async function unpackPrebuilt(file, log) {
  const named = process.env.DOCKER_OVERLAY_UML;
  const archive = named ?? path.join(projectRoot, '../shared/encrypted-lab/linux-uml.xz');
  if (!fs.existsSync(archive)) {
    if (named !== undefined) throw new Error(`DOCKER_OVERLAY_UML names ${named}, which is not there.`);
    return false;
  }
  requirePackages(['xz-utils']);
  const xz = spawn('xz', ['-dc', archive], { stdio: ['ignore', 'pipe', 'ignore'] });
  await pipeline(xz.stdout, fs.createWriteStream(file));
  if ((await sha256(file)) === prebuiltSha256) return true;
  fs.rmSync(file);
  const what = `${archive} is not the kernel this project knows (its SHA-256 differs)`;
  if (named !== undefined) throw new Error(`${what}. Unset DOCKER_OVERLAY_UML to have it built.`);
  log(`${what}: not used.`);
  return false;
}

function requirePackages(list, log) {
  const missing = ensurePackages(list, log && { log });
  if (missing.length > 0) throw new Error(`Debian packages are missing: ${missing.join(' ')}.`);
}

/** Builds the kernel from Debian's source. */
async function build(work, file, log) {
  requirePackages(buildPackages, log);
  log(`Fetching ${sourcePackage}`);
  const source = await unpackSource(work);
  fs.copyFileSync(configuration, path.join(source, '.config'));
  log(`Building the kernel with IPsec in ${source}; on two cores that takes about 11 minutes`);
  const jobs = os.availableParallelism();
  // The configuration may be of another compiler and of a neighbouring version.
  await make(source, ['olddefconfig'], work);
  const started = Date.now();
  const told = setInterval(
    () => log(`Still building the kernel, ${Math.round((Date.now() - started) / 60_000)} min`),
    120_000,
  );
  try {
    await make(source, [`-j${jobs}`, 'linux'], work);
  } finally {
    clearInterval(told);
  }
  await run('strip', ['-o', file, path.join(source, 'linux')]);
}

/** @returns {Promise<string>} the folder with the unpacked source */
async function unpackSource(work) {
  const archives = await firstOf(suites, (suite) =>
    fetchDebianPackages(path.join(work, `apt-${suite}`), suite, [sourcePackage], 'Sources of kernels'),
  );
  const root = path.join(work, 'root');
  for (const archive of archives) await run('dpkg-deb', ['-x', archive, root]);
  const tar = path.join(root, 'usr/src', `${sourcePackage}.tar.xz`);
  await run('tar', ['-xJf', tar, '-C', work], { timeout: 600_000 });
  // 300 MB that nobody needs any more; the source alone takes 1.8 GB.
  for (const done of [root, ...archives]) fs.rmSync(done, { recursive: true });
  return path.join(work, sourcePackage);
}

/** What the first release can give; when none can, the error of the first. */
async function firstOf(list, attempt) {
  let first;
  for (const one of list) {
    try {
      return await attempt(one);
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

/** Runs make; when this process is killed, so is everything it started. @throws with the end of what make said */
async function make(source, words, work) {
  const tied = ['--pdeathsig', 'KILL', 'unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const log = path.join(work, 'make.log');
  const output = fs.openSync(log, 'w');
  const child = spawn('setpriv', [...tied, 'nice', 'make', 'ARCH=um', ...words], {
    cwd: source,
    stdio: ['ignore', output, output],
    // Flags of a make, npm or compiler around us are not meant for this one.
    env: { PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: os.homedir(), LC_ALL: 'C' },
    timeout: buildLimitMs,
    killSignal: 'SIGKILL',
  });
  fs.closeSync(output);
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code === 0) return;
  const tail = fs.readFileSync(log, 'utf8').trim().split('\n').slice(-15).join('\n');
  throw new Error(`make ${words.join(' ')} of the kernel with IPsec failed:\n${tail}`);
}

if (process.argv[1] && import.meta.url === pathToFileURL(fs.realpathSync(process.argv[1])).href) {
  try {
    const { version, file } = await ensureEncryptedKernel({ log: (line) => process.stderr.write(`${line}\n`) });
    console.log(`Linux ${version} with IPsec: ${file}`);
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
