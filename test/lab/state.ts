import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { restoreNeighbourLimits } from './neighbours';
import { identify, isAlive, type ProcessId } from './process';

/** What is written down of a lab, so that any later process can enter it and take it down. */
export interface LabState {
  name: string;
  /** Third number of the lab's addresses 10.77.OCTET.x (inside) and 127.77.OCTET.x (outside). */
  octet: number;
  /** `starting` and `running` belong to the owner (`lab up`, `lab run`) and are stale when it is gone. */
  phase: 'starting' | 'running' | 'up';
  owner: ProcessId;
  machines: MachineState[];
}

export interface MachineState {
  name: string;
  kind: MachineKind;
  address: string;
  /** The process that holds the machine's namespaces. Undefined until it was started. */
  holder?: ProcessId;
}

export type MachineKind = 'host' | 'switch' | 'workstation';

/** Long enough for people, short enough for socket paths (108 bytes) and interface names. */
const namePattern = /^[a-z0-9][a-z0-9-]{0,23}$/;

/** Where all labs of this machine live. */
export function baseDir(): string {
  return process.env['DOCKER_OVERLAY_LAB_DIR'] ?? '/var/lib/docker-overlay-lab';
}

/** Where things that are made once are kept, outside the checkout. */
export function cacheDir(): string {
  return process.env['DOCKER_OVERLAY_CACHE'] ?? join(homedir(), '.cache', 'docker-overlay-networks');
}

/** The folder of one lab. Throws for names that would not fit. */
export function labDir(name: string): string {
  if (!namePattern.test(name)) {
    throw new Error(`"${name}" is no name for a lab: use 1 to 24 lower-case letters, digits and hyphens.`);
  }
  return join(baseDir(), name);
}

/** Names of the labs that have a folder here, whatever their state. */
export function labNames(): string[] {
  try {
    return readdirSync(baseDir()).filter((name) => namePattern.test(name));
  } catch {
    return [];
  }
}

/** The state of a lab, or undefined when it has none (no such lab, or a folder that is being removed). */
export function readState(name: string): LabState | undefined {
  try {
    // Only `writeState` below writes this file, and only root can.
    return JSON.parse(readFileSync(join(labDir(name), 'state.json'), 'utf8')) as LabState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaces the state in one step: a reader sees the old or the new, also after a crash. */
export function writeState(state: LabState): void {
  const file = join(labDir(state.name), 'state.json');
  writeFileSync(`${file}.new`, JSON.stringify(state, undefined, 2));
  renameSync(`${file}.new`, file);
}

/** Whether somebody died while they were making or using this lab: then it is nobody's. */
export function isStale(state: LabState): boolean {
  return state.phase !== 'up' && !isAlive(state.owner);
}

/** Makes the folder of a new lab with its first state. Throws when the name is taken. */
export function createState(name: string, phase: LabState['phase']): LabState {
  const dir = labDir(name);
  mkdirSync(baseDir(), { recursive: true, mode: 0o755 });
  const owner = identify(process.pid);
  if (!owner) throw new Error('This process does not see itself in /proc.');
  const state: LabState = { name, octet: claimOctet(name, owner), phase, owner, machines: [] };
  // Made aside and renamed, so that a lab's folder never exists without its state.
  const making = join(baseDir(), `.making-${process.pid}-${name}`);
  mkdirSync(making, { recursive: true, mode: 0o755 });
  writeFileSync(join(making, 'state.json'), JSON.stringify(state));
  try {
    renameSync(making, dir);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    rmSync(claimFile(state.octet), { force: true });
    if (['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw new LabExistsError(name);
    throw error;
  }
  return state;
}

/** The name is taken by a lab that is up. */
export class LabExistsError extends Error {
  constructor(name: string) {
    super(`The lab "${name}" is already up. Take it down with: npm run lab -- down --name ${name}`);
  }
}

/** Forgets a lab that has been taken down, and the base folder with the last one. */
export function removeState(name: string, octet: number | undefined): void {
  rmSync(labDir(name), { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  if (octet !== undefined) rmSync(claimFile(octet), { force: true });
  if (!existsSync(baseDir())) return;
  removeLeftClaims();
  if (labNames().length > 0) return;
  removeMountPoints();
  restoreNeighbourLimits({ savedFile: neighbourLimitsFile() });
  removeIfEmpty(baseDir());
}

/**
 * Makes sure of a folder outside that a machine mounts something of its own over (`~/.ssh`, `~/.docker`). What did not
 * exist is written down, so that it goes with the last lab. Not with its own lab: removing a folder detaches whatever
 * another lab has mounted on it.
 */
export function ensureMountPoint(path: string): void {
  if (existsSync(path)) return;
  appendFileSync(mountPointsFile(), `${path}\n`);
  mkdirSync(path, { mode: 0o700 });
}

function mountPointsFile(): string {
  return join(baseDir(), '.mount-points');
}

function removeMountPoints(): void {
  if (!existsSync(mountPointsFile())) return;
  for (const path of readFileSync(mountPointsFile(), 'utf8').split('\n').filter(Boolean)) {
    removeIfEmpty(path);
  }
  rmSync(mountPointsFile(), { force: true });
}

/** Where the machine's own limits of its neighbour table are kept while a lab is up. */
export function neighbourLimitsFile(): string {
  return join(baseDir(), '.neighbour-limits');
}

/** Removes a folder, unless it is gone, or somebody (another lab, the person) keeps something in it by now. */
function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch (error) {
    if (!['ENOTEMPTY', 'ENOENT', 'EBUSY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}

/** Lowest number no other lab has, held by a file that only one process can create. */
function claimOctet(name: string, owner: ProcessId): number {
  removeLeftClaims();
  for (let octet = 1; octet < 255; octet++) {
    try {
      writeFileSync(claimFile(octet), JSON.stringify({ name, owner }), { flag: 'wx' });
      return octet;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  throw new Error('254 labs are up; there is no address left for another.');
}

function claimFile(octet: number): string {
  return join(baseDir(), `.octet-${octet}`);
}

/** Removes what was left by processes that were killed while they made or removed a lab. */
function removeLeftClaims(): void {
  for (const file of readdirSync(baseDir())) {
    const path = join(baseDir(), file);
    if (file.startsWith('.octet-')) {
      const claim = readClaim(path);
      if (claim && !existsSync(labDir(claim.name)) && !isAlive(claim.owner)) rmSync(path, { force: true });
    }
    const maker = /^\.making-(\d+)-/.exec(file)?.[1];
    if (maker !== undefined && !identify(Number(maker))) rmSync(path, { recursive: true, force: true });
  }
}

/** Who holds a number; undefined while the claim is being written or was just released. */
function readClaim(path: string): { name: string; owner: ProcessId } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name: string; owner: ProcessId };
  } catch {
    return undefined;
  }
}
