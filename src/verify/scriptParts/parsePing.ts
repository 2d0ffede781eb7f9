import type { PingResult } from '../../model/report/matrix';

/** Why ping itself failed, in its own words or ours. */
export interface PingFailure {
  readonly words: string;
  /** `cannotPing`: it will fail again, for the image has no ping that can be used. */
  readonly reason?: 'cannotPing';
}

/**
 * Reads header and statistics of one `ping`, of busybox or iputils, on one line or several.
 * Where no statistics are in it, ping could not even send: outcome `error` with its words.
 */
export function parsePing(output: string): PingResult {
  const counts = /\b(\d{1,9}) packets transmitted, (\d{1,9}) (?:packets )?received/.exec(output);
  if (!counts) return { outcome: 'error', sent: 0, received: 0, message: pingMessage(output) };
  const sent = Number(counts[1]);
  // Duplicated answers may make it more than were sent.
  const received = Math.min(Number(counts[2]), sent);
  const times = /min\/avg\/max(?:\/mdev)? = ([\d.]+)\/([\d.]+)\/([\d.]+)/.exec(output);
  const errors = /\+(\d+) errors/.exec(output);
  return {
    outcome: received === 0 ? 'silent' : received < sent ? 'partial' : 'answered',
    sent,
    received,
    ...(times && { minMs: Number(times[1]), avgMs: Number(times[2]), maxMs: Number(times[3]) }),
    ...jitterOf(output),
    ...(errors && { message: 'destination unreachable' }),
  };
}

/**
 * Tells a ping that failed by itself from one that could not send: a shell answers 126 and 127 for a program that cannot be
 * run, and 128 and more for one that was ended by a signal (143: by our own time limit, which says that the name is unknown). "Operation not permitted" is the program's own fault (no raw
 * socket) unless it is said of a packet: then a firewall in the container keeps it back.
 *
 * @param code exit code
 * @returns undefined where its words are about the network, or the name.
 */
export function failureOf(code: number, output: string): PingFailure | undefined {
  const words = pingMessage(output);
  if (code === 126 || code === 127 || cannotPing.test(output)) return { words, reason: 'cannotPing' };
  return code > 128 && code !== 143 ? { words: `ping was ended (exit code ${code})` } : undefined;
}

/** Words of busybox, iputils and inetutils, and of shells that found none of them. */
const cannotPing =
  /\bping6?: (command |applet )?not found|applet not found|permission denied|cannot flood|minimal interval|(invalid|unrecognized|unknown|illegal) (number|option|argument|value)|bad timing interval|option requires|^(?!.*\bsend(to|msg)?\b).*operation not permitted/i;

/** From ` times <ms> <ms> ...` at the end: busybox has no figure for it, and that of iputils is a deviation. */
function jitterOf(output: string): { jitterMs?: number } {
  const times = (/ times((?: [\d.]+)+)/.exec(output)?.[1] ?? '').trim().split(' ').map(Number);
  if (times.length < 2) return {};
  const differences = times.slice(1).map((time, index) => Math.abs(time - (times[index] as number)));
  const mean = differences.reduce((sum, one) => sum + one, 0) / differences.length;
  return { jitterMs: Math.round(mean * 1000) / 1000 };
}

/**
 * The address a name resolved to: `PING name (10.0.1.4): ...` (busybox), `PING name (10.0.1.4) 56(84) ...` (iputils),
 * `PING name(name.net (fd00::4)) ...` (iputils, IPv6).
 */
export function parseResolved(output: string): string | undefined {
  return /PING [^(]{0,300}(?:\([^()]{0,300} )?\(([0-9a-fA-F.:]{1,45})\)/.exec(output)?.[1];
}

/** Ping's own words without its name and header. */
export const pingMessage = (output: string): string =>
  printable(/ping6?: (.*)$/s.exec(output)?.[1] ?? output) || 'ping gave no answer';

/** Words of a program, short and without what a terminal might obey. */
export const printable = (text: string): string =>
  text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 200);
