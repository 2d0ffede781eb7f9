// A lock between processes, as a file that names its owner.
import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `work` while this process owns the lock file. A lock whose owner has died is taken over.
 * @template T
 * @param {string} file path of the lock file; its folder must exist
 * @param {(line: string) => void} log told once when the lock is somebody else's
 * @param {() => Promise<T>} work
 * @param {number} [timeoutMs] how long to wait for somebody else; 15 minutes unless told
 * @returns {Promise<T>}
 */
export async function withLock(file, log, work, timeoutMs = 15 * 60_000) {
  const mine = `${process.pid} ${Math.random().toString(36).slice(2)}`;
  const deadline = Date.now() + timeoutMs;
  for (let told = false; !take(file, mine);) {
    const owner = ownerOf(file);
    if (owner !== undefined && !isAlive(owner)) {
      removeDead(file, owner);
      continue;
    }
    if (Date.now() > deadline) throw new Error(`Process ${owner} has held ${file} for too long`);
    if (!told) log(`Waiting for process ${owner}, which holds ${file}`);
    told = true;
    await sleep(500);
  }
  try {
    return await work();
  } finally {
    if (read(file) === mine) tryTo(() => fs.rmSync(file));
  }
}

/** Several may find the same dead owner: only who moves the file away may delete it, and only if it is still that one. */
function removeDead(file, owner) {
  const aside = `${file}.dead-${process.pid}`;
  tryTo(() => fs.renameSync(file, aside));
  if (ownerOf(aside) !== owner) tryTo(() => fs.linkSync(aside, file));
  fs.rmSync(aside, { force: true });
}

function take(file, mine) {
  // Written under another name and linked, so that nobody ever reads a lock without an owner.
  const draft = `${file}.${mine.replace(' ', '-')}`;
  fs.writeFileSync(draft, mine);
  try {
    fs.linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function ownerOf(file) {
  const pid = Number(read(file)?.split(' ')[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : undefined;
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function tryTo(action) {
  try {
    action();
  } catch {
    // Somebody else did it.
  }
}
