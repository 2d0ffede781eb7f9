import { parseArgs } from 'node:util';
import { runFaultCommand } from './cliFaults';
import { runUnderKernel } from './cliKernel';
import { chooseEngines } from './engineChoice';
import { Lab, maxHosts, sweepStaleLabs, takeDown, type LabOptions } from './lab';
import { LabUnsupportedError } from './preflight';
import { exitCodeOf, isAlive } from './process';
import { labDir, labNames, LabExistsError, readState } from './state';
import type { LabMachine } from './machine';

const usage = `Several real Docker hosts on this machine. Root only.

  npm run lab -- up [--name N] [--hosts 3] [--forward] [--no-known-hosts] [--engine 26] [--engine host2=28]
                                                --engine: a newer Docker on all hosts, or on one
  npm run lab -- status [--name N] [--json]
  npm run lab -- exec MACHINE -- COMMAND...     MACHINE: host1.., workstation, or sw, the switch
  npm run lab -- shell MACHINE
  npm run lab -- fault cut|restore HOST
  npm run lab -- fault block|unblock HOST TRAFFIC in|out [--peer MACHINE]
                                                TRAFFIC: tcp/2377, udp/4789, esp, ...
  npm run lab -- fault mtu HOST BYTES           1500 is the usual
  npm run lab -- fault loss HOST PERCENT [--port TRAFFIC]
  npm run lab -- fault kill|freeze|thaw|stop|start|restart HOST dockerd|sshd
  npm run lab -- fault clear [HOST]
  npm run lab -- faults [--json]
  npm run lab -- reset                          all hosts as at the beginning
  npm run lab -- run [--hosts 3] [--name N] [--engine ...] -- COMMAND...
                                                up, COMMAND in the workstation, down, whatever happens
  npm run lab -- run --kernel esp [--minutes 30] [--hosts 3] [--name N] [--engine ...] -- COMMAND...
                                                the same on a kernel with IPsec: encrypted networks work there
  npm run lab -- down [--name N | --all]

The name is "lab" unless said otherwise, inside a lab that lab. Up to ${maxHosts} hosts.`;

/** What a person did wrong; shown without a stack. */
export class UsageError extends Error {}

interface Flags {
  name: string | undefined;
  hosts: number;
  forward: boolean;
  knownHosts: boolean;
  json: boolean;
  all: boolean;
  peer: string | undefined;
  port: string | undefined;
  engine: string[];
  kernel: string | undefined;
  minutes: number;
}

/** Runs one command line of the lab. Resolves to the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  // Everything after the first "--" belongs to the command that is to be run.
  const end = argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  const command = end === -1 ? [] : argv.slice(end + 1);
  try {
    const { words, flags } = parse(own);
    return await dispatch(words, flags, command);
  } catch (error) {
    const expected =
      error instanceof UsageError || error instanceof LabUnsupportedError || error instanceof LabExistsError;
    const message = error instanceof Error ? error.message : String(error);
    process.stderr.write(`lab: ${message}\n${error instanceof UsageError ? `\n${usage}\n` : ''}`);
    if (!expected && process.env['LAB_DEBUG']) process.stderr.write(`${(error as Error).stack}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}

function parse(argv: readonly string[]): { words: string[]; flags: Flags } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        name: { type: 'string' },
        hosts: { type: 'string', default: '3' },
        forward: { type: 'boolean', default: false },
        'no-known-hosts': { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        all: { type: 'boolean', default: false },
        peer: { type: 'string' },
        port: { type: 'string' },
        engine: { type: 'string', multiple: true, default: [] },
        kernel: { type: 'string' },
        minutes: { type: 'string', default: '30' },
      },
    });
    const flags = {
      ...values,
      hosts: Number(values.hosts),
      knownHosts: !values['no-known-hosts'],
      name: values.name,
      peer: values.peer,
      port: values.port,
      kernel: values.kernel,
      minutes: Number(values.minutes),
    };
    return { words: positionals, flags };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

async function dispatch(words: readonly string[], flags: Flags, command: readonly string[]): Promise<number> {
  const [verb, ...rest] = words;
  const name = flags.name ?? process.env['LAB_NAME'] ?? 'lab';
  switch (verb) {
    case 'up':
      return up({ name, forward: flags.forward, ...(await labOptions(flags)) });
    case 'run':
      if (flags.kernel !== undefined) return runOtherKernel(flags, command);
      return runInLab({ name: flags.name ?? `run-${process.pid}`, ...(await labOptions(flags)) }, command);
    case 'status':
      return status(flags.name === undefined ? labNames() : [flags.name], flags.json);
    case 'exec': {
      const [machine, ...words] = rest;
      const wanted = [...words, ...command];
      if (machine === undefined || wanted.length === 0) throw new UsageError('exec needs a machine and a command.');
      return passThrough((await Lab.attach(name)).machine(machine), wanted);
    }
    case 'shell': {
      const machine = (await Lab.attach(name)).machine(rest[0] ?? 'workstation');
      return passThrough(machine, [
        process.env['SHELL'] && machine.name === 'workstation' ? process.env['SHELL'] : 'bash',
      ]);
    }
    case 'fault':
      return runFaultCommand(await Lab.attach(name), rest, flags);
    case 'faults': {
      const found = await (await Lab.attach(name)).faults();
      const lines = found.map((fault) => `fault ${fault.what}`);
      process.stdout.write(flags.json ? `${JSON.stringify(found)}\n` : `${lines.join('\n') || 'No faults.'}\n`);
      return 0;
    }
    case 'reset':
      await (await Lab.attach(name)).resetSwarms();
      return 0;
    case 'down':
      return down(flags.all ? labNames() : [name], flags.all);
    default:
      throw new UsageError(verb === undefined ? 'What is to be done?' : `There is no "${verb}".`);
  }
}

async function labOptions({ hosts, knownHosts, engine }: Flags): Promise<Omit<LabOptions, 'name'>> {
  const log = (line: string) => void process.stderr.write(`${line}\n`);
  return { hosts, knownHosts, engine: await chooseEngines(engine, log) };
}

async function up(options: LabOptions): Promise<number> {
  const started = Date.now();
  const lab = await Lab.up(options);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const hosts = lab.hosts.map((host) => `${host.name} ${host.address}`).join(', ');
  process.stdout.write(`Lab "${lab.name}" is up (${seconds} s): ${hosts}\n`);
  if (lab.outsideSshConfig !== undefined) process.stdout.write(`From outside: ssh -F ${lab.outsideSshConfig} host1\n`);
  return 0;
}

/** The same in a lab with a kernel of its own. */
async function runOtherKernel(flags: Flags, command: readonly string[]): Promise<number> {
  if (flags.kernel !== 'esp') throw new UsageError(`There is no kernel "${flags.kernel}"; there is: esp.`);
  if (!(flags.minutes > 0)) throw new UsageError('--minutes must be a number above 0.');
  if (command.length === 0) throw new UsageError('run needs a command after "--".');
  return runUnderKernel({ ...flags, name: flags.name ?? 'esp' }, command);
}

