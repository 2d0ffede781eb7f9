import { isIPv4 } from 'node:net';
import { OverlayError } from '../base/errors';
import type { Endpoint, TlsFiles } from '../model/host';

/**
 * Host names, SSH aliases, IPv4 addresses. Nothing a shell or an option parser could take for something else: a host
 * named `-oProxyCommand=...` executes it in careless callers.
 */
const hostPattern = /^[\p{L}\p{N}_][\p{L}\p{N}._+-]*$/u;
const ipv6Pattern = /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%[A-Za-z0-9._-]+)?$/;
const userPattern = /^[\p{L}\p{N}_][\p{L}\p{N}._@+-]*$/u;
// Control characters and what a remote shell would expand; the path is quoted on use as well.
const badInPath = /[\u0000-\u001f\u007f"'`$\\;&|<>*?]/;
const maxLength = 1024;

// What the system's resolver takes for a number: "10." is 0.0.0.10 to it, and "0x7f.1" is this machine.
const numericPattern = /^(0x[0-9a-f]*|\d*)(\.(0x[0-9a-f]*|\d*))*$/i;

/** Ports Docker uses without and with TLS when a `tcp://` endpoint names none. */
const defaultTcpPort = 2375;
const defaultTlsPort = 2376;

/**
 * Reads an endpoint as people write it: `ssh://[user@]host[:port][/socket]`, `user@host:port`, an SSH alias,
 * `context://name`, `unix:///path`, `npipe:////./pipe/name`, `tcp://host:port`.
 *
 * @throws OverlayError `hostConfigInvalid`; its text never repeats what may be a password.
 */
export function parseEndpoint(text: string): Endpoint {
  const trimmed = text.trim();
  if (trimmed === '') throw invalid('the endpoint is empty');
  if (trimmed.length > maxLength) throw invalid('the endpoint is too long');
  if (/[\u0000-\u001f\u007f]/.test(trimmed)) throw invalid('the endpoint contains control characters');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(trimmed);
  if (!scheme) return parseSsh(trimmed);
  const rest = scheme[2] ?? '';
  switch (scheme[1]?.toLowerCase()) {
    case 'ssh':
      return parseSsh(rest);
    case 'unix':
      return { kind: 'socket', path: absolutePath(rest, 'unix:///var/run/docker.sock') };
    case 'npipe':
      return { kind: 'pipe', path: pipePath(rest) };
    case 'tcp':
      return parseTcp(rest);
    case 'context':
      return { kind: 'context', name: contextName(rest) };
    case 'http':
    case 'https':
      throw invalid('write tcp://host:port instead of http(s)://');
    default:
      throw invalid(`"${scheme[1]}://" is not known; use ssh://, context://, unix://, npipe:// or tcp://`);
  }
}

/** The endpoint as text; `parseEndpoint(formatEndpoint(e))` gives `e` back (but for TLS files). */
export function formatEndpoint(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case 'ssh': {
      const user = endpoint.user === undefined ? '' : `${endpoint.user}@`;
      const port = endpoint.port === undefined ? '' : `:${endpoint.port}`;
      return `ssh://${user}${bracketed(endpoint.host)}${port}${encodePath(endpoint.socketPath ?? '')}`;
    }
    case 'socket':
      return `unix://${endpoint.path}`;
    case 'pipe':
      return `npipe://${endpoint.path.replaceAll('\\', '/')}`;
    case 'tcp':
      return `tcp://${bracketed(endpoint.host)}:${endpoint.port}`;
    case 'context':
      return `context://${endpoint.name}`;
  }
}

/** A short name for a host, not one of `taken`: the SSH host or alias, the context's name, "local" for a socket. */
export function suggestName(endpoint: Endpoint, taken: Iterable<string>): string {
  const used = new Set([...taken].map((name) => name.toLowerCase()));
  const base = baseName(endpoint);
  if (!used.has(base.toLowerCase())) return base;
  for (let number = 2; ; number += 1) {
    const name = `${base}-${number}`;
    if (!used.has(name.toLowerCase())) return name;
  }
}

/** Names of Docker contexts as the CLI accepts them (docker/cli `cli/context/store`), which leaves no room for paths. */
export function isContextName(name: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.+-]{0,254}$/.test(name);
}

