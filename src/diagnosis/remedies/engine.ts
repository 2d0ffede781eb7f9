import type { HostName } from '../../model/host/host';
import type { Command } from './command';

/** What Docker there has logged lately. */
export const lastWords = (host: HostName): Command => ({
  host,
  label: 'last words of Docker',
  command: 'sudo journalctl -u docker -n 50',
});

/** Stops the containers there, see `restartStops`. */
export const restartDocker = (host: HostName): Command => ({
  host,
  label: 'restart Docker',
  command: 'sudo systemctl restart docker',
});

/** The version of the engine there. */
export const dockerVersion = (host: HostName): Command => ({
  host,
  label: 'version',
  command: 'docker version --format "{{.Server.Version}}"',
});

/** Who there listens on a port of the swarm. */
export const whoListens = (host: HostName, port: number): Command => ({
  host,
  label: 'who listens',
  command: `sudo ss -lntup sport = :${port}`,
});

/** Whether the kernel there was built with ESP. */
export const kernelConfigOfEsp = (host: HostName): Command => ({
  host,
  label: 'what the kernel has',
  command: 'zgrep CONFIG_INET_ESP= /proc/config.gz || grep CONFIG_INET_ESP= "/boot/config-$(uname -r)"',
});

/** Whether ESP can be used there. */
export const loadEsp = (host: HostName): Command => ({
  host,
  label: 'kernel has ESP',
  command: 'sudo modprobe esp4 && echo "ESP is there"',
});
