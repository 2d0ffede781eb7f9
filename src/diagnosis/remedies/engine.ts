import type { HostName } from '../../model/host/host';
import type { Command } from './command';

/** A command that is the same on every host. */
const command =
  (label: string, text: string) =>
  (host: HostName): Command => ({ host, label, command: text });

/** What Docker there has logged lately. */
export const lastWords = command('last words of Docker', 'sudo journalctl -u docker -n 50');

/** Stops the containers there, see `restartStops`. */
export const restartDocker = command('restart Docker', 'sudo systemctl restart docker');

/** The version of the engine there. */
export const dockerVersion = command('version', 'docker version --format "{{.Server.Version}}"');

/** Who there listens on a port of the swarm. */
export const whoListens = (host: HostName, port: number): Command =>
  command('who listens', `sudo ss -lntup sport = :${port}`)(host);

/** Whether the kernel there was built with ESP. */
export const kernelConfigOfEsp = command(
  'what the kernel has',
  'zgrep CONFIG_INET_ESP= /proc/config.gz || grep CONFIG_INET_ESP= "/boot/config-$(uname -r)"',
);

/** Whether ESP can be used there. */
export const loadEsp = command('kernel has ESP', 'sudo modprobe esp4 && echo "ESP is there"');
