import { optionalText, raw, text, textMap } from './json';
import type { EngineEvent } from '../api';

/**
 * One record of `GET /events`. Up to API 1.51 container events also come as status/id/from, from 1.52 as
 * Type/Action/Actor only; the newer form is preferred where both are there.
 *
 * @returns undefined for what is no event.
 */
export function decodeEvent(value: unknown): EngineEvent | undefined {
  const event = raw(value);
  const actor = raw(event.Actor);
  const action = optionalText(event.Action) ?? optionalText(event.status);
  if (action === undefined) return undefined;
  const attributes = textMap(actor.Attributes);
  const image = optionalText(event.from);
  return {
    // Before there were types, all events were about containers.
    type: optionalText(event.Type) ?? 'container',
    action,
    actorId: optionalText(actor.ID) ?? text(event.id),
    attributes: image !== undefined && attributes.image === undefined ? { ...attributes, image } : attributes,
  };
}
