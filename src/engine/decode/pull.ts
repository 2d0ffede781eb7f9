import { oneLine } from '../../base/text/oneLine';
import { count, optionalText, raw, text } from './json';

/** Part of a layer's way that is done once it is downloaded; unpacking is the rest. */
const downloaded = 0.7;

/** Layers that are followed: Docker makes images of at most 127. */
const maxLayers = 500;

/** Folds the records of `POST /images/create` into a share (0..1) and words. */
export function pullProgress() {
  const layers = new Map<string, number>();
  let sum = 0;
  let finished = 0;
  const follow = (layer: string, share: number) => {
    const before = layers.get(layer) ?? 0;
    // A layer never goes back, e.g. from "Verifying Checksum" to a restarted download.
    const now = Math.max(share, before);
    if (!layers.has(layer) && layers.size >= maxLayers) return;
    layers.set(layer, now);
    sum += now - before;
    if (now === 1 && before < 1) finished += 1;
  };
  return (record: unknown): { share: number | undefined; words: string } => {
    const { id, status, progressDetail } = raw(record);
    const words = oneLine(text(status));
    const layer = optionalText(id);
    const done = shareOf(words, raw(progressDetail).current, raw(progressDetail).total);
    if (layer !== undefined && done !== undefined) follow(layer, done);
    if (layers.size === 0) return { share: undefined, words };
    return {
      share: finished === layers.size ? 1 : Math.min(1, sum / layers.size),
      words: `${finished} of ${layers.size} layer${layers.size === 1 ? '' : 's'}`,
    };
  };
}

/** @returns undefined for records that are not about a layer ("Pulling from library/alpine"). */
function shareOf(status: string, current: unknown, total: unknown): number | undefined {
  const part = count(total) > 0 ? Math.min(1, count(current) / count(total)) : 0;
  switch (status) {
    case 'Pulling fs layer':
    case 'Waiting':
      return 0;
    case 'Downloading':
      return part * downloaded;
    case 'Verifying Checksum':
    case 'Download complete':
      return downloaded;
    case 'Extracting':
      return downloaded + part * (1 - downloaded);
    case 'Pull complete':
    case 'Already exists':
      return 1;
    default:
      return undefined;
  }
}

/** The error in a record of a pull or load, which comes after the status 200 was sent. */
export function streamError(record: unknown): string | undefined {
  const { error, errorDetail } = raw(record);
  return optionalText(raw(errorDetail).message) ?? optionalText(error);
}
