import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process';
import { baseDir } from './state';

/** Where Debian keeps programs. Nothing else, so that what a person has in /usr/local does not change the lab. */
export const systemPath = '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Programs the lab runs, and the Debian package of each. */
const programs: Readonly<Record<string, string>> = {
  dockerd: 'docker.io',
  docker: 'docker.io',
  containerd: 'containerd',
  runc: 'runc',
  sshd: 'openssh-server',
  'ssh-keygen': 'openssh-client',
  ssh: 'openssh-client',
  iptables: 'iptables',
  ip: 'iproute2',
  busybox: 'busybox-static',
  tcpdump: 'tcpdump',
  tini: 'tini',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  kill: 'procps',
};

/** Why no lab can be made here; its message is for a person and says what to do. */
export class LabUnsupportedError extends Error {}

/**
 * Looks whether this machine can hold a lab, before anything is made.
 * Throws LabUnsupportedError with every reason it found.
 */
export async function checkSystem(): Promise<void> {
  if (process.platform !== 'linux') {
    throw new LabUnsupportedError(
      `The lab needs Linux with root rights (a virtual machine will do); this is ${process.platform}.`,
    );
  }
  if (process.getuid?.() !== 0)
    throw new LabUnsupportedError('The lab needs root rights. Run it as root or with sudo.');
  if (!/^[\w./-]+$/.test(baseDir()) || baseDir().length > 40) {
    throw new LabUnsupportedError(
      `${baseDir()} cannot hold a lab: a path of at most 40 letters, digits, dots and hyphens is needed (DOCKER_OVERLAY_LAB_DIR).`,
    );
  }
  const missing = missingProgramPackages();
  if (missing.length > 0) {
    throw new LabUnsupportedError(
      `Debian packages are missing: ${missing.join(' ')}. Install them with: node scripts/setup/packages.mjs ${missing.join(' ')}`,
    );
  }
  const tried = await run([
    'unshare',
    '--net',
    '--mount',
    '--pid',
    '--fork',
    '--propagation',
    'private',
    'sh',
    '-c',
    trialScript,
  ]);
  const complaints = tried.stdout.split('\n').filter(Boolean);
  if (tried.code !== 0 && complaints.length === 0) complaints.push(`namespaces cannot be made: ${tried.stderr.trim()}`);
  if (complaints.length > 0) throw new LabUnsupportedError(`This system cannot hold a lab: ${complaints.join('; ')}.`);
}

/** Packages whose programs are not here. */
function missingProgramPackages(): string[] {
  const folders = systemPath.split(':');
  const missing = Object.entries(programs).filter(
    ([name]) => !folders.some((folder) => existsSync(join(folder, name))),
  );
  return [...new Set(missing.map(([, packageName]) => packageName))];
}

/** Tries, in namespaces that end with it, what the machines of a lab are made of. */
const trialScript = `
say() { echo "$1"; }
ip link add trial0 type bridge 2>/dev/null || say 'the kernel has no bridge devices'
ip link add trial1 type veth peer name trial2 2>/dev/null || say 'the kernel has no veth devices'
ip link add trial3 type vxlan id 4097 dstport 4789 2>/dev/null || say 'the kernel has no VXLAN devices, which overlay networks are made of'
grep -qw overlay /proc/filesystems || modprobe overlay 2>/dev/null || say 'the kernel has no overlayfs'
iptables -w -S >/dev/null 2>&1 || say 'iptables does not work'
[ -e /sys/fs/cgroup/cgroup.controllers ] || [ -d /sys/fs/cgroup/memory ] || say 'no cgroups are mounted at /sys/fs/cgroup'
exit 0
`;
