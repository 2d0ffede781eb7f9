import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { systemPath } from './preflight';
import { allPids, identify, readStat, run, type CommandResult, type ProcessId, type RunOptions } from './process';
import { ensureMountPoint, labDir, type MachineState } from './state';

/** Home of root by the password file, which is where OpenSSH looks; $HOME may say something else under sudo. */
export const rootHome = userInfo({ encoding: 'utf8' }).homedir;

export interface MachineExecOptions extends RunOptions {
  /** Folder to run in. Default: ours in the workstation (which sees the same files), root's home in a host. */
  cwd?: string;
}

export interface MachineSpawnOptions extends MachineExecOptions {
  stdio?: SpawnOptions['stdio'];
  /** Whether the command may go on when this process ends. Default: it is killed then. */
  outlive?: boolean;
}

/** One machine of a lab: a set of namespaces held by a process, entered by `nsenter`. */
export class LabMachine {
  readonly name: string;
  readonly address: string;
  /** The process that holds the machine's namespaces; a host's is the init of its pid namespace. */
  readonly pid: number;
  /** Where the machine's private folders are, as seen from outside and from the workstation. */
  readonly dir: string;
  /** The machine's root directory as another process can open it, with the machine's own /proc and /sys. */
  readonly root: string;

  constructor(
    readonly labName: string,
    private readonly state: MachineState,
  ) {
    if (!state.holder) throw new Error(`${state.name} of the lab "${labName}" was never started.`);
    this.name = state.name;
    this.address = state.address;
    this.pid = state.holder.pid;
    this.dir = join(labDir(labName), state.name);
    this.root = `/proc/${this.pid}/root`;
  }

  /** The whole command line that runs a command in this machine. */
  command(command: readonly string[], options: { cwd?: string; outlive?: boolean } = {}): string[] {
    const isHost = this.state.kind === 'host';
    const enter = ['nsenter', '-t', String(this.pid), '-n', '-m', '-u', '-i', ...(isHost ? ['-p'] : []), '--'];
    // nsenter passes no signals on into another pid namespace; so that nothing lives on when it is killed:
    const bind = options.outlive ? [] : ['setpriv', '--pdeathsig', 'KILL', '--'];
    const cwd = options.cwd ?? (isHost ? '/root' : this.state.kind === 'workstation' ? process.cwd() : '/');
    return [...enter, ...bind, 'env', '-C', cwd, ...command];
  }

  /** Runs a command in the machine as root, to its end. Rejects only when it cannot be started or takes too long. */
  exec(command: readonly string[], options: MachineExecOptions = {}): Promise<CommandResult> {
    return run(this.command(command, options), { ...options, env: { ...this.environment(), ...options.env } });
  }

  /** As exec, but another exit code than 0 is an error that tells what was printed. Resolves to stdout. */
  async execOk(command: readonly string[], options: MachineExecOptions = {}): Promise<string> {
    const done = await this.exec(command, options);
    if (done.code === 0) return done.stdout;
    throw new Error(`${this.name}: ${command.join(' ')}: exit code ${done.code}\n${done.stderr || done.stdout}`.trim());
  }

  /** Starts a command in the machine as root. */
  spawn(command: readonly string[], options: MachineSpawnOptions = {}): ChildProcess {
    const [file, ...words] = this.command(command, options);
    return spawn(file as string, words, {
      stdio: options.stdio ?? 'pipe',
      env: { ...this.environment(), ...options.env },
      detached: options.outlive ?? false,
    });
  }

  /** Environment of commands in the machine. */
  environment(): NodeJS.ProcessEnv {
    const common = { HOME: rootHome, LAB_NAME: this.labName, LAB_DIR: labDir(this.labName) };
    if (this.state.kind !== 'workstation') {
      return {
        ...common,
        HOME: '/root',
        USER: 'root',
        PATH: systemPath,
        LANG: 'C.UTF-8',
        TERM: process.env['TERM'] ?? 'dumb',
      };
    }
    const inherited = { ...process.env };
    // What would lead out of the lab, to the person's own engine, agent, or session.
    for (const name of Object.keys(inherited)) {
      if (
        /^(DOCKER_(HOST|CONTEXT|CONFIG|TLS|TLS_VERIFY|CERT_PATH|API_VERSION)|SSH_.*|XDG_RUNTIME_DIR|DBUS_.*)$/.test(
          name,
        )
      ) {
        delete inherited[name];
      }
    }
    // The first folder holds `docker` and `ssh` of Debian, whatever else the person has first in PATH.
    const bin = join(this.dir, 'bin');
    const path = (inherited['PATH'] ?? systemPath).split(':').filter((folder) => folder !== bin);
    return { ...inherited, ...common, PATH: [bin, ...path].join(':') };
  }
}

/** What a machine is made of. */
export interface MachinePlan {
  labName: string;
  name: string;
  kind: MachineState['kind'];
  address: string;
  /** Contents of files in the machine's own /etc, by path below it. */
  etc: Record<string, { text: string; mode?: number }>;
  /** Absolute path of a folder with other engine programs, seen in the host as /run/lab/engine. */
  engineDir?: string | undefined;
}

/** Folders of a host that are its own, by the folder of the lab they are kept in. */
const hostMounts = [
  'run:/run',
  'lib:/var/lib',
  'log:/var/log',
  'home:/home',
  'bin:/usr/local/bin',
  `root:/root`,
  'tmp:/tmp',
];

