import { count, optionalText, raw } from './decode';

/** Part of a layer's way that is done once it is downloaded; unpacking is the rest. */
const downloaded = 0.7;

/** Folds the records of `POST /images/create` into a share (0..1) and words. */
export function pullProgress() {
  const layers = new Map<string, number>();
  return (record: unknown): { share: number | undefined; words: string } => {
    const { id, status, progressDetail } = raw(record);
    const words = optionalText(status) ?? '';
    const layer = optionalText(id);
    if (layer !== undefined) {
      const done = shareOf(words, raw(progressDetail).current, raw(progressDetail).total);
      // A layer never goes back, e.g. from "Verifying Checksum" to a restarted download.
      if (done !== undefined) layers.set(layer, Math.max(done, layers.get(layer) ?? 0));
    }
    if (layers.size === 0) return { share: undefined, words };
    const all = [...layers.values()];
    const finished = all.filter((done) => done === 1).length;
    return {
      share: all.reduce((sum, done) => sum + done, 0) / all.length,
      words: `${finished} of ${all.length} layer${all.length === 1 ? '' : 's'}`,
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
