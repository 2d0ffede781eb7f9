import type { Fleet } from '../../../swarm/fleet';
import type { HostsFilter } from '../hostsFilter';
import { askFilter } from './askFilter';
import { filterMessage } from '../tree/hostFilter';
import type { CommandTable } from '../../command/register';

/** The filter of the Hosts view. */
export function filterCommands(fleet: Fleet, filter: HostsFilter) {
  return {
    'dockerOverlay.hosts.filter': async (args) => {
      filter.set(args.text ?? (await ask(fleet, filter)));
      return { text: filter.current?.text ?? '' };
    },
    'dockerOverlay.hosts.clearFilter': () => filter.set(''),
  } satisfies Partial<CommandTable>;
}

/** The view follows the typing; dismissed, it shows what it did before. */
async function ask(fleet: Fleet, filter: HostsFilter): Promise<string> {
  const before = filter.current?.text ?? '';
  const preview = (text: string): string => {
    filter.set(text);
    return filter.current ? filterMessage(fleet.topology, filter.current) : '';
  };
  return (await askFilter(before, preview)) ?? before;
}
