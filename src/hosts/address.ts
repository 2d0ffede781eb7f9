/** The parts of `[user@]host[:port]` as they are written: nothing is decoded, and no character is judged. */
export interface UserAtHost {
  readonly user?: string;
  /** Empty when there is none. Without its brackets. */
  readonly host: string;
  /** The host was written in brackets, as IPv6 addresses are. */
  readonly bracketed: boolean;
  /** Text after the colon; undefined when there is none. */
  readonly port?: string;
}

/**
 * Splits `[user@]host[:port]` as OpenSSH (`parse_user_host_port`) and Go's `net/url` do: the user ends at the last `@`,
 * for user names of directories hold one themselves (`name@domain@host`), and a colon with nothing behind it is no port.
 *
 * @returns undefined when what follows the user is no `host`, `host:port`, `[host]` or `[host]:port`.
 */
export function splitUserAtHost(text: string): UserAtHost | undefined {
  const at = text.lastIndexOf('@');
  const match = /^(?:\[([^[\]]*)\]|([^:[\]/]*))(?::(.*))?$/.exec(text.slice(at + 1));
  if (!match) return undefined;
  const [, inBrackets, bare, port] = match;
  return {
    ...(at < 0 ? {} : { user: text.slice(0, at) }),
    host: inBrackets ?? bare ?? '',
    bracketed: inBrackets !== undefined,
    ...(port ? { port } : {}),
  };
}

/** A TCP port from 1 to 65535 in decimal digits; undefined for anything else. */
export function parsePort(text: string): number | undefined {
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port >= 1 && port <= 65535 ? port : undefined;
}

/** `host:port`, with brackets around IPv6 addresses. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
