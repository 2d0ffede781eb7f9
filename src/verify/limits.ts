import { deepLanes, lanes } from '../probe/limits';

/** Deadlines and sizes of a verification; times in ms unless said otherwise. What containers of ours may take is in `probe/limits`. */
export const limits = {
  peers: 5_000,
  /** A look at a host's own network: a container of its own must start first. */
  reading: 25_000,
  /** Its script alone; starting and removing the helper have limits of their own. */
  readingScript: 15_000,
  /** Trying the swarm's ports for a diagnosis. */
  ports: 20_000,
  /** Hosts whose network is read, and between which ports are tried, for a diagnosis, number. */
  mostReadings: 12,
  /** Pings begin without hosts that are not ready this long after the last one was. */
  stragglerGrace: 4_000,
  /** Rounds in which pairs without answer are tried again, number; it ends earlier when a round changes nothing. */
  rechecks: 6,
  /**
   * How long a host that alone is cut off may take to heal by itself: up to 30 s on engines below 23, whose gossip brings
   * what it lost by a bulk exchange every 30 s.
   */
  settle: 36_000,
  /** Pause between looks meanwhile. */
  settlePause: 3_000,
  /** A source's exec may take this much longer than its pings need. */
  execSlack: 20_000,
} as const;

/**
 * Pairs a source tries at the same time when it has so many targets: not more than some rounds need, because a ping of
 * busybox hears all that the others of its container hear, and loses packets when that is too much.
 */
export const lanesFor = (targets: number): number => Math.min(lanes, Math.max(4, Math.ceil(targets / 4)));

/**
 * How long names and places of addresses may take to get around by gossip before they count as unknown, s: the more hosts,
 * the longer; and the last targets of a source are tried when others are done.
 */
export const nameSettleSeconds = (targets: number): number => 2 + Math.ceil(targets / lanesFor(targets));

/** A burst that lost some packets, not all, is done again with this many, and what that says counts. */
export const lossBurst = {
  /** Echo requests, number: 5 % of loss shows in two of three such bursts. */
  pings: 20,
  /** Pause between them, s. */
  interval: 0.03,
} as const;

/** Port of the listener inside test containers; in their network only, and gone with them. */
export const deepPort = 47_946;

/** What a TCP transfer sends, bytes: more than fits the first window, little enough for slow lines. */
export const transferBytes = 65_536;

/** How many pairs are looked into deeper of its own accord, in all and a source. */
export const deepBounds = { all: 24, source: 6 } as const;

/** How long one source's pings may take at most, ms. */
export function execLimit(targets: number, pings: number): number {
  const rounds = Math.ceil(targets / lanesFor(targets));
  const onePair = 1_000 + Math.ceil(pings * 200) + 1_000 + lossBurst.pings * lossBurst.interval * 1_000;
  // Many pings at once on a small machine: each costs some CPU before it can even begin.
  return nameSettleSeconds(targets) * 1_000 + rounds * onePair + targets * 100 + limits.execSlack;
}

/** How long one source's deeper look may take at most, ms. */
export const deepLimit = (targets: number): number => Math.ceil(targets / deepLanes) * 20_000 + limits.execSlack;

/** Deadlines of the scripts of a port check, ms: on a small machine a hundred processes take their time. */
export const portLimits = { inspect: 20_000, attempts: 40_000, observe: 20_000 } as const;

/** Deadlines of a proof, ms unless said otherwise, and sizes. */
export const proofLimits = {
  /** From the first to the last packet watched for; other hosts may be slow to start. */
  watch: 200_000,
  stop: 15_000,
  /** A look over SSH for the programs needed. */
  tools: 20_000,
  /** What the last packets may take to be told. */
  settle: 700,
  /** A busy network must not flood us: the capture ends by itself then, and what it did not see proves nothing. */
  packets: 50_000,
  /** How long a pair is waited for before its counted requests are sent: gossip and keys of a fresh container travel, s. */
  warmUpSeconds: 8,
  /** Lines of addresses or associations that are read of one host. */
  lines: 20_000,
} as const;

/** How long one source's echo requests may take at most, ms. */
export function trafficLimit(targets: number, pings: number): number {
  return (proofLimits.warmUpSeconds + 1) * 1000 * Math.ceil(targets / 32) + pings * 1_200 + targets * 200 + 20_000;
}
