import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from './daemon';
import { hostKeyTypes } from './keys';
import type { LabMachine } from './machine';

/** A further SSH server on a host, or what is different in it. */
export interface SshdOptions {
  /** TCP port it listens on. 22 is taken by the host's own server. */
  port: number;
  /** Keywords of sshd_config that differ, such as `{ AllowStreamLocalForwarding: 'no', MaxSessions: '2' }`. */
  options?: Readonly<Record<string, string | readonly string[]>>;
  /** Text put at the end as it is, for `Match` blocks. */
  match?: string;
}

/** What every server of the lab is configured with unless its options say otherwise; the rest is OpenSSH's default. */
const defaults: Readonly<Record<string, string | readonly string[]>> = {
  HostKey: hostKeyTypes.map((type) => `/etc/ssh/ssh_host_${type}_key`),
  PermitRootLogin: 'prohibit-password',
  PasswordAuthentication: 'yes',
  KbdInteractiveAuthentication: 'no',
  // Passwords are checked against /etc/shadow without it; keyboard-interactive needs it.
  UsePAM: 'no',
  UseDNS: 'no',
  PrintMotd: 'no',
  Subsystem: 'sftp internal-sftp',
};

/** An SSH server of a host. Its file of configuration is written new at each call. */
export function sshdOf(host: LabMachine, wanted: SshdOptions): Daemon {
  const name = wanted.port === 22 ? 'sshd' : `sshd-${wanted.port}`;
  const given = wanted.options ?? {};
  const settings = { Port: String(wanted.port), PidFile: 'none', ...defaults, ...given };
  const lines = Object.entries(settings).flatMap(([keyword, value]) =>
    (typeof value === 'string' ? [value] : value).map((one) => `${keyword} ${one}`),
  );
  mkdirSync(join(host.dir, 'run/lab'), { recursive: true });
  writeFileSync(join(host.dir, 'run/lab', `${name}_config`), `${lines.join('\n')}\n${wanted.match ?? ''}\n`);
  return new Daemon(host, {
    name,
    // -D: no fork, so that its pid stays known. -e: its log goes where we read. The path must be absolute for its own re-exec.
    command: ['/usr/sbin/sshd', '-D', '-e', '-f', `/run/lab/${name}_config`],
    readyWords: 'Server listening on',
    // It forks a process or two a connection; without them the open connections would go on.
    family: (command) => command === 'sshd' || command.startsWith('sshd'),
  });
}
