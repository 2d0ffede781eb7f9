import { UsageError } from './cli';
import { parseTraffic, type DaemonName, type Direction } from './faults';
import type { Lab } from './lab';

/** Runs what follows `lab fault`. Resolves to the exit code. */
export async function runFaultCommand(
  lab: Lab,
  words: readonly string[],
  flags: { peer: string | undefined; port: string | undefined },
): Promise<number> {
  const [verb, hostName, ...rest] = words;
  if (verb === 'clear' && hostName === undefined) {
    await lab.clearFaults();
    return 0;
  }
  if (hostName === undefined) throw new UsageError('Which host?');
  const { fault } = lab.host(hostName);
  switch (verb) {
    case 'cut':
      await fault.cut();
      break;
    case 'restore':
      await fault.restore();
      break;
    case 'block':
    case 'unblock':
      await fault[verb]({ ...parseTraffic(rest[0] ?? ''), direction: direction(rest[1]), peer: flags.peer });
      break;
    case 'mtu':
      await fault.mtu(number(rest[0]));
      break;
    case 'loss':
      await fault.loss(number(rest[0]), flags.port === undefined ? undefined : parseTraffic(flags.port));
      break;
    case 'kill':
    case 'freeze':
    case 'thaw':
    case 'stop':
    case 'start':
    case 'restart':
      await fault[verb](daemon(rest[0]));
      break;
    case 'clear':
      await fault.clear();
      break;
    default:
      throw new UsageError(`There is no fault "${verb ?? ''}".`);
  }
  return 0;
}

function direction(word: string | undefined): Direction {
  if (word === 'in' || word === 'out') return word;
  throw new UsageError('Which direction, in or out?');
}

function daemon(word: string | undefined): DaemonName {
  if (word === 'dockerd' || word === 'sshd') return word;
  throw new UsageError('Which daemon, dockerd or sshd?');
}

function number(word: string | undefined): number {
  const value = Number(word);
  if (word === undefined || Number.isNaN(value)) throw new UsageError(`"${word ?? ''}" is not a number.`);
  return value;
}
