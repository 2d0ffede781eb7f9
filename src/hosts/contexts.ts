import { isRecord } from '../base/record';
import { createHash } from 'node:crypto';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { OverlayError, toOverlayError } from '../base/errors';
import { homeDirectory, type Environment } from '../base/home';
import { readSmallFile } from '../base/smallFile';
import type { Endpoint, TlsFiles } from '../model/host/host';
import { formatEndpoint, isContextName, parseEndpoint, withTls } from './endpoint';

/** One entry of the Docker context store. */
export interface DockerContext {
  readonly name: string;
  /** The text its author gave it. */
  readonly description: string;
  /** The CLI would use this one now. */
  readonly current: boolean;
  readonly target:
    | { readonly kind: 'usable'; readonly endpoint: Endpoint; readonly endpointText: string }
    | { readonly kind: 'broken'; readonly error: OverlayError };
}

// The CLI's own limit is the same order; a store is a few hundred bytes an entry.
const maxMetaBytes = 1024 * 1024;
const maxContexts = 500;

/** Of a certificate file that is taken seriously; a CA with all its intermediates has some KB. */
export const maxPemBytes = 1024 * 1024;

/** Folder of the CLI's configuration: DOCKER_CONFIG or `~/.docker`. */
export function dockerConfigDir(env: Environment): string {
  const configured = env['DOCKER_CONFIG'];
  return configured ? path.resolve(configured) : path.join(homeDirectory(env), '.docker');
}

/**
 * All contexts, `default` first, the broken ones with what is wrong with them. Layout and precedence as in
 * docker/cli: `contexts/meta/<sha256 of name>/meta.json`; DOCKER_HOST, DOCKER_CONTEXT, `currentContext`, default.
 */
export async function listContexts(env: Environment = process.env): Promise<DockerContext[]> {
  const current = await currentContext(env);
  const metaDir = path.join(dockerConfigDir(env), 'contexts', 'meta');
  const folders = (await readDirectory(metaDir)).filter((name) => /^[0-9a-f]{64}$/.test(name)).slice(0, maxContexts);
  const stored = await Promise.all(folders.map((folder) => describeFolder(env, metaDir, folder, current)));
  stored.sort((a, b) => a.name.localeCompare(b.name));
  return [await describeDefault(env, current), ...stored];
}

/**
 * The concrete endpoint of a context: never another `context://`.
 *
 * @throws OverlayError `contextNotFound` or `contextInvalid`.
 */
export async function readContext(name: string, env: Environment = process.env): Promise<Endpoint> {
  if (!isContextName(name)) throw broken(name.slice(0, 100), 'that is not a name of a Docker context');
  if (name === 'default') return defaultEndpoint(env);
  const folder = createHash('sha256').update(name).digest('hex');
  const metaFile = path.join(dockerConfigDir(env), 'contexts', 'meta', folder, 'meta.json');
  const meta = await readMeta(metaFile, name);
  if (meta.name !== name) throw broken(name, 'its meta.json names another context');
  return endpointOf(env, folder, meta);
}

interface Meta {
  readonly name: string;
  readonly description: string;
  /** Empty for the engine of this machine. */
  readonly host: string;
  readonly skipTlsVerify: boolean;
}

async function describeFolder(env: Environment, dir: string, folder: string, current: string): Promise<DockerContext> {
  let name = folder.slice(0, 12);
  let description = '';
  try {
    const meta = await readMeta(path.join(dir, folder, 'meta.json'), name);
    if (createHash('sha256').update(meta.name).digest('hex') !== folder)
      throw broken(name, 'the folder does not belong to the name in its meta.json');
    ({ name, description } = meta);
    if (!isContextName(name)) throw broken(name.slice(0, 100), 'its name is not allowed');
    const endpoint = await endpointOf(env, folder, meta);
    return { name, description, current: name === current, target: usable(endpoint) };
  } catch (caught) {
    const error = toOverlayError(caught);
    // Its meta.json may be readable as far as the name.
    name = error.params.name ?? name;
    return { name, description, current: name === current, target: { kind: 'broken', error } };
  }
}

async function describeDefault(env: Environment, current: string): Promise<DockerContext> {
  const description = env['DOCKER_HOST'] ? 'from DOCKER_HOST' : 'this machine';
  const common = { name: 'default', description, current: current === 'default' };
  try {
    return { ...common, target: usable(await defaultEndpoint(env)) };
  } catch (error) {
    return { ...common, target: { kind: 'broken', error: toOverlayError(error) } };
  }
}

const usable = (endpoint: Endpoint) =>
  ({ kind: 'usable', endpoint, endpointText: formatEndpoint(endpoint) }) as const satisfies DockerContext['target'];

async function currentContext(env: Environment): Promise<string> {
  if (env['DOCKER_HOST']) return 'default';
  if (env['DOCKER_CONTEXT']) return env['DOCKER_CONTEXT'];
  // No or an unreadable config.json: the CLI falls back to the default context as well.
  const file = await readSmallFile(path.join(dockerConfigDir(env), 'config.json'), maxMetaBytes);
  const name = file.kind === 'text' ? parseObject(file.text)?.['currentContext'] : undefined;
  return typeof name === 'string' && name !== '' ? name : 'default';
}

