import { request, type RequestOptions } from 'node:http';
import type { Readable } from 'node:stream';

/** An engine's answer. `text` is the body as it came; `json()` reads it. */
export interface EngineAnswer {
  status: number;
  text: string;
  json<T>(): T;
}

/**
 * One request to an engine over its unix socket, without the product's own client: the lab must be able to look at an
 * engine while that client is what is being tested. Rejects after 60 s and when the connection breaks; any answer
 * resolves, whatever its status.
 */
export function engineRequest(socketPath: string, method: string, path: string, body?: unknown): Promise<EngineAnswer> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers =
    text === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
  return send({ socketPath, method, path, headers }, text);
}

/** As engineRequest, but an answer of 400 and above is an error with the engine's own words. */
export async function engineCall<T>(socketPath: string, method: string, path: string, body?: unknown): Promise<T> {
  const answer = await engineRequest(socketPath, method, path, body);
  if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${answer.text.trim()}`);
  return answer.text === '' ? (undefined as T) : answer.json<T>();
}

/** Sends a tar archive of `length` bytes. */
export function engineUpload(
  socketPath: string,
  path: string,
  archive: Readable,
  length: number,
): Promise<EngineAnswer> {
  return send(
    { socketPath, method: 'POST', path, headers: { 'Content-Type': 'application/x-tar', 'Content-Length': length } },
    archive,
  );
}

function send(options: RequestOptions, body: string | Readable | undefined): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    // A connection each: a kept one may belong to an engine that was killed meanwhile.
    const sent = request({ ...options, agent: false, timeout: 60_000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, text, json: <T>() => JSON.parse(text) as T });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error(`${options.method} ${options.path}: no answer in 60 s`)));
    sent.on('error', reject);
    if (body === undefined || typeof body === 'string') sent.end(body);
    else body.on('error', reject).pipe(sent);
  });
}
