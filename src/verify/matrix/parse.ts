import type { FullSizeResult, PingResult, TcpResult } from '../../model/report/matrix';
import { transferBytes } from '../limits';
import { parseEsp } from '../scriptParts/esp';
import { failureOf, parsePing, parseResolved, pingMessage, type PingFailure } from '../scriptParts/parsePing';

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

/** Reads one line of the script; undefined for anything else. */
export function parseScriptLine(line: string): ScriptLine | undefined {
  const esp = /^k (.+)$/.exec(line);
  if (esp) {
    const available = parseEsp(esp[1] ?? '');
    return available === undefined ? undefined : { kind: 'esp', available };
  }
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