const localEndpoint: Endpoint =
  process.platform === 'win32'
    ? { kind: 'pipe', path: '\\\\.\\pipe\\docker_engine' }
    : { kind: 'socket', path: '/var/run/docker.sock' };

async function defaultEndpoint(env: Environment): Promise<Endpoint> {
  const host = fullDockerHost(env['DOCKER_HOST'] ?? '');
  if (host === '') return localEndpoint;
  const endpoint = concrete('default', host);
  if (endpoint.kind !== 'tcp' || !(env['DOCKER_TLS_VERIFY'] || env['DOCKER_TLS'])) return endpoint;
  const skipVerify = !env['DOCKER_TLS_VERIFY'];
  const tls = await findTls('default', path.resolve(env['DOCKER_CERT_PATH'] || dockerConfigDir(env)), skipVerify);
  // Without a port docker takes 2375 here, with and without TLS.
  return { ...endpoint, tls: tls ?? { skipVerify } };
}

/** DOCKER_HOST with what may be left out of it (docker/cli `opts.ParseHost`); empty for the engine of this machine. */
function fullDockerHost(value: string): string {
  const text = value.trim();
  if (text.startsWith('/')) return `unix://${text}`;
  const [, scheme = 'tcp', rest = ''] = /^(?:([^:/]*):\/\/)?(.*)$/s.exec(text) ?? [];
  if (text === '' || (rest === '' && (scheme === 'unix' || scheme === 'npipe'))) return '';
  return `${scheme}://${scheme === 'tcp' && /^(:|$)/.test(rest) ? 'localhost' : ''}${rest}`;
}

async function endpointOf(env: Environment, folder: string, meta: Meta): Promise<Endpoint> {
  if (meta.host === '') return localEndpoint;
  // docker/cli keeps `http(s)://` too: the same as tcp without and with TLS.
  const endpoint = concrete(meta.name, meta.host.replace(/^https?:\/\//i, 'tcp://'));
  if (endpoint.kind !== 'tcp') return endpoint;
  const dir = path.join(dockerConfigDir(env), 'contexts', 'tls', folder, 'docker');
  const found = await findTls(meta.name, dir, meta.skipTlsVerify);
  const tls = found ?? (/^https:/i.test(meta.host) ? { skipVerify: false } : undefined);
  return tls ? withTls(endpoint, meta.host, tls) : endpoint;
}

function concrete(name: string, host: string): Endpoint {
  const scheme = /^([a-z]+):\/\//i.exec(host)?.[1];
  if (scheme === undefined) throw broken(name, 'its endpoint has no scheme, like ssh:// or tcp://');
  if (!/^(ssh|unix|npipe|tcp)$/i.test(scheme)) throw broken(name, 'its endpoint is of an unknown kind');
  try {
    return parseEndpoint(host);
  } catch (error) {
    throw broken(name, toOverlayError(error).params.message ?? 'its endpoint is not readable', error);
  }
}

/** Paths of those that are there: what is in them, the private key above all, is read by who connects. */
async function findTls(name: string, dir: string, skipVerify: boolean): Promise<TlsFiles | undefined> {
  const files: { ca?: string; cert?: string; key?: string } = {};
  for (const part of ['ca', 'cert', 'key'] as const) {
    const file = path.join(dir, `${part}.pem`);
    try {
      await fs.access(file, fs.constants.R_OK);
      files[part] = file;
    } catch (error) {
      if (isMissing(error)) continue;
      throw broken(name, `its ${part}.pem cannot be read`, error);
    }
  }
  return Object.keys(files).length > 0 || skipVerify ? { ...files, skipVerify } : undefined;
}

async function readMeta(path: string, name: string): Promise<Meta> {
  const file = await readSmallFile(path, maxMetaBytes);
  if (file.kind === 'missing') throw new OverlayError('contextNotFound', { name });
  if (file.kind === 'unusable') throw broken(name, `its meta.json cannot be used: ${file.problem}`);
  const raw = parseObject(file.text);
  if (!raw || typeof raw['Name'] !== 'string') throw broken(name, 'its meta.json is not valid');
  const docker = record(record(raw['Endpoints'])?.['docker']);
  const host = docker?.['Host'] ?? '';
  if (!docker || typeof host !== 'string') throw broken(raw['Name'].slice(0, 100), 'it has no Docker endpoint');
  const description = record(raw['Metadata'])?.['Description'];
  return {
    name: raw['Name'],
    description: typeof description === 'string' ? description.slice(0, 500) : '',
    host: host.trim(),
    skipTlsVerify: docker['SkipTLSVerify'] === true,
  };
}

async function readDirectory(dir: string): Promise<string[]> {
  try {
    return await fs.readdir(dir);
  } catch (error) {
    return isFileError(error) ? [] : rethrow(error);
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return record(JSON.parse(text));
  } catch (error) {
    // Only a syntax error can come from JSON.parse; the caller says which file is broken.
    return error instanceof SyntaxError ? undefined : rethrow(error);
  }
}

const record = (value: unknown): Record<string, unknown> | undefined => (isRecord(value) ? value : undefined);

function rethrow(error: unknown): never {
  throw error;
}

const isFileError = (error: unknown): boolean => error instanceof Error && 'code' in error;
const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
const broken = (name: string, message: string, cause?: unknown): OverlayError =>
  new OverlayError('contextInvalid', { name, message }, { cause });
