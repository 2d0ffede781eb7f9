import { PassThrough, Readable } from 'node:stream';
import { isOverlayError } from '../../base/errors';
import { toDisposable, type Disposable } from '../../base/disposable';
import { cancelled } from '../../base/time';
import { timeoutError, timeoutOf, type CallContext, type Client } from '../http/client';
import { notUnderstood, raw, required, text } from '../decode/json';
import { pullProgress, streamError } from '../decode/pull';
import type { ImageApi, RequestOptions } from '../api';
import { HttpFailure } from '../errors/failure';
import { checkedImage } from '../ids';
import { readJsonLines } from '../http/streams';

/** `/images` of the Engine API. */
export function imageApi(client: Client): ImageApi {
  return {
    find: async (reference, options) => {
      try {
        return await client.run({ action: 'image inspect', name: reference }, options, async (routes) => {
          const image = await routes.getImage(pathPart(reference)).inspect();
          const id = required(image, 'Id', (one) => /^sha256:[0-9a-f]{64}$/.test(one), 'an image');
          return { id, os: text(raw(image).Os), architecture: text(raw(image).Architecture) };
        });
      } catch (error) {
        if (isOverlayError(error, 'imageMissing')) return undefined;
        throw error;
      }
    },
    pull: (reference, onProgress, options) =>
      client.run({ action: 'image pull', name: reference }, options, async (routes) => {
        const stream = await routes.createImage({ _query: splitReference(checkedImage(reference)) });
        const fold = pullProgress();
        await readRecords(stream, (record) => {
          const { share, words } = fold(record);
          onProgress?.(share, words);
        });
      }),
    save: (reference, options) => save(client, reference, options),
    load: (tar, options) =>
      client.run({ action: 'image load' }, options, async (routes, signal) => {
        const source = Readable.prototype.isPrototypeOf(tar) ? (tar as Readable) : new Readable().wrap(tar);
        const stop = () => source.destroy();
        signal.addEventListener('abort', stop, { once: true });
        try {
          await readRecords(await routes.loadImage(source, { _query: { quiet: '1' } }), () => undefined);
        } finally {
          signal.removeEventListener('abort', stop);
          // An engine may refuse before it has read all: nobody reads the rest.
          source.destroy();
        }
      }),
  };
}

/** `{registry/path}/json` of a reference goes into a path: slashes are part of it, everything else is encoded. */
const pathPart = (reference: string): string => encodeURIComponent(checkedImage(reference));

/** "alpine" -> latest; "alpine:3.20"; "host:5000/alpine"; "alpine@sha256:...". Without a tag all tags would be pulled. */
export function splitReference(reference: string): { fromImage: string; tag: string } {
  const digest = reference.indexOf('@');
  if (digest > 0) return { fromImage: reference.slice(0, digest), tag: reference.slice(digest + 1) };
  const colon = reference.lastIndexOf(':');
  if (colon > reference.lastIndexOf('/')) {
    return { fromImage: reference.slice(0, colon), tag: reference.slice(colon + 1) };
  }
  return { fromImage: reference, tag: 'latest' };
}

/** Pulls and loads answer 200 at once; their failure comes as a record. */
async function readRecords(stream: unknown, onRecord: (record: unknown) => void): Promise<void> {
  if (!(stream instanceof Readable)) throw notUnderstood('a stream');
  let failure: string | undefined;
  await readJsonLines(stream, (record) => {
    failure ??= streamError(record);
    onRecord(record);
  });
  if (failure !== undefined) throw new HttpFailure(500, failure);
}

async function save(client: Client, reference: string, options?: RequestOptions): Promise<NodeJS.ReadableStream> {
  const context: CallContext = { action: 'image save', name: reference };
  const source = await client.run(context, options, async (routes) => {
    const image = routes.getImage(pathPart(reference));
    // A missing image is known before the first byte this way; the tar's own status comes too late on some engines.
    const id = text(raw(await image.inspect()).Id);
    if (id === '') throw notUnderstood('an image');
    return image.get();
  });
  if (!(source instanceof Readable)) throw notUnderstood('a stream');
  return guarded(client, context, source, options);
}

/** Passes a long stream on: ends it on abort and when its time is up, and translates what breaks it. */
function guarded(client: Client, context: CallContext, source: Readable, options?: RequestOptions): Readable {
  const out = new PassThrough();
  const ms = timeoutOf(context.action, options);
  const timer = setTimeout(() => out.destroy(timeoutError(client.host, context.action, ms)), ms);
  const aborts = onAborted(options?.signal, () => out.destroy(cancelled(options?.signal)));
  source.on('error', (error) => out.destroy(client.failure(error, context)));
  out.on('close', () => {
    clearTimeout(timer);
    aborts.dispose();
    source.destroy();
  });
  return source.pipe(out);
}

function onAborted(signal: AbortSignal | undefined, act: () => void): Disposable {
  if (signal?.aborted) act();
  else signal?.addEventListener('abort', act, { once: true });
  return toDisposable(() => signal?.removeEventListener('abort', act));
}
