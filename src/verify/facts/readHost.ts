import { isOverlayError } from '../../base/errors';
import type { HostReading } from '../../model/host/hostReading';
import { withHelper, type Helper, type HelperTask } from '../../probe/helperContainer';
import { probeLimits } from '../../probe/limits';
import { limits } from '../limits';
import { parseReading, readingMounts, readingScript } from './parseReading';
import type { ConnectedHost } from '../../probe/connectedHost';
import { bounded } from '../../probe/bounded';

/**
 * A short look at a host's own network and kernel through a helper container, which is removed whatever happens.
 *
 * @throws OverlayError what the engine refused, `requestTimeout`, `cancelled`.
 */
export async function readHost(target: ConnectedHost, task: HelperTask): Promise<HostReading> {
  const { signal } = task;
  const roundTrip = await bounded({ host: target.host, what: 'ping', ms: probeLimits.ping, signal }, (options) =>
    target.engine.ping(options),
  );
  for (const mounts of mountsToTry) {
    let isUp = false;
    try {
      return await withHelper(target, task, { mounts }, (helper) => {
        isUp = true;
        return readIn(helper, roundTrip);
      });
    } catch (error) {
      // A folder that is not there, or may not be mounted, makes the engine refuse the container.
      const isRefused = isOverlayError(error, 'engineError') && !isUp;
      if (!isRefused || mounts.length === 0) throw error;
      task.logger.debug(`${target.host}: not with ${mounts.map(({ source }) => source).join(' and ')}`);
    }
  }
  throw new RangeError('the last try is without mounts');
}

const [modulesFolder, bootFolder] = readingMounts;
const mountsToTry = [[modulesFolder, bootFolder], [modulesFolder], [bootFolder], []] as const;

async function readIn(helper: Helper, roundTrip: number): Promise<HostReading> {
  const lines: string[] = [];
  let clockAt = Date.now();
  const onLine = (line: string) => {
    if (line.startsWith('t ')) clockAt = Date.now();
    lines.push(line);
  };
  await helper.run(readingScript, onLine, limits.readingScript);
  const { clock, ...reading } = parseReading(lines);
  return {
    host: helper.host,
    ...reading,
    ...(clock !== undefined && { clockOffsetMs: clockOffset(clock, clockAt, roundTrip) }),
    takenAt: Date.now(),
  };
}

/**
 * The host's clock minus ours, ms.
 *
 * @param text epoch seconds; without decimals it was some time within that second.
 * @param arrivedAt when we heard of it by our clock, epoch ms.
 * @param roundTrip of a small request over the same link, ms: half of it the text was under way.
 */
export function clockOffset(text: string, arrivedAt: number, roundTrip: number): number {
  const whole = text.includes('.') ? 0 : 500;
  return Math.round(Number(text) * 1000 + whole - (arrivedAt - roundTrip / 2));
}
