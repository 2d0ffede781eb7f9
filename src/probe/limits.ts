/** Deadlines of what we put on a host for a moment; times in ms. */
export const probeLimits = {
  /** Looking for the image: also what finds a frozen engine first. */
  find: 10_000,
  /** A pull when no other host has the image. */
  pull: 120_000,
  /** A pull when the image could be copied from another host instead. */
  pullWithCopyAtHand: 30_000,
  copy: 180_000,
  create: 20_000,
  /** Attaching to a network can take Docker 20 s, an encrypted one most of all. */
  start: 30_000,
  inspect: 10_000,
  /** Whether an engine that has left something without answer answers at all. */
  ping: 5_000,
  /** Creating a network: an engine waits 20 s for its swarm's managers before it says why there is none. */
  network: 30_000,
  /** How long a network may stay in use after its containers are gone: other engines tell it late. */
  networkRelease: 40_000,
  /** How long the engine may take to tell the address of a started container. */
  address: 10_000,
  /** One host's part of the clean-up; the other hosts do not wait for it. */
  removal: 25_000,
  /** The same for a host that already left a request without answer. */
  removalUnresponsive: 5_000,
  /** Waiting for a removal that somebody else began. */
  removalByOther: 10_000,
  /** After this a test container ends by itself, and a reaper may take it. */
  run: 15 * 60_000,
  /** After this a helper container ends by itself. */
  helper: 5 * 60_000,
} as const;

/** Most pairs a source tries at the same time. */
export const lanes = 16;

/** Pairs a source looks deeper into at the same time. */
export const deepLanes = 4;

/** Processes of one such lane at most: nine sizes side by side, a shell and a ping each, and the TCP transfer. */
const deepProcesses = 30;

/**
 * Room for {@link lanes} times three pings and their shells, and for the deeper look: its lanes, and four processes for each
 * other host that sends to the listener at the same time.
 */
export const containerLimits = {
  memory: 128 * 1024 * 1024,
  pids: Math.max(8 * lanes, deepLanes * (deepProcesses + 24)) + 32,
} as const;

/** Resources of a helper container. */
export const helperLimits = { memory: 128 * 1024 * 1024, pids: 256 } as const;

/** Resources of a test container that a person starts; `cpus` is CPUs' worth of time. */
export const testContainerLimits = { memory: 256 * 1024 * 1024, pids: 256, cpus: 1 } as const;
