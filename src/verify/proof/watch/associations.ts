/** A security association of a host: ESP from one address to another. */
export interface Association {
  readonly source: string;
  readonly destination: string;
  /** Seconds since it was added; Docker adds one with each new key. */
  readonly ageSeconds?: number;
  /** Packets it has encrypted or decrypted. */
  readonly packets?: number;
}

/** Reads `ip -s xfrm state` (keys left out) and the host's clock in the same form, `2026-11-22 17:40:59`. */
export function parseAssociations(lines: readonly string[], now: string | undefined): Association[] {
  const found: { source: string; destination: string; isEsp: boolean; ageSeconds?: number; packets?: number }[] = [];
  for (const line of lines) {
    const head = /^src (\S+) dst (\S+)/.exec(line);
    if (head) found.push({ source: head[1] ?? '', destination: head[2] ?? '', isEsp: false });
    const last = found.at(-1);
    if (!last || head) continue;
    if (/^\s*proto esp\b/.test(line)) last.isEsp = true;
    const packets = /^\s*\d+\(bytes\), (\d+)\(packets\)/.exec(line)?.[1];
    if (packets !== undefined) last.packets = Number(packets);
    const added = /^\s*add (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)/.exec(line)?.[1];
    const age = added === undefined ? undefined : secondsBetween(added, now);
    if (age !== undefined) last.ageSeconds = age;
  }
  return found
    .filter((one) => one.isEsp)
    .map(({ source, destination, ageSeconds, packets }) => ({
      source,
      destination,
      ...(ageSeconds !== undefined && { ageSeconds }),
      ...(packets !== undefined && { packets }),
    }));
}

/** Both are in the host's own time zone, whichever that is: only their difference counts. */
function secondsBetween(earlier: string, later: string | undefined): number | undefined {
  const difference = Date.parse(`${later?.replace(' ', 'T')}Z`) - Date.parse(`${earlier.replace(' ', 'T')}Z`);
  return Number.isFinite(difference) ? Math.max(0, Math.round(difference / 1000)) : undefined;
}

/** Addresses out of lines of `ip -o addr show`, without prefix length; link-local and loopback ones name no host. */
export function parseAddresses(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const address = /\binet6? ([0-9a-fA-F.:]+)/.exec(line)?.[1];
    return address === undefined || /^(127\.|::1$|fe80:)/i.test(address) ? [] : [address];
  });
}
