#!/bin/sh
# The first process of the kernel with IPsec: makes a system out of the outer one's files, runs one command, powers off.
# The root is the outer file system, read-only. /sys/job, which boot.ts writes, says what to do:
#   job_mark         word before the exit code on the last line that is printed
#   job_results      folder whose files are to reach the outer system
#   job_lab_folder   folder that labs are kept in
#   job_command      function with the command
set -eu
PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec </dev/null
. /sys/job

# Whatever happens from here, the machine ends and says how.
finish() {
  printf '%s %s\n' "$job_mark" "$1"
  busybox poweroff -f
}
trap 'finish setup' EXIT

# Lines end as the command ends them, without a carriage return.
stty -opost </dev/console
# Changes of files go to memory, and with the machine: nothing of the outer system is ever written.
mount -t tmpfs tmpfs /sys
mkdir /sys/upper /sys/work /sys/root
mount -t overlay -o lowerdir=/,upperdir=/sys/upper,workdir=/sys/work root /sys/root
cd /sys/root
mount -t tmpfs -o mode=755 tmpfs run
mkdir run/outer run/lock
# Not chroot: who enters another mount namespace and comes back would see the old root.
pivot_root . run/outer
cd /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
# The engines keep their images and containers here, and their overlayfs may not lie on yet another one.
mkdir -p "$job_lab_folder"
mount -t tmpfs tmpfs "$job_lab_folder"
mount -t hostfs none "$job_results" -o "$job_results"
# This kernel has the tables of the older interface.
for name in iptables ip6tables; do
  for verb in '' -save -restore; do ln -sf "/usr/sbin/$name-legacy$verb" "/etc/alternatives/$name$verb"; done
done
ip link set lo up

set +e
# Through a pipe: on the console, which is a terminal, programs would draw progress bars.
{ job_command; echo $? >/run/exit-code; } 2>&1 | cat
trap - EXIT
finish "$(cat /run/exit-code)"
