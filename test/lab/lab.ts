import { appendFileSync, copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { removeCgroups } from './cgroups';
import { cgroupOf, installEngine, type EngineChoice } from './engine';
import type { Fault } from './faults';
import { forwardSsh, sshConfigEntry, startForwards, type Forward, type ForwardHandle } from './forwarder';
import { LabHost } from './host';
import { loadTestImage, testImageArchive } from './image';
import { hostKeys, knownHostsLines, publicHostKeys, userKey } from './keys';
import { LabMachine, prepareMachine, startMachine, type MachinePlan } from './machine';
import { raiseNeighbourLimits } from './neighbours';
import { addressOf, connectMachines, startNameServer } from './network';
import { checkSystem } from './preflight';
import { isAlive, isInsideLab, killAll, processesOfLab, waitFor } from './process';
import {
  createState,
  isStale,
  labDir,
  labNames,
  neighbourLimitsFile,
  readState,
  removeState,
  writeState,
  type LabState,
  type MachineState,
} from './state';
import { commonEtc, hostEtc, makeHomes } from './users';

export type { LabHost } from './host';
export { LabMachine } from './machine';

/** More would need more than a two-core machine; addresses would last for 240. */
export const maxHosts = 24;

export interface LabOptions {
  name: string;
  /** How many Docker hosts, 1 to 24: host1, host2, ... */
  hosts: number;
  /** Lets the person's own editor outside reach the hosts' SSH servers; see forwarder.ts. Default: no way in. */
  forward?: boolean;
  /** Whether the workstation knows the hosts' keys already. Default: yes. */
  knownHosts?: boolean;
  /** Other engine programs than the system's, for all hosts or a host. */
  engine?: EngineChoice | ((host: string) => EngineChoice | undefined) | undefined;
  /** Whether the lab ends with this process: what a killed process leaves is cleaned up by the next `up`. Default: no. */
  owned?: boolean;
}

/** Several real Docker hosts, a workstation and the switch between them, on this machine. */
export class Lab {
  readonly name: string;
  readonly dir: string;
  readonly hosts: readonly LabHost[];
  readonly workstation: LabMachine;
  readonly switch: LabMachine;
  private readonly octet: number;

  private constructor(state: LabState) {
    this.name = state.name;
    this.dir = labDir(state.name);
    this.octet = state.octet;
    const byKind = (kind: MachineState['kind']): MachineState[] => state.machines.filter((one) => one.kind === kind);
    const [workstation] = byKind('workstation');
    const [sw] = byKind('switch');
    if (!workstation || !sw) throw new Error(`The lab "${state.name}" is not complete.`);
    this.workstation = new LabMachine(state.name, workstation);
    this.switch = new LabMachine(state.name, sw);
    const addressOfMachine = (name: string): string => this.machine(name).address;
    this.hosts = byKind('host').map((one) => new LabHost(state.name, one, this.switch, addressOfMachine));
  }

  /** Makes a lab and waits until every engine and SSH server in it serves. After an error nothing is left of it. */
  static async up(options: LabOptions): Promise<Lab> {
    if (!Number.isInteger(options.hosts) || options.hosts < 1 || options.hosts > maxHosts) {
      throw new Error(`A lab has 1 to ${maxHosts} hosts, not ${options.hosts}.`);
    }
    labDir(options.name); // Refuses a bad name before anything is touched.
    await checkSystem();
    await sweepStaleLabs();
    const state = createState(options.name, 'starting');
    raiseNeighbourLimits({ savedFile: neighbourLimitsFile() }, options.hosts);
    try {
      const lab = await build(state, options);
      writeState({ ...state, phase: options.owned ? 'running' : 'up' });
      return lab;
    } catch (error) {
      await takeDown(options.name);
      throw error;
    }
  }

  /** A lab that is up, also from a process inside its workstation. Throws when there is none of that name. */
  static async attach(name: string): Promise<Lab> {
    const state = readState(name);
    if (!state) {
      const names = labNames();
      throw new Error(`No lab "${name}" is up${names.length > 0 ? `; there is: ${names.join(' ')}` : ''}.`);
    }
    const dead = state.machines.filter((machine) => !machine.holder || !isAlive(machine.holder));
    if (state.machines.length === 0 || dead.length > 0) {
      const what = state.phase === 'starting' && isAlive(state.owner) ? 'is still being made' : 'is broken';
      throw new Error(`The lab "${name}" ${what}. To remove it: npm run lab -- down --name ${name}`);
    }
    return Lab.fromState(state);
  }

  /** For this module and its helpers only. */
  static fromState(state: LabState): Lab {
    return new Lab(state);
  }

  /** The host of that name. Throws when there is none. */
  host(name: string): LabHost {
    const found = this.hosts.find((host) => host.name === name);
    if (!found)
      throw new Error(
        `The lab "${this.name}" has no host "${name}"; there are: ${this.hosts.map((host) => host.name).join(' ')}.`,
      );
    return found;
  }

  /** A host, `workstation`, or `sw`, the switch. */
  machine(name: string): LabMachine {
    if (name === 'workstation') return this.workstation;
    if (name === 'sw') return this.switch;
    return this.host(name);
  }

  /** The configuration with which ssh outside reaches the hosts, or undefined when the lab is not forwarded. */
  get outsideSshConfig(): string | undefined {
    const file = join(this.dir, 'outside/ssh_config');
    return existsSync(file) ? file : undefined;
  }

  /** Passes TCP connections from loopback addresses outside to where the workstation can reach. Outside only. */
  forwardTcp(...forwards: Forward[]): Promise<ForwardHandle> {
    return startForwards(this.workstation, forwards);
  }

  /** Makes every host as at the beginning: faults, containers, swarm, networks, volumes gone, daemons running, image there. */
  async resetSwarms(): Promise<void> {
    // All faults first: a host that is cut off could not leave its swarm in peace.
    await this.clearFaults();
    await Promise.all(this.hosts.map((host) => host.empty()));
  }

  /** What tests left on the hosts, each with its host's name. Empty when nothing. */
  async leftovers(): Promise<string[]> {
    const found = await Promise.all(
      this.hosts.map(async (host) => (await host.leftovers()).map((one) => `${host.name}: ${one}`)),
    );
    return found.flat();
  }

  /** All faults in force. */
  async faults(): Promise<Fault[]> {
    return (await Promise.all(this.hosts.map((host) => host.fault.list()))).flat();
  }

  async clearFaults(): Promise<void> {
    await Promise.all(this.hosts.map((host) => host.fault.clear()));
  }

  /** Ends the lab and removes everything it was made of. Outside only. */
  down(): Promise<void> {
    return takeDown(this.name);
  }

  /** For `up`: makes the way in for the person's editor. */
  async forwardSsh(keyDir: string): Promise<void> {
    await forwardSsh(this.dir, this.octet, this.workstation, this.hosts, keyDir);
  }
}

/** Ends a lab in whatever state it is, also one whose making was interrupted, and removes everything it was made of. */
export async function takeDown(name: string): Promise<void> {
  const dir = labDir(name);
  if (isInsideLab(dir)) throw new Error(`The lab "${name}" cannot be taken down from inside its workstation.`);
  const state = readState(name);
  // A lab that is still being made: its maker would go on adding to it.
  if (state?.phase === 'starting' && state.owner.pid !== process.pid) await killAll([state.owner]);
  await killAll(state?.machines.flatMap((machine) => machine.holder ?? []) ?? []);
  // Whatever else lives in it, until a look finds nothing: what is killed may just have started another.
  await waitFor(
    async () => {
      const left = processesOfLab(dir);
      await killAll(left);
      return left.length === 0 ? true : undefined;
    },
    60_000,
    () => `The lab "${name}" keeps starting processes.`,
  );
  await removeCgroups(cgroupOf(name));
  removeState(name, state?.octet);
}

/** Takes down the labs whose makers died before they were done. */
export async function sweepStaleLabs(): Promise<string[]> {
  const stale = labNames().filter((name) => {
    const state = readState(name);
    return state !== undefined && isStale(state);
  });
  for (const name of stale) await takeDown(name);
  return stale;
}

async function build(state: LabState, options: LabOptions): Promise<Lab> {
  const names = Array.from({ length: options.hosts }, (_, index) => `host${index + 1}`);
  const archive = testImageArchive();
  const [keyDir, ...keyDirs] = await Promise.all([userKey(), ...names.map(hostKeys)]);
  const addresses = new Map([['workstation', addressOf(state.octet, 'workstation')]]);
  names.forEach((name, index) => addresses.set(name, addressOf(state.octet, index + 1)));

  const publicKey = readFileSync(join(keyDir, 'id_ed25519.pub'), 'utf8');
  const nameServer = addressOf(state.octet, 'switch');
  const etc = (name: string): MachinePlan['etc'] => commonEtc(name, addresses, nameServer);
  const plans: MachinePlan[] = [
    { labName: state.name, name: 'sw', kind: 'switch', address: nameServer, etc: etc('sw') },
    {
      labName: state.name,
      name: 'workstation',
      kind: 'workstation',
      address: addresses.get('workstation') ?? '',
      etc: etc('workstation'),
    },
  ];
  for (const [index, name] of names.entries()) {
    const engine = typeof options.engine === 'function' ? options.engine(name) : options.engine;
    plans.push({
      labName: state.name,
      name,
      kind: 'host',
      address: addresses.get(name) ?? '',
      etc: { ...etc(name), ...hostEtc(keyDirs[index] ?? '') },
      engineDir: engine?.dir,
    });
  }
  for (const plan of plans) {
    const dir = prepareMachine(plan);
    if (plan.kind === 'host') makeHomes(dir, publicKey);
    if (plan.engineDir !== undefined) installEngine(dir, { dir: plan.engineDir });
  }
  fillWorkstation(join(labDir(state.name), 'workstation/ssh'), addresses, keyDir, keyDirs, options.knownHosts ?? true);

  state.machines = await Promise.all(
    plans.map(async ({ name, kind, address, ...rest }) => ({
      name,
      kind,
      address,
      holder: await startMachine({ name, kind, address, ...rest }),
    })),
  );
  writeState(state);
  const lab = Lab.fromState(state);
  await connectMachines(lab.switch, [lab.workstation, ...lab.hosts]);
  await Promise.all([
    startNameServer(lab.switch),
    ...lab.hosts.map(async (host) => {
      await Promise.all([host.sshd.start(), host.dockerd.start()]);
      await loadTestImage(host.socketPath, await archive);
    }),
  ]);
  if (options.forward) await lab.forwardSsh(keyDir);
  return lab;
}

/** What a person has in ~/.ssh: a key, a configuration with the hosts, and the hosts' keys. */
function fillWorkstation(
  dir: string,
  addresses: ReadonlyMap<string, string>,
  keyDir: string,
  keyDirs: readonly string[],
  known: boolean,
): void {
  for (const name of ['id_ed25519', 'id_ed25519.pub']) copyFileSync(join(keyDir, name), join(dir, name));
  const hosts = [...addresses].filter(([name]) => name !== 'workstation');
  writeFileSync(join(dir, 'config'), hosts.map(([name, address]) => sshConfigEntry(name, address)).join(''), {
    mode: 0o600,
  });
  writeFileSync(join(dir, 'known_hosts'), '', { mode: 0o600 });
  if (!known) return;
  for (const [index, [name, address]] of hosts.entries()) {
    const keys = publicHostKeys(keyDirs[index] ?? '');
    appendFileSync(join(dir, 'known_hosts'), knownHostsLines(address, keys) + knownHostsLines(name, keys));
  }
}
