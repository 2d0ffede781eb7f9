import Docker from 'dockerode';
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { isRecord } from '../../base/record';
import { HttpFailure } from '../errors/failure';
import { readHead, readText } from './streams';
import type { HttpLink } from './httpLink';

/** Query and body of a call; dockerode passes them through untouched under these names. */
export interface RouteOptions {
  readonly _query?: Readonly<Record<string, string | undefined>>;
  readonly _body?: unknown;
  /** The stream behind an upgrade is held for as long as a person likes, see `StreamSlots`. */
  readonly _isLong?: boolean;
}

type Route = (parts?: RouteOptions) => Promise<unknown>;

/**
 * dockerode as far as it is used here. Its published types lack fields and promise others that are not there, so every
 * answer is `unknown` until a decoder has seen it.
 */
export interface Routes {
  info(): Promise<unknown>;
  swarmInit: Route;
  swarmJoin: Route;
  swarmLeave: Route;
  swarmUpdate: Route;
  swarmInspect(): Promise<unknown>;
  swarmUnlockKey(): Promise<unknown>;
  swarmUnlock: Route;
  listNodes(): Promise<unknown>;
  getNode(id: string): { inspect(): Promise<unknown>; update: Route; remove: Route };
  listTasks: Route;
  listServices: Route;
  listNetworks: Route;
  createNetwork(parts: RouteOptions): Promise<{ id: unknown }>;
  getNetwork(id: string): { inspect: Route; remove(): Promise<unknown>; connect: Route; disconnect: Route };
  listContainers: Route;
  createContainer(parts: RouteOptions): Promise<{ id: unknown }>;
  getContainer(id: string): {
    inspect(): Promise<unknown>;
    start(): Promise<unknown>;
    remove: Route;
    exec(parts: RouteOptions): Promise<{ id: unknown }>;
  };
  getExec(id: string): {
    start(parts: RouteOptions & { hijack: boolean; stdin: boolean }): Promise<unknown>;
    inspect(): Promise<unknown>;
    resize: Route;
  };
  getImage(name: string): { inspect(): Promise<unknown>; get(): Promise<unknown> };
  createImage: Route;
  loadImage(tar: Readable, parts: RouteOptions): Promise<unknown>;
  getEvents: Route;
}

/** What dockerode hands to its modem. */
interface DialOptions {
  readonly path: string;
  readonly method: string;
  readonly options?: RouteOptions | null;
  readonly isStream?: boolean;
  readonly hijack?: boolean;
  readonly file?: Readable;
  readonly statusCodes: Readonly<Record<number, true | string>>;
}

type Done = (error: unknown, data: unknown) => void;

/**
 * dockerode with a modem of our own, for one call.
 *
 * docker-modem 5.0.7 is not used: it fills what is not given from DOCKER_HOST and its kin, runs `util.inspect` over
 * all options of each request (4 ms, and `DEBUG=modem` prints join tokens), follows redirects, and logs in anew for
 * each request over SSH. dockerode gives the routes, {@link HttpLink} sends them.
 *
 * @param version negotiated API version, "1.41".
 */
export function routesFor(link: HttpLink, version: string, signal: AbortSignal): Routes {
  const modem = {
    dial(call: DialOptions, done: Done): void {
      dial(link, version, call, signal).then(
        (data) => done(null, data),
        (error: unknown) => done(error, null),
      );
    },
  };
  const options = { protocol: 'http' as const, modem };
  const docker = new Docker(options) as unknown as Omit<Routes, 'swarmUnlockKey' | 'swarmUnlock'>;
  const direct = (method: string, path: string, parts?: RouteOptions) =>
    dial(link, version, { method, path, options: parts, statusCodes: { 200: true } }, signal);
  // dockerode has no routes for these two.
  return Object.assign(docker, {
    swarmUnlockKey: () => direct('GET', '/swarm/unlockkey'),
    swarmUnlock: (parts?: RouteOptions) => direct('POST', '/swarm/unlock', parts),
  });
}

async function dial(link: HttpLink, version: string, call: DialOptions, signal: AbortSignal): Promise<unknown> {
  const body = bodyOf(call);
  const answer = await link.send({
    method: call.method,
    path: `/v${version}${pathOf(call)}`,
    headers: body === undefined ? {} : { 'Content-Type': call.file ? 'application/x-tar' : 'application/json' },
    body,
    upgrade: call.hijack === true,
    isLong: call.options?._isLong === true,
    signal,
  });
  if (answer.kind === 'stream') return answer.stream;
  const { response } = answer;
  const status = response.statusCode ?? 0;
  // 304: it is already so, e.g. a container that was started before.
  if (call.statusCodes[status] !== true && status !== 304) throw await failureOf(response, status);
  if (call.isStream) return response;
  const parsed = parseJson(await readText(response));
  // dockerode reads `Id` of what a creation answers; `null` of a listing is how Go writes an empty one.
  return call.method === 'GET' ? parsed : (parsed ?? {});
}

function pathOf(call: DialOptions): string {
  const [path = ''] = call.path.split('?');
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(call.options?._query ?? {})) if (value !== undefined) query.set(key, value);
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

function bodyOf(call: DialOptions): string | Readable | undefined {
  if (call.file) return call.file;
  const body = call.options?._body;
  return body === undefined ? undefined : JSON.stringify(body);
}

async function failureOf(response: IncomingMessage, status: number): Promise<HttpFailure> {
  const text = await readHead(response);
  const parsed = tryParse(text);
  const message = isRecord(parsed) && 'message' in parsed ? parsed.message : text;
  return new HttpFailure(status, typeof message === 'string' ? message : text);
}

/** An empty body, which is the answer of most changes, becomes an empty object. */
function parseJson(text: string): unknown {
  if (text.trim() === '') return {};
  const parsed = tryParse(text);
  if (parsed === undefined) throw new HttpFailure(200, 'the answer is not JSON; is this a Docker engine?');
  return parsed;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