/** Makes the folders that the machine mounts over the outer ones. Filling them is up to the caller. */
export function prepareMachine(plan: MachinePlan): string {
  const dir = join(labDir(plan.labName), plan.name);
  const folders = ['etc', 'etc.work', 'cgroup', 'run', 'run/lab', 'run/lock', 'run/sshd'];
  if (plan.kind === 'host') folders.push('lib', 'lib/docker', 'log', 'home', 'bin', 'root', 'tmp');
  if (plan.kind === 'workstation') folders.push('ssh', 'docker', 'bin');
  for (const folder of folders) mkdirSync(join(dir, folder), { recursive: true, mode: 0o755 });
  if (plan.kind === 'host') {
    chmodSync(join(dir, 'root'), 0o700);
    chmodSync(join(dir, 'tmp'), 0o1777);
  }
  if (plan.kind === 'workstation') {
    for (const folder of ['ssh', 'docker']) chmodSync(join(dir, folder), 0o700);
    for (const program of ['docker', 'ssh', 'scp']) symlinkSync(`/usr/bin/${program}`, join(dir, 'bin', program));
    ensureMountPoint(join(rootHome, '.ssh'));
    ensureMountPoint(join(rootHome, '.docker'));
  }
  for (const [path, file] of Object.entries(plan.etc)) {
    const whole = join(dir, 'etc', path);
    mkdirSync(join(whole, '..'), { recursive: true });
    writeFileSync(whole, file.text, { mode: file.mode ?? 0o644 });
  }
  return dir;
}

/** Makes a folder in a host for one of its users. */
export function makeOwnedFolder(path: string, owner: number, mode: number): void {
  mkdirSync(path, { recursive: true });
  chownSync(path, owner, owner);
  chmodSync(path, mode);
}

/**
 * Starts the process that holds a machine's namespaces. It and everything it mounts live on without us, and end with
 * it. Resolves once the machine is set up (without network: only `lo`).
 */
export async function startMachine(plan: MachinePlan): Promise<ProcessId> {
  const dir = join(labDir(plan.labName), plan.name);
  const mounts = plan.kind === 'host' ? [...hostMounts] : [];
  // Right after /run, before anything covers the folder it comes from.
  if (plan.engineDir !== undefined) mounts.splice(1, 0, `${plan.engineDir}:/run/lab/engine`);
  if (plan.kind === 'workstation') mounts.push('run:/run', `ssh:${rootHome}/.ssh`, `docker:${rootHome}/.docker`);
  const namespaces = ['--net', '--mount', '--uts', '--ipc', '--propagation', 'private'];
  // A pid namespace takes every process of the host with it when its init is killed, also after a crash of ours.
  // The workstation has none: programs in it must be able to enter the hosts.
  if (plan.kind === 'host') namespaces.push('--pid', '--fork', '--mount-proc', '--kill-child');
  const errors = openSync(join(dir, 'setup.log'), 'w');
  const child = spawn(
    'unshare',
    [...namespaces, 'sh', '-euc', machineScript, 'sh', plan.name, dir, plan.kind, ...mounts],
    {
      detached: true,
      stdio: ['ignore', 'pipe', errors],
      cwd: '/',
      env: { PATH: systemPath, HOME: '/root', LANG: 'C.UTF-8' },
    },
  );
  closeSync(errors);
  await new Promise<void>((resolve, reject) => {
    const fail = (): void => {
      const said = readFileSync(join(dir, 'setup.log'), 'utf8').trim();
      reject(new Error(`${plan.name} could not be set up: ${said || 'no reason given'}`));
    };
    child.on('error', reject);
    child.on('exit', fail);
    child.stdout?.once('data', () => {
      child.off('exit', fail);
      resolve();
    });
  });
  child.stdout?.destroy();
  child.unref();
  const unsharePid = child.pid as number;
  const pid = plan.kind === 'host' ? allPids().find((one) => readStat(one)?.parent === unsharePid) : unsharePid;
  const holder = pid === undefined ? undefined : identify(pid);
  if (!holder) throw new Error(`${plan.name} ended as soon as it was set up.`);
  return holder;
}

/**
 * Runs as the first process of a machine. All mounts are in its own mount namespace. Sources are relative to the
 * machine's folder, which stays the working directory when /var/lib, /tmp or wherever the lab is kept is covered.
 */
const machineScript = `
name=$1 dir=$2 kind=$3
shift 3
cd "$dir"
hostname "$name"
ip link set lo up
# First, because this mount is the mark by which the lab's processes are found (processesOfLab).
mount -t overlay -o "lowerdir=/etc,upperdir=$dir/etc,workdir=$dir/etc.work" lab-etc /etc
# A /sys of the machine's own network, with the cgroups of the outer one.
mount --rbind /sys/fs/cgroup cgroup
mount -t sysfs sysfs /sys
mount --move "$dir/cgroup" /sys/fs/cgroup
if [ "$kind" = host ]; then
  # A person's daemon.json would change the lab's engines.
  rm -rf /etc/docker
  mkdir /etc/docker
fi
if [ "$kind" = switch ]; then
  # A switch has no firewall; where the kernel can filter bridged packets, each network namespace begins with that on.
  for knob in /proc/sys/net/bridge/bridge-nf-call-*; do
    if [ -e "$knob" ]; then echo 0 >"$knob"; fi
  done
fi
for pair; do mount --no-canonicalize --bind "\${pair%%:*}" "\${pair#*:}"; done
echo ready
cd /
exec </dev/null >/dev/null 2>&1
# An init that collects the dead; elsewhere dead processes go to the outer init.
if [ "$kind" = host ]; then exec tini -- sleep infinity; else exec sleep infinity; fi
`;
