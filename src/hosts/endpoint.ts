import { isIPv4 } from 'node:net';
import { OverlayError } from '../base/errors';
import type { Endpoint, TlsFiles } from '../model/host/host';
import { parsePort, splitUserAtHost } from './address';

/**
 * Host names, SSH aliases, IPv4 addresses. Nothing a shell, an option parser or a pattern of known_hosts could take for
 * something else: a host named `-oProxyCommand=...` executes it in careless callers.
 */
const hostPattern = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}._+-]*$/u;
const ipv6Pattern = /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%[A-Za-z0-9._-]+)?$/;
// What OpenSSH refuses in a user name (`valid_ruser` in ssh.c), for it may reach a shell through ProxyCommand.
const badInUser = /^-|[\u0000-\u001f\u007f'`";&<>|(){}]|\s-|\\$/;
// What stands for itself in the user of a URL; Go's net/url, and so docker, refuses all else.
const plainInUrlUser = /^[A-Za-z0-9._~!$&'()*+,;=%@-]*$/;
// A path on a server may come into a remote shell, which is not always one that our quotes are right for.
const badInRemotePath = /[\u0000-\u001f\u007f"'`$\\;&|<>*?]/;
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
 * With a scheme it means what it means to docker (docker/cli `connhelper/ssh`, which goes by Go's net/url): `%5C` in a user
 * is a backslash. Without one it means what it means to ssh: `CORP\\jdoe@host` as it is written.
 *
 * @throws OverlayError `hostConfigInvalid`; its text never repeats what may be a password.
 */
export function parseEndpoint(text: string): Endpoint {
  const trimmed = text.trim();
  if (trimmed === '') throw invalid('the endpoint is empty');
  if (trimmed.length > maxLength) throw invalid('the endpoint is too long');
  if (/[\u0000-\u001f\u007f]/.test(trimmed)) throw invalid('the endpoint contains control characters');
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/(.*)$/s.exec(trimmed);
  if (!scheme) return parsePlainSsh(trimmed);
  const rest = scheme[2] ?? '';
  switch (scheme[1]?.toLowerCase()) {
    case 'ssh':
      return parseSshUrl(rest);
    case 'unix':
      // As it is: docker decodes nothing in it either.
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
      const user = endpoint.user === undefined ? '' : `${encodeUser(endpoint.user)}@`;
      const port = endpoint.port === undefined ? '' : `:${endpoint.port}`;
      return `ssh://${user}${hostInUrl(endpoint.host)}${port}${encodePath(endpoint.socketPath ?? '')}`;
    }
    case 'socket':
      return `unix://${endpoint.path}`;
    case 'pipe':
      return `npipe://${endpoint.path.replaceAll('\\', '/')}`;
    case 'tcp':
      return `tcp://${hostInUrl(endpoint.host)}:${endpoint.port}`;
    case 'context':
      return `context://${endpoint.name}`;
  }
}

/** Whether an SSH alias can be an endpoint as it is: no pattern, no negation, nothing of another meaning. */
export function isSshHost(text: string): boolean {
  return hostPattern.test(text) && (!numericPattern.test(text) || isIPv4(text));
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

function parseSshUrl(rest: string): Endpoint {
  refuseExtras(rest);
  const [authority, path] = cutAt(rest, rest.indexOf('/'));
  const user = /^(.*)@/s.exec(authority)?.[1];
  refusePassword(user);
  if (user !== undefined && !plainInUrlUser.test(user))
    throw invalid(
      'the user name has characters that an ssh:// endpoint cannot hold; write them %-encoded ("\\" as %5C), or leave out ssh://',
    );
  const host = splitHost(authority, true);
  return sshEndpoint(user === undefined ? undefined : decode(user, 'user name'), host, path);
}

/** As `ssh` takes it: nothing in the user is encoded. */
function parsePlainSsh(text: string): Endpoint {
  const at = text.lastIndexOf('@');
  const slash = text.indexOf('/');
  if (slash >= 0 && slash < at)
    throw invalid(
      'it can be read in two ways; write ssh://user@host/path, and "/" in a user name or "@" in a path %-encoded',
    );
  const [authority, path] = cutAt(text, slash);
  refuseExtras(text.slice(at + 1));
  const user = at < 0 ? undefined : authority.slice(0, at);
  refusePassword(user);
  return sshEndpoint(user, splitHost(authority, false), path);
}

function sshEndpoint(user: string | undefined, { host, port }: HostAndPort, encodedPath: string): Endpoint {
  if (user !== undefined && badInUser.test(user))
    throw invalid(`the user name ${user.startsWith('-') ? 'begins with "-"' : 'has characters that are not allowed'}`);
  const path = decode(encodedPath, 'path');
  const socketPath = /^\/*$/.test(path) ? undefined : absolutePath(path, 'ssh://host/var/run/docker.sock');
  if (socketPath !== undefined && badInRemotePath.test(socketPath))
    throw invalid('the path has characters that are not allowed');
  return {
    kind: 'ssh',
    host,
    // An empty one is none, to docker as well.
    ...(user ? { user } : {}),
    ...(port === undefined ? {} : { port }),
    ...(socketPath === undefined ? {} : { socketPath }),
  };
}

function parseTcp(rest: string): Endpoint {
  refuseExtras(rest);
  if (rest.includes('@')) throw invalid('a tcp:// endpoint has no user or password');
  const [authority, path] = cutAt(rest, rest.indexOf('/'));
  if (path !== '' && path !== '/') throw invalid('a tcp:// endpoint with a path ("/...") is not supported');
  const { host, port } = splitHost(authority, true);
  return { kind: 'tcp', host, port: port ?? defaultTcpPort };
}

function cutAt(text: string, index: number): [before: string, rest: string] {
  return index < 0 ? [text, ''] : [text.slice(0, index), text.slice(index)];
}

/** Adds TLS to a `tcp://` endpoint; one that names no port then means 2376 instead of 2375. */
export function withTls(endpoint: Endpoint & { kind: 'tcp' }, text: string, tls: TlsFiles): Endpoint {
  const namesPort = /:\d+\/?$/.test(text.trim());
  return { ...endpoint, port: namesPort ? endpoint.port : defaultTlsPort, tls };
}

interface HostAndPort {
  readonly host: string;
  readonly port?: number;
}

/** @param isUrl the host may hold %-escapes, as in Go's net/url: of letters that are not ASCII, and before the zone of an address. */
function splitHost(authority: string, isUrl: boolean): HostAndPort {
  const parts = splitUserAtHost(authority);
  if (!parts || (!parts.bracketed && parts.port?.includes(':')))
    throw invalid('the host is not readable; write IPv6 addresses in brackets: [fd00::1]:22');
  const { bracketed } = parts;
  const host = isUrl ? decodeHost(parts.host, bracketed) : parts.host;
  if (host === '') throw invalid('the host is missing');
  if (host.startsWith('-')) throw invalid('the host begins with "-"');
  if (!(bracketed ? ipv6Pattern : hostPattern).test(host))
    throw invalid('the host has characters that are not allowed');
  if (!bracketed && numericPattern.test(host) && !isIPv4(host))
    throw invalid('the host looks like an IPv4 address but is none; write four numbers from 0 to 255');
  if (parts.port === undefined) return { host };
  const port = parsePort(parts.port);
  if (port === undefined) throw invalid('the port is not a number from 1 to 65535');
  return { host, port };
}

function decodeHost(host: string, bracketed: boolean): string {
  if (bracketed) return host.replace(/%25(?=.)/, '%');
  return /%[0-7]/.test(host) ? host : decode(host, 'host');
}

function refusePassword(user: string | undefined): void {
  if (user?.includes(':')) throw invalid('passwords do not belong in an endpoint; you are asked when one is needed');
}

function refuseExtras(text: string): void {
  if (text.includes('?')) throw invalid('an endpoint has no query ("?...")');
  if (text.includes('#')) throw invalid('an endpoint has no fragment ("#..."); in a user name write it as %23');
}

function absolutePath(path: string, example: string): string {
  if (!path.startsWith('/')) throw invalid(`the path is not absolute; for example ${example}`);
  return path;
}

function pipePath(rest: string): string {
  const path = rest.replaceAll('/', '\\');
  if (!/^\\\\[.\p{L}\p{N}_-]+\\pipe\\.+$/u.test(path))
    throw invalid('the pipe is not readable; for example npipe:////./pipe/docker_engine');
  return path;
}

function contextName(rest: string): string {
  const name = rest.replace(/\/$/, '');
  if (!isContextName(name)) throw invalid('that is not a name of a Docker context');
  return name;
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new OverlayError('hostConfigInvalid', { message: `the ${what} has a broken %-escape` }, { cause: error });
  }
}

const encodeUser = (user: string): string => encodeURIComponent(user).replaceAll('%40', '@').replaceAll('%2B', '+');
const encodePath = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
const hostInUrl = (host: string): string => (host.includes(':') ? `[${host.replace('%', '%25')}]` : host);
const invalid = (message: string): OverlayError => new OverlayError('hostConfigInvalid', { message });
