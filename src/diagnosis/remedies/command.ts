import { isIP } from 'node:net';
import type { HostName } from '../../model/host/host';
import type { Finding } from '../../model/report/finding';

/** To copy, never run unasked; what it does was held against `RemedySafety`. */
export type Command = Finding['remedy']['commands'][number];

/** Commands for more hosts than these are the same again, and nobody reads them, number. */
const mostHosts = 12;

/** The hosts that commands are printed for. */
export const hostsForCommands = (hosts: readonly HostName[]): readonly HostName[] => hosts.slice(0, mostHosts);

/** Whether a text from outside may stand in a command where an address belongs. */
export function isAddress(text: string | undefined): text is string {
  return text !== undefined && isIP(text) !== 0 && !text.includes('%');
}

/** Names of interfaces come from the host: what is no usual name goes into no command. */
export const isLinkName = (name: string): boolean => /^[a-zA-Z0-9][\w.-]{0,14}$/.test(name);

/** Whether a text is the id of a node, and may stand in a command. */
export const isNodeId = (text: string | undefined): text is string =>
  text !== undefined && /^[a-z0-9]{12,64}$/.test(text);

/** Whether Docker takes a text as the name of a container; such a one needs no quoting. */
export const isDockerName = (name: string): boolean => /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name);
