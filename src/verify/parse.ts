import { StringDecoder } from 'node:string_decoder';
import type { PingResult } from '../model/matrix';

/** One line of the ping script, understood. */
export type ScriptLine =
  | { readonly kind: 'address'; readonly key: number; readonly ping: PingResult }
  | { readonly kind: 'name'; readonly key: number; readonly ping: PingResult; readonly resolved?: string }
  | { readonly kind: 'esp'; readonly available: boolean };

/** Cuts a byte stream into whole lines, whatever the chunks; keeps an unfinished line for later. */
export class LineSplitter {
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';

  push(chunk: Buffer): string[] {
    const lines = (this.rest + this.decoder.write(chunk)).split('\n');
    // A line of the script has some hundred characters; whatever else a container prints must not fill memory.
    this.rest = (lines.pop() ?? '').slice(-maxLine);
    return lines;
  }
}

const maxLine = 16_384;

/** Reads one line of the script; undefined for anything else. */
export function parseScriptLine(line: string): ScriptLine | undefined {
  const esp = /^k (.+)$/.exec(line);
  if (esp) return parseEsp(esp[1] ?? '');
  const match = /^(\d{1,6}) ([an]) \d+ ?(.*)$/.exec(line);
  if (!match) return undefined;
  const [, keyText = '', kind, output = ''] = match;
  const key = Number(keyText);
  const ping = parsePing(output);
  if (kind === 'a') return { kind: 'address', key, ping };
  return { kind: 'name', key, ping, resolved: parseResolved(output) };
}

/** `# CONFIG_INET_ESP is not set`, or `CONFIG_INET_ESP=y`, `=m` (then only a loaded module is sure). */
function parseEsp(text: string): ScriptLine | undefined {
  if (text.includes('CONFIG_INET_ESP is not set')) return { kind: 'esp', available: false };
  if (/CONFIG_INET_ESP=y|\besp4\b/.test(text)) return { kind: 'esp', available: true };
  return undefined;
}

/**
 * Reads the output of one `ping -q`, of busybox or iputils, on one line or several.
 * Where no statistics are in it, ping could not even send: outcome `error` with its words.
 */
export function parsePing(output: string): PingResult {
  const counts = /(\d+) packets transmitted, (\d+) (?:packets )?received/.exec(output);
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
    ...(errors && { message: 'destination unreachable' }),
  };
}

/**
 * The address a name resolved to: `PING name (10.0.1.4): ...` (busybox), `PING name (10.0.1.4) 56(84) ...` (iputils),
 * `PING name(name.net (fd00::4)) ...` (iputils, IPv6).
 */
export function parseResolved(output: string): string | undefined {
  return /PING [^(]*(?:\([^()]* )?\(([0-9a-fA-F.:]+)\)/.exec(output)?.[1];
}

/** Ping's own words without its name and header, short and printable. */
function pingMessage(output: string): string {
  const words = /ping6?: (.*)$/s.exec(output)?.[1] ?? output;
  const printable = words.replace(/[^\x20-\x7e]+/g, ' ').trim();
  return printable.slice(0, 200) || 'ping gave no answer';
}
