/*
 * What is known of single versions of Docker that matters to encrypted overlay networks. One table, each entry with the
 * source it is from.
 */

/** A half-open range of versions, `from` inclusive, `below` exclusive. */
interface VersionRange {
  readonly from?: string;
  readonly below: string;
}

/** Something that is wrong with encrypted networks in some versions. */
export interface EngineFault {
  readonly id: 'plaintext' | 'injection';
  /** `note`: nothing fails because of it, but who encrypts wants to know. */
  readonly severity: 'warning' | 'note';
  readonly versions: readonly VersionRange[];
  /** What it does, for the end of "node1 (20.10.5): …". */
  readonly text: string;
  readonly remedy: string;
}

const faults: readonly EngineFault[] = [
  // https://github.com/moby/moby/security/advisories/GHSA-vwm3-crmr-xfxw, release notes of 20.10.24 and 23.0.3
  {
    id: 'plaintext',
    severity: 'warning',
    versions: [{ below: '20.10.24' }, { from: '23.0.0', below: '23.0.3' }],
    text: 'engine too old, may send and accept plaintext (CVE-2023-28840, -28841, -28842)',
    remedy: 'Update Docker there to 20.10.24, 23.0.3 or later.',
  },
  // https://github.com/moby/moby/security/advisories/GHSA-6m9p-4h64-m6vh, record CVE-2026-92542
  {
    id: 'injection',
    severity: 'note',
    versions: [{ below: '25.0.19' }, { from: '26.0.0', below: '29.8.2' }],
    text: 'any local user of the machine can inject packets into encrypted networks (CVE-2026-92542)',
    remedy: 'Update Docker there to 25.0.19, 29.8.2 or later.',
  },
];

/** What is wrong with encrypted networks in a version; nothing for one that is no number ("dev"). */
export function encryptionFaults(version: string): readonly EngineFault[] {
  return faults.filter(({ versions }) => isIn(version, versions));
}

/** Until then the rules for encryption knew port 4789 only (https://github.com/moby/moby/pull/45635). */
const knowsOnePortOnly: readonly VersionRange[] = [{ below: '23.0.7' }, { from: '24.0.0', below: '24.0.3' }];

/** Whether encrypted networks of a version need the data-path port 4789. */
export const needsUsualPort = (version: string): boolean => isIn(version, knowsOnePortOnly);

/**
 * Versions that compute the number by which the receiver finds the key (SPI) in another way than all others: between
 * the two kinds every packet of an encrypted network is lost (https://github.com/moby/moby/issues/51798, undone by
 * #51951 and #51963).
 */
const otherSpi: readonly VersionRange[] = [
  { from: '25.0.13', below: '25.0.15' },
  { from: '28.2.2', below: '28.2.3' },
  { from: '29.0.0', below: '29.2.1' },
];

/** Whether a version numbers keys in its own way; undefined for one that is no number. */
export function numbersKeysDifferently(version: string): boolean | undefined {
  return parseVersion(version) === undefined ? undefined : isIn(version, otherSpi);
}

/** Kernel modules by which Docker finds the packets to encrypt; one of those listed is enough. */
export type PacketMatch = 'xtU32' | 'xtBpf';

/**
 * Which of them a version can use. Before 20.10.24 and 23.0.3 only xt_u32; then xt_u32 and, where it is missing, xt_bpf
 * (https://github.com/moby/moby/pull/45118); from 25.0 on xt_bpf only (https://github.com/moby/moby/pull/45281; the
 * programs of 26.1.5 and 28.5.2 hold no u32 rule any more).
 */
export function packetMatches(version: string): readonly PacketMatch[] {
  if (isIn(version, [{ below: '20.10.24' }, { from: '23.0.0', below: '23.0.3' }])) return ['xtU32'];
  return isIn(version, [{ below: '25.0.0' }]) ? ['xtU32', 'xtBpf'] : ['xtBpf'];
}

function isIn(version: string, ranges: readonly VersionRange[]): boolean {
  const parsed = parseVersion(version);
  if (parsed === undefined) return false;
  return ranges.some(
    ({ from, below }) => (from === undefined || compare(parsed, from) >= 0) && compare(parsed, below) < 0,
  );
}

/** The three numbers of "20.10.24+dfsg1". */
function parseVersion(text: string): readonly number[] | undefined {
  const match = /^(\d+)\.(\d+)\.(\d+)/.exec(text);
  return match?.slice(1).map(Number);
}

function compare(version: readonly number[], other: string): number {
  const right = parseVersion(other) ?? [];
  const at = version.findIndex((value, index) => value !== right[index]);
  return at < 0 ? 0 : (version[at] ?? 0) - (right[at] ?? 0);
}
