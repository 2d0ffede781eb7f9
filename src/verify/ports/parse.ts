import { isIP } from 'node:net';
import { addressToNumber } from '../../model/network/address';
import { parsePing, printable } from '../scriptParts/parsePing';

/** One flow that the connection tracking of a host lists. */
export interface Flow {
  readonly protocol: 'tcp' | 'udp';
  readonly from: string;
  readonly to: string;
  readonly sourcePort: number;
  readonly port: number;
}

/** What a sender heard. */
export type Answer =
  | { readonly kind: 'connected' }
  /** TCP reset, or ICMP "port unreachable". */
  | { readonly kind: 'refused' }
  /** Nothing, or that the host could not be found in its network. */
  | { readonly kind: 'silent' }
  /** ICMP says that a firewall does not let it pass. */
  | { readonly kind: 'prohibited' }
  /** The sender's own kernel did not let it out. */
  | { readonly kind: 'notSent' }
  | { readonly kind: 'error'; readonly message: string };

/** One line of the scripts, understood. */
export type PortLine =
  | { readonly kind: 'missing'; readonly tool: string }
  | { readonly kind: 'address'; readonly link: string; readonly address: string }
  | { readonly kind: 'tracking' }
  /** How many resets its TCP has sent. */
  | { readonly kind: 'resets'; readonly count: number }
  /** Something listens on the port, at an address that others reach. */
  | { readonly kind: 'listener'; readonly protocol: 'tcp' | 'udp'; readonly port: number }
  /** The table of sockets was read to its end. */
  | { readonly kind: 'listenersEnd' }
  | { readonly kind: 'flow'; readonly flow: Flow }
  | { readonly kind: 'end' }
  | { readonly kind: 'result'; readonly key: number; readonly code: number; readonly output: string };

/** Reads one line; undefined for anything else. */
export function parsePortLine(line: string): PortLine | undefined {
  const result = /^r (\d{1,6}) (\d{1,3}) ?(.*)$/.exec(line);
  if (result) return { kind: 'result', key: Number(result[1]), code: Number(result[2]), output: result[3] ?? '' };
  const flow = /^f (tcp|udp) (\S+) (\S+) (\d{1,5}) (\d{1,5})$/.exec(line);
  if (flow) return parseFlow(flow);
  const missing = /^m ([a-z0-9]{1,20})$/.exec(line);
  if (missing) return { kind: 'missing', tool: missing[1] ?? '' };
  const address = /^a ([\w@.:-]{1,40}) ([0-9a-fA-F.:]+)(?:\/\d+)?$/.exec(line);
  if (address && isIP(address[2] ?? '') !== 0)
    return { kind: 'address', link: address[1] ?? '', address: address[2] ?? '' };
  const resets = /^s (\d{1,15})$/.exec(line);
  if (resets) return { kind: 'resets', count: Number(resets[1]) };
  const listener = /^l (tcp|udp) ([0-9A-F]{4})$/.exec(line);
  if (listener)
    return {
      kind: 'listener',
      protocol: listener[1] === 'tcp' ? 'tcp' : 'udp',
      port: Number.parseInt(listener[2] ?? '', 16),
    };
  if (line === 'l end') return { kind: 'listenersEnd' };
  if (line === 'c yes') return { kind: 'tracking' };
  return line === 'e' ? { kind: 'end' } : undefined;
}

function parseFlow([, protocol, from = '', to = '', source, port]: RegExpExecArray): PortLine | undefined {
  if (isIP(from) === 0 || isIP(to) === 0) return undefined;
  const ports = { sourcePort: Number(source), port: Number(port) };
  return { kind: 'flow', flow: { protocol: protocol === 'tcp' ? 'tcp' : 'udp', from, to, ...ports } };
}

/** What `nc` says, of whatever busybox: exit code 0 means that it was connected. */
export function parseTcp(code: number, output: string): Answer {
  if (code === 0) return { kind: 'connected' };
  if (/refused/i.test(output)) return { kind: 'refused' };
  if (/not permitted/i.test(output)) return { kind: 'notSent' };
  if (/prohibited|permission denied|no route|unreachable|timed? ?out|terminated/i.test(output) || output === '')
    return { kind: 'silent' };
  return { kind: 'error', message: printable(output) || 'no output' };
}

/**
 * What `traceroute` says to its one datagram: `64 10.0.0.2 0.4 ms` means ICMP "port unreachable"; a mark as `!X` means
 * that a firewall said no; `*` means silence. Words of another address are not about this datagram: it hears all ICMP.
 */
export function parseUdp(address: string, output: string): Answer {
  if (/not permitted/i.test(output)) return { kind: 'notSent' };
  const rest = /hops max\S* .*?packets?\s+(?:\d+\s+)?(.*)$/.exec(output)?.[1];
  if (rest === undefined) return { kind: 'error', message: printable(output) || 'no output' };
  const answer = /^([0-9a-fA-F.:]+)\s+[\d.]+ ms\s*(!\S*)?/.exec(rest);
  if (!answer || !isSameAddress(answer[1] ?? '', address)) return { kind: 'silent' };
  if (answer[2] === undefined) return { kind: 'refused' };
  // "Host unreachable" is what a neighbour says of a host that is not there.
  return { kind: /^![HN]$/.test(answer[2]) ? 'silent' : 'prohibited' };
}

/** Round trip of an echo, ms. */
export const parseEcho = (output: string): number | undefined => parsePing(output).avgMs;

/** Whether two texts are the same address: the kernel writes IPv6 addresses in full. */
export function isSameAddress(a: string, b: string): boolean {
  return a === b || (isIP(a) === isIP(b) && addressToNumber(a) === addressToNumber(b));
}