function baseName(endpoint: Endpoint): string {
  switch (endpoint.kind) {
    case 'ssh':
    case 'tcp':
      return isAddress(endpoint.host) ? endpoint.host : (endpoint.host.split('.')[0] ?? endpoint.host);
    case 'context':
      return endpoint.name === 'default' ? 'local' : endpoint.name;
    case 'socket':
    case 'pipe':
      return 'local';
  }
}

function isAddress(host: string): boolean {
  return host.includes(':') || isIPv4(host);
}

function parseSsh(rest: string): Endpoint {
  refuseExtras(rest);
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const path = slash < 0 ? '' : decode(rest.slice(slash));
  // The last @: user names of directories may hold one themselves (name@domain@host).
  const at = authority.lastIndexOf('@');
  const user = at < 0 ? undefined : authority.slice(0, at);
  if (user?.includes(':')) throw invalid('passwords do not belong in an endpoint; you are asked when one is needed');
  if (user !== undefined && !userPattern.test(user)) throw invalid('the user name has characters that are not allowed');
  const { host, port } = hostAndPort(authority.slice(at + 1));
  const socketPath = path === '' || path === '/' ? undefined : absolutePath(path, 'ssh://host/var/run/docker.sock');
  return {
    kind: 'ssh',
    host,
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port }),
    ...(socketPath === undefined ? {} : { socketPath }),
  };
}

function parseTcp(rest: string): Endpoint {
  refuseExtras(rest);
  if (rest.includes('@')) throw invalid('a tcp:// endpoint has no user or password');
  const { host, port } = hostAndPort(rest.replace(/\/$/, ''));
  return { kind: 'tcp', host, port: port ?? defaultTcpPort };
}

/** Adds TLS to a `tcp://` endpoint; one that names no port then means 2376 instead of 2375. */
export function withTls(endpoint: Endpoint & { kind: 'tcp' }, text: string, tls: TlsFiles): Endpoint {
  const namesPort = /:\d+\/?$/.test(text.trim());
  return { ...endpoint, port: namesPort ? endpoint.port : defaultTlsPort, tls };
}

function hostAndPort(text: string): { host: string; port?: number } {
  const bracket = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  const bare = bracket ? undefined : /^([^:]*)(?::([^:]*))?$/.exec(text);
  const host = bracket?.[1] ?? bare?.[1];
  if (host === undefined) throw invalid('the host is not readable; write IPv6 addresses in brackets: [fd00::1]:22');
  const valid = bracket ? ipv6Pattern.test(host) : hostPattern.test(host);
  if (host === '') throw invalid('the host is missing');
  if (host.startsWith('-')) throw invalid('the host begins with "-"');
  if (!valid) throw invalid('the host has characters that are not allowed');
  if (!bracket && numericPattern.test(host) && !isIPv4(host))
    throw invalid('the host looks like an IPv4 address but is none; write four numbers from 0 to 255');
  const portText = bracket ? bracket[2] : bare?.[2];
  return portText === undefined ? { host } : { host, port: portNumber(portText) };
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65535) throw invalid('the port is not a number from 1 to 65535');
  return port;
}

function refuseExtras(text: string): void {
  if (text.includes('?')) throw invalid('an endpoint has no query ("?...")');
  if (text.includes('#')) throw invalid('an endpoint has no fragment ("#...")');
}

function absolutePath(path: string, example: string): string {
  if (!path.startsWith('/')) throw invalid(`the path is not absolute; for example ${example}`);
  if (badInPath.test(path)) throw invalid('the path has characters that are not allowed');
  return path;
}

function pipePath(rest: string): string {
  const path = rest.replaceAll('/', '\\');
  if (!/^\\\\[.\p{L}\p{N}_-]+\\pipe\\[\p{L}\p{N}._\\ -]+$/u.test(path))
    throw invalid('the pipe is not readable; for example npipe:////./pipe/docker_engine');
  return path;
}

function contextName(rest: string): string {
  const name = rest.replace(/\/$/, '');
  if (!isContextName(name)) throw invalid('that is not a name of a Docker context');
  return name;
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch (error) {
    throw new OverlayError('hostConfigInvalid', { message: 'the path has a broken %-escape' }, { cause: error });
  }
}

const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);
const invalid = (message: string): OverlayError => new OverlayError('hostConfigInvalid', { message });