/** Runs a command in the workstation of a lab that lives as long as it. */
async function runInLab(options: LabOptions, command: readonly string[]): Promise<number> {
  if (command.length === 0) throw new UsageError('run needs a command after "--".');
  let stopped: NodeJS.Signals | undefined;
  let onSignal: ((signal: NodeJS.Signals) => void) | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stopped ??= signal;
      onSignal?.(signal);
    });
  }
  const lab = await Lab.up({ ...options, owned: true });
  try {
    if (stopped) return exitCodeOf(null, stopped);
    return await passThrough(lab.workstation, command, (forward) => (onSignal = forward));
  } finally {
    await lab.down();
  }
}

/** A command that was told to end has so long, ms; vitest would wait for the tests that run. */
const endMs = 15_000;

/** Runs a command with our own terminal, input and output. Resolves to its exit code. */
function passThrough(
  machine: LabMachine,
  command: readonly string[],
  onSignals?: (forward: (signal: NodeJS.Signals) => void) => void,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = machine.spawn(command, { stdio: 'inherit' });
    // A terminal sends Ctrl-C to the command as well; a signal that was sent to us alone is passed on.
    onSignals?.((signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
      setTimeout(() => child.kill('SIGKILL'), endMs).unref();
    });
    if (!onSignals) process.on('SIGINT', () => undefined);
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve(exitCodeOf(code, signal)));
  });
}

async function status(names: readonly string[], json: boolean): Promise<number> {
  const labs = [];
  for (const name of names) {
    const state = readState(name);
    if (!state) continue;
    const machines = state.machines.map(({ name: machine, kind, address, holder }) => {
      return { name: machine, kind, address, pid: holder?.pid, alive: holder !== undefined && isAlive(holder) };
    });
    const whole = machines.length > 0 && machines.every((machine) => machine.alive);
    const lab = whole ? await Lab.attach(name) : undefined;
    const daemons = Object.fromEntries(
      (lab?.hosts ?? []).map((host) => [
        host.name,
        { dockerd: host.dockerd.state(), sshd: host.sshd.state(), socket: host.socketPath },
      ]),
    );
    const faults = lab ? await lab.faults() : [];
    labs.push({
      name,
      dir: labDir(name),
      phase: state.phase,
      whole,
      machines,
      daemons,
      faults,
      outsideSshConfig: lab?.outsideSshConfig,
    });
  }
  if (json) process.stdout.write(`${JSON.stringify(labs, undefined, 2)}\n`);
  else if (labs.length === 0) process.stdout.write('No lab is up.\n');
  else
    for (const lab of labs) {
      process.stdout.write(`${lab.name}  ${lab.whole ? lab.phase : 'broken'}  ${lab.dir}\n`);
      for (const machine of lab.machines.filter((one) => one.kind !== 'switch')) {
        const daemons = lab.daemons[machine.name];
        process.stdout.write(
          `  ${machine.name.padEnd(12)} ${machine.address.padEnd(14)} ${machine.alive ? '' : 'dead'}${daemons ? `dockerd ${daemons.dockerd}, sshd ${daemons.sshd}` : ''}\n`,
        );
      }
      for (const fault of lab.faults) process.stdout.write(`  fault: ${fault.what}\n`);
      if (lab.outsideSshConfig !== undefined)
        process.stdout.write(`  from outside: ssh -F ${lab.outsideSshConfig} host1\n`);
    }
  return names.length > 0 && labs.length === 0 ? 1 : 0;
}

async function down(names: readonly string[], all: boolean): Promise<number> {
  if (all) await sweepStaleLabs();
  for (const name of names) {
    const existed = labNames().includes(name);
    await takeDown(name);
    process.stdout.write(existed ? `Lab "${name}" is down.\n` : `There was no lab "${name}".\n`);
  }
  return 0;
}
