import type { Duplex } from 'node:stream';
import { onTimeout } from '../errors';
import { withDeadline } from '../../base/time';
import { oneLine } from '../../base/text/oneLine';

/** What came back for one small request over a fresh stream. */
export type PingAnswer =
  /** A Docker engine, or a proxy that speaks for one. */
  | { readonly kind: 'docker' }
  /** HTTP, but not what an engine says. */
  | { readonly kind: 'http'; readonly status: number; readonly text: string }
  /** Closed, or not HTTP. */
  | { readonly kind: 'closed'; readonly text: string };

/** Bytes of an answer that are read. */
const maxAnswerBytes = 16 * 1024;
const pingTimeoutMs = 15_000;

/**
 * Sends `GET /_ping` and reads the answer; the stream is of no further use. That a stream opens proves little: only an
 * answer shows that an engine is behind it.
 *
 * @throws what the stream fails with, `requestTimeout`, `cancelled`.
 */
export async function rawPing(stream: Duplex, host: string, signal?: AbortSignal): Promise<PingAnswer> {
  try {
    const text = await withDeadline(pingTimeoutMs, onTimeout(host, 'ping', pingTimeoutMs), signal, () =>
      exchange(stream),
    );
    return interpret(text);
  } finally {
    stream.on('error', () => undefined);
    stream.destroy();
  }
}

function exchange(stream: Duplex): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = () => resolve(Buffer.concat(chunks).toString('utf8'));
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maxAnswerBytes) finish();
    });
    stream.once('end', finish);
    stream.once('close', finish);
    stream.once('error', reject);
    // "close": the engine ends the stream after its answer.
    const request = 'GET /_ping HTTP/1.1\r\nHost: docker\r\nUser-Agent: docker-overlay\r\nConnection: close\r\n\r\n';
    // One that has closed already tells it nowhere else.
    stream.write(request, (error) => {
      if (error) reject(error);
    });
  });
}

function interpret(text: string): PingAnswer {
  // Go's refusal of plain HTTP on a TLS port has no header at all.
  const head = /^HTTP\/1\.[01] (\d{3})[^\r\n]*\r?\n((?:[^\r\n]+\r?\n)*)\r?\n([\s\S]*)$/.exec(text);
  if (!head) return { kind: 'closed', text: oneLine(text) };
  const status = Number(head[1]);
  const isDocker = /^(api-version|ostype|docker-experimental):/im.test(head[2] ?? '');
  if (status === 200 && (isDocker || (head[3] ?? '').includes('OK'))) return { kind: 'docker' };
  return { kind: 'http', status, text: oneLine(head[3] ?? '') };
}
