import { expandHome, type Environment } from '../../../base/home';
import type { Endpoint } from '../../../model/host/host';

/** How a terminal on a host is opened. */
export type TerminalCommand =
  | { readonly kind: 'ssh'; readonly program: string; readonly args: readonly string[] }
  | { readonly kind: 'local' }
  | { readonly kind: 'none'; readonly why: string };

/**
 * The person's own ssh with their own configuration; its arguments are a list that no shell reads, and the host comes
 * after `--`, where it cannot be an option. Pure.
 *
 * @param env for a leading `~` of the configuration file: no shell expands it.
 */
export function terminalCommand(
  endpoint: Exclude<Endpoint, { kind: 'context' }>,
  ssh: { readonly program: string; readonly configFile?: string },
  env: Environment,
): TerminalCommand {
  switch (endpoint.kind) {
    case 'ssh': {
      const args = [
        ...(ssh.configFile ? ['-F', expandHome(ssh.configFile, env)] : []),
        ...(endpoint.user === undefined ? [] : ['-l', endpoint.user]),
        ...(endpoint.port === undefined ? [] : ['-p', String(endpoint.port)]),
        '--',
        endpoint.host,
      ];
      return { kind: 'ssh', program: ssh.program, args };
    }
    case 'socket':
    case 'pipe':
      return { kind: 'local' };
    case 'tcp':
      return { kind: 'none', why: 'it is reached over TCP, which leads to its Docker and to no shell' };
  }
}
