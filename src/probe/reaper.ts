import { isOverlayError } from '../base/errors';
import { delay } from '../base/time';
import type { Engine, RequestOptions } from '../engine/api';
import { labels, type Container } from '../model/engine/records';
import { probeLimits } from './limits';
import { isNameOfRun } from './names';

/** Whose containers are whose, as far as a window can know. */
export interface ReaperOptions {
  /** Label value of this window. */
  readonly owner: string;
  /** Whether another window still lives; without it only the age decides. */
  readonly isOwnerAlive?: (owner: string) => boolean;
  /** Whether a run of this window is under way; without it only the age decides. */
  readonly isRunActive?: (runId: string) => boolean;
  readonly signal?: AbortSignal;
}

/** What carries labels: a container, a network. */
interface Labelled {
  readonly labels: Readonly<Record<string, string>>;
  /** By the clock of its engine, epoch seconds. */
  readonly createdAt?: number;
  /** Of a container. */
  readonly state?: Container['state'];
}

/**
 * Removes test and helper containers that a dead window, a lost link or a frozen engine left on a host. Never touches
 * containers without our labels or without our names, those a person started, and those of a task that is under way.
 *
 * @returns the names of those removed.
 * @throws OverlayError when they cannot be listed, or when one could not be removed.
 */
export async function reapLeftovers(engine: Engine, options: ReaperOptions): Promise<string[]> {
  const request = options.signal ? { signal: options.signal } : {};
  const containers = (await engine.containers.list({ label: labels.run }, request)).filter(isNamedByUs);
  if (containers.length === 0) return [];
  return removeContainers(engine, selectLeftovers(containers, options, await engine.time(request)), request);
}

/** Removes all containers of one run. @returns their names. */
export async function removeRun(engine: Engine, runId: string, options: RequestOptions = {}): Promise<string[]> {
  const containers = await engine.containers.list({ label: `${labels.run}=${runId}` }, options);
  return removeContainers(
    engine,
    containers.filter((one) => one.labels[labels.run] === runId && isNamedByUs(one) && !isOfPerson(one)),
    options,
  );
}

/**
 * Which of what we have made (containers, networks) nobody needs any more. Pure. Whoever owns it is asked first, and then its age:
 * a window whose clock is wrong, or was set, neither loses what it uses nor takes what others use.
 *
 * @param engineTime clock of the engine that has them, epoch seconds; without it nothing is too old.
 */
export function selectLeftovers<T extends Labelled>(
  things: readonly T[],
  options: ReaperOptions,
  engineTime?: number,
): T[] {
  return things.filter((one) => {
    const run = one.labels[labels.run];
    if (run === undefined || isOfPerson(one)) return false;
    const owner = one.labels[labels.owner];
    if (owner === options.owner && options.isRunActive) return !options.isRunActive(run);
    if (owner !== undefined && options.isOwnerAlive?.(owner) === false) return true;
    return isTooOld(one, engineTime);
  });
}

/** Removes containers side by side; one that is being removed by somebody else counts as removed. */
export async function removeContainers(
  engine: Engine,
  containers: readonly Container[],
  options: RequestOptions,
): Promise<string[]> {
  const results = await Promise.allSettled(containers.map((one) => removeOne(engine, one, options)));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return containers.map((container) => container.name);
}

/** `--rm`, an earlier request and this one may meet: Docker then answers with a conflict, and the container goes all the same. */
async function removeOne(engine: Engine, container: Container, options: RequestOptions): Promise<void> {
  try {
    await engine.containers.remove(container.id, options);
  } catch (error) {
    if (!isOverlayError(error, 'conflict') || !(await goesByItself(engine, container.id, options))) throw error;
  }
}

/** While somebody else removes it, its state may still be "running": only its end tells. */
async function goesByItself(engine: Engine, id: string, options: RequestOptions): Promise<boolean> {
  const giveUpAt = performance.now() + probeLimits.removalByOther;
  while (performance.now() < giveUpAt) {
    try {
      await engine.containers.inspect(id, options);
    } catch (error) {
      if (isOverlayError(error, 'notFound')) return true;
      throw error;
    }
    await delay(200, options.signal);
  }
  return false;
}

const isOfPerson = (one: Labelled): boolean => labels.testContainer in one.labels;

const isNamedByUs = (one: Container): boolean => isNameOfRun(one.name, one.labels[labels.run] ?? '');

/** Label of 0.1 instead of the lifetime: when it was over by the clock of the editor's machine, epoch seconds. Gone with 0.3. */
const expiresBefore = 'com.docker-overlay.expires';
/** s; more than clocks are wrong, and than anything of ours takes. */
const dayOfGrace = 24 * 3600;

/**
 * Without a readable lifetime nothing is ever too old: who made it is not known to be gone. What runs ends by itself when its
 * time is over, by its host's own count.
 */
function isTooOld({ labels: own, createdAt, state }: Labelled, engineTime: number | undefined): boolean {
  if (state === 'running' || !createdAt || engineTime === undefined) return false;
  const lifetime = secondsOf(own[labels.lifetime]);
  if (lifetime !== undefined) return createdAt + lifetime < engineTime;
  const expires = secondsOf(own[expiresBefore]);
  return expires !== undefined && Math.max(createdAt, expires) + dayOfGrace < engineTime;
}

const secondsOf = (text = ''): number | undefined => (/^\d{1,10}$/.test(text) ? Number(text) : undefined);
