import type { FullSizeResult, PingResult, TcpResult } from '../../model/report/matrix';
import { transferBytes } from '../limits';

/** One line of the ping script, understood. */
export type ScriptLine =
  | { readonly kind: 'address'; readonly key: number; readonly ping: PingResult }
  | { readonly kind: 'name'; readonly key: number; readonly ping: PingResult; readonly resolved?: string }
  | { readonly kind: 'ipv6'; readonly key: number; readonly ping: PingResult }
  /** Nothing was sent, for a reason that has nothing to do with the network; see {@link failureOf}. */
  | ({ readonly kind: 'failed'; readonly key: number } & PingFailure)
  /** The first echo request, a full-size one, had no answer. */
  | { readonly kind: 'firstLost'; readonly key: number }
  | { readonly kind: 'fullSize'; readonly key: number; readonly result: FullSizeResult }
  | { readonly kind: 'tcp'; readonly key: number; readonly result: TcpResult }
  | { readonly kind: 'esp'; readonly available: boolean };

/** Why ping itself failed, in its own words or ours. */
export interface PingFailure {
  readonly words: string;
  /** `cannotPing`: it will fail again, for the image has no ping that can be used. */
  readonly reason?: 'cannotPing';
}

/** Reads one line of the script; undefined for anything else. */
export function parseScriptLine(line: string): ScriptLine | undefined {
  const esp = /^k (.+)$/.exec(line);
  if (esp) return parseEsp(esp[1] ?? '');
  const match = /^(\d{1,6}) ([an6sft]) (.*)$/.exec(line);
  if (!match) return undefined;
  const [, keyText = '', kind, rest = ''] = match;
  const key = Number(keyText);
  if (kind === 's') return { kind: 'firstLost', key };
  if (kind === 'f') return withResult('fullSize', key, parseFullSize(rest));
  if (kind === 't') return withResult('tcp', key, parseTcp(rest));
  const burst = /^(\d+) ?(.*)$/.exec(rest);
  if (!burst) return undefined;
  const output = burst[2] ?? '';
  const ping = parsePing(output);
  const failure = ping.outcome === 'error' ? failureOf(Number(burst[1]), output) : undefined;
  if (failure) return { kind: 'failed', key, ...failure };
  if (kind === 'a') return { kind: 'address', key, ping };
  if (kind === '6') return { kind: 'ipv6', key, ping };
  return { kind: 'name', key, ping, resolved: parseResolved(output) };
}

function withResult(kind: 'fullSize' | 'tcp', key: number, result: unknown): ScriptLine | undefined {
  return result === undefined ? undefined : ({ kind, key, result } as ScriptLine);
}

/** `<MTU>`, or `<MTU> <largest IP packet that passed, 0 for none>`. */
function parseFullSize(text: string): FullSizeResult | undefined {
  const match = /^(\d{1,6})(?: (\d{1,6}))?$/.exec(text);
  if (!match) return undefined;
  const mtu = Number(match[1]);
  if (match[2] === undefined) return { outcome: 'passed', mtu };
  const largest = Number(match[2]);
  // The size below passed: the full one was lost by chance.
  if (largest >= mtu - 1) return { outcome: 'passed', mtu };
  return { outcome: 'blocked', mtu, ...(largest > 0 && { largest }) };
}

/** `<start> <end> ok @<time> <bytes> @<time>`, or the words of nc in their place. Times in s. */
function parseTcp(text: string): TcpResult | undefined {
  const match = /^([\d.]+) ([\d.]+) ?(.*)$/.exec(text);
  if (!match) return undefined;
  const start = Number(match[1]);
  const words = match[3] ?? '';
  const greeted = /^ok @([\d.]+)/.exec(words);
  if (!greeted) return notConnected(Number(match[2]) - start, words);
  const counted = / (\d{1,12}) @([\d.]{1,20})$/.exec(words);
  const received = Math.min(Number(counted?.[1] ?? 0), transferBytes);
  return {
    outcome: received === transferBytes ? 'passed' : 'stalled',
    connectMs: msBetween(start, Number(greeted[1])),
    sent: transferBytes,
    received,
    ...(counted && { transferMs: msBetween(Number(greeted[1]), Number(counted[2])) }),
  };
}

/** Some kinds of nc say nothing when they are refused: then only the time tells. */
function notConnected(seconds: number, words: string): TcpResult {
  const result = { sent: 0, received: 0 };
  if (/not found|applet|usage/i.test(words)) {
    return { ...result, outcome: 'error', message: 'The image has no nc that can be used.' };
  }
  const message = pingMessage(words.replace(/ ?@[\d.]+/g, ''));
  const isRefused = /refused/i.test(words) || (seconds < 1 && !/timed out|unreachable/i.test(words));
  return { ...result, outcome: isRefused ? 'refused' : 'silent', ...(words !== '' && { message }) };
}

/** `/proc/uptime` counts in hundredths of a second. */
const msBetween = (from: number, to: number): number => Math.max(0, Math.round((to - from) * 1000));

/** `# CONFIG_INET_ESP is not set`, or `CONFIG_INET_ESP=y`, `=m` (then only a loaded module is sure). */
function parseEsp(text: string): ScriptLine | undefined {
  if (text.includes('CONFIG_INET_ESP is not set')) return { kind: 'esp', available: false };
  if (/CONFIG_INET_ESP=y|\besp4\b/.test(text)) return { kind: 'esp', available: true };
  return undefined;
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

/** Ping's own words without its name and header, short and printable. */
function pingMessage(output: string): string {
  const words = /ping6?: (.*)$/s.exec(output)?.[1] ?? output;
  const printable = words.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return printable.slice(0, 200) || 'ping gave no answer';
}
