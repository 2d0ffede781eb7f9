import { Readable } from 'node:stream';
import { OverlayError } from '../base/errors';
import type { Client } from './http/client';
import { notUnderstood } from './decode/json';
import { decodeEvent } from './decode/event';
import type { EventHandlers } from './api';
import { readJsonLines } from './http/streams';

/** Follows `GET /events`; see {@link Engine.events}. */
export async function followEvents(client: Client, handlers: EventHandlers, signal: AbortSignal): Promise<void> {
  let stream: Readable | undefined;
  const stop = () => stream?.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    stream = await subscribe(client, signal);
    handlers.onReady?.();
    await readJsonLines(stream, (record) => {
      const event = decodeEvent(record);
      if (event && !signal.aborted) handlers.onEvent(event);
    });
    if (!signal.aborted) throw new OverlayError('linkLost', { message: 'the event stream ended' });
  } catch (error) {
    if (!signal.aborted) throw client.failure(error, { action: 'events' });
  } finally {
    signal.removeEventListener('abort', stop);
    stream?.destroy();
  }
}

/**
 * The engine sends its headers a moment before it subscribes (moby, api/server/router/system getEvents). Asking for
 * everything since the second it told us just before closes that gap; at worst a second's events come again.
 */
async function subscribe(client: Client, signal: AbortSignal): Promise<Readable> {
  const { engineTime } = await client.ping({ signal });
  const since = Number.isFinite(engineTime) ? String(engineTime) : undefined;
  const stream = await client.run({ action: 'events' }, { signal }, (routes) =>
    routes.getEvents({ _query: { since } }),
  );
  if (!(stream instanceof Readable)) throw notUnderstood('a stream');
  return stream;
}
