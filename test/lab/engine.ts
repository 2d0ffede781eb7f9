import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from './daemon';
import { engineCall, engineRequest } from './engineApi';
import type { LabMachine } from './machine';
import { waitFor } from './process';

/** Other engine programs than the system's. */
export interface EngineChoice {
  /** A folder with dockerd, containerd, docker and so on. A `runc` there is left out: newer ones want a newer libc. */
  dir: string;
}

/** Where a host sees the folder of its engine's programs; startMachine mounts it there. */
export const engineMount = '/run/lab/engine';

/** Lets a host use another engine: its programs come first in everybody's PATH on that host. `dir` is the host's folder. */
export function installEngine(dir: string, choice: EngineChoice): void {
  if (!existsSync(join(choice.dir, 'dockerd'))) throw new Error(`No dockerd in ${choice.dir}.`);
  mkdirSync(join(dir, 'run/lab/engine'), { recursive: true });
  for (const name of readdirSync(choice.dir)) {
    if (name !== 'runc') symlinkSync(join(engineMount, name), join(dir, 'bin', name));
  }
}

/**
 * How far an engine's heap may grow before Go collects garbage, % (usually 100). An engine starts itself anew half a dozen
 * times for each container's network, and spends half of that on collecting what its start has made: with many engines on
 * a few cores that is most of what a container costs.
 */
const garbagePercent = 400;

/** The engine of a host. */
export function engineOf(host: LabMachine): Daemon {
  return new Daemon(host, {
    name: 'dockerd',
    // The log line is much cheaper to wait for than the CLI is to run in a loop.
    readyWords: 'API listen on',
    command: [
      'env',
      `GOGC=${garbagePercent}`,
      'dockerd',
      '--userland-proxy=false',
      '--storage-driver=overlay2',
      `--cgroup-parent=${cgroupOf(host.labName)}/${host.name}`,
      '--exec-opt=native.cgroupdriver=cgroupfs',
    ],
  });
}

/** The cgroup, below the root of each hierarchy, that holds the containers of all hosts of a lab. */
export function cgroupOf(labName: string): string {
  return `/lab-${labName}`;
}

interface NetworkRecord {
  Id: string;
  Name: string;
}

/** Networks every engine has from its first start. */
const builtIn = new Set(['bridge', 'host', 'none']);

/** What somebody left on an engine: containers, networks beside the built-in ones, a swarm. Empty when nothing. */
export async function engineLeftovers(socketPath: string): Promise<string[]> {
  const [containers, networks, volumes, info] = await Promise.all([
    engineCall<{ Id: string; Names: string[] }[]>(socketPath, 'GET', '/containers/json?all=1'),
    engineCall<NetworkRecord[]>(socketPath, 'GET', '/networks'),
    engineCall<{ Volumes: { Name: string }[] | null }>(socketPath, 'GET', '/volumes'),
    engineCall<{ Swarm: { LocalNodeState: string } }>(socketPath, 'GET', '/info'),
  ]);
  const state = info.Swarm.LocalNodeState;
  return [
    ...containers.map((one) => `container ${one.Names[0]?.slice(1) ?? one.Id}`),
    // Docker makes this one with the first swarm and keeps it for good.
    ...networks
      .filter((one) => !builtIn.has(one.Name) && one.Name !== 'docker_gwbridge')
      .map((one) => `network ${one.Name}`),
    ...(volumes.Volumes ?? []).map((one) => `volume ${one.Name}`),
    ...(state === 'inactive' ? [] : [`swarm ${state}`]),
  ];
}

/**
 * Makes an engine as it was at its first start, through its own API: no containers, swarm, networks, volumes. Open
 * connections to it stay. Throws when something is still there after some seconds.
 */
export async function emptyEngine(socketPath: string): Promise<void> {
  await removeAll(socketPath);
  let left = await engineLeftovers(socketPath);
  // More than once, because an engine goes on tidying up for a moment after it has left its swarm: `ingress` and the
  // tasks of services go on their own, and until then cannot be removed.
  await waitFor(
    async () => {
      if (left.length === 0) return true;
      await removeAll(socketPath);
      left = await engineLeftovers(socketPath);
      return undefined;
    },
    3_000,
    () => `The engine at ${socketPath} keeps: ${left.join(', ')}`,
  );
}

async function removeAll(socketPath: string): Promise<void> {
  await removeContainers(socketPath);
  const info = await engineCall<{ Swarm: { LocalNodeState: string } }>(socketPath, 'GET', '/info');
  if (info.Swarm.LocalNodeState !== 'inactive') {
    // Its answer is not needed: whether it has left shows in what is left.
    await engineRequest(socketPath, 'POST', '/swarm/leave?force=1');
    await removeContainers(socketPath);
  }
  const networks = await engineCall<NetworkRecord[]>(socketPath, 'GET', '/networks');
  const removable = networks.filter((one) => !builtIn.has(one.Name));
  await Promise.all(removable.map((one) => engineRequest(socketPath, 'DELETE', `/networks/${one.Id}`)));
  const { Volumes } = await engineCall<{ Volumes: { Name: string }[] | null }>(socketPath, 'GET', '/volumes');
  await Promise.all((Volumes ?? []).map((one) => engineRequest(socketPath, 'DELETE', `/volumes/${one.Name}?force=1`)));
}

async function removeContainers(socketPath: string): Promise<void> {
  const containers = await engineCall<{ Id: string }[]>(socketPath, 'GET', '/containers/json?all=1');
  await Promise.all(containers.map((one) => engineRequest(socketPath, 'DELETE', `/containers/${one.Id}?force=1&v=1`)));
}

/**
 * The same by force, for an engine that cannot be emptied (20.10 that was killed in a swarm and has left it keeps
 * `ingress` for ever): kills it and its containers, removes all it has stored, and starts it anew.
 */
export async function wipeEngine(host: LabMachine, engine: Daemon): Promise<void> {
  await engine.kill();
  await host.execOk(['sh', '-euc', wipeScript]);
  await engine.start();
}

const wipeScript = `
pkill -KILL containerd-shim || true
# The containers of a killed shim are inherited by the host's init; nothing else of the host runs in a cgroup of the lab.
for list in $(find /sys/fs/cgroup -path '*/lab-'"$LAB_NAME/$(hostname)"'/*' -name cgroup.procs); do
  xargs -r kill -KILL 2>/dev/null <"$list" || true
done
awk '$2 ~ "^/(var/lib|run)/docker/" { print $2 }' /proc/mounts | sort -r | xargs -r -n 1 umount -l
rm -rf /var/lib/docker/* /run/docker/* /run/docker.pid
for link in $(ip -o link show type bridge | awk -F'[ :]+' '{ print $2 }') $(ip -o link show type vxlan | awk -F'[ :]+' '{ print $2 }'); do
  ip link del "$link"
done
for table in filter nat mangle; do
  iptables -w -t $table -F
  iptables -w -t $table -X
done
iptables -w -P FORWARD ACCEPT
`;
