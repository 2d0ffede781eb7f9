// Inside a lab's workstation: brings each fault about, one at a time, and scores what the diagnosis says first.
// Started by `npm run test:faults`; see docs/testing.md.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Lab } from '../lab/lab';
import { allFaults } from './all';
import type { InjectedFault } from './fault';
import { healthyRuns } from './healthy';
import { missesOf, scoreOf, tableOf, troubleOf, type Outcome } from './score';
import { Stage } from './trial';

interface Arguments {
  readonly file?: string;
  /** Parts of names; all faults, and the healthy runs, when there are none. */
  readonly names: readonly string[];
}

async function main(): Promise<void> {
  const { file, names } = readArguments(process.argv.slice(2));
  const lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  const faults = allFaults.filter(({ expectedRule, name }) => expectedRule !== undefined && isNamed(name, names));
  // Healthy runs between the faults: also what a fault has left behind would be a false alarm.
  const healthy = names.length === 0 ? healthyRuns : healthyRuns.filter(({ name }) => isNamed(name, names));
  const chosen = interleave(faults, healthy);
  if (chosen.length === 0) throw new Error(`No fault is called ${names.join(' or ')}.`);
  const stage = new Stage(lab);
  const outcomes: Outcome[] = [];
  await stage.reset();
  try {
    for (const fault of chosen) {
      const outcome = await tryOne(stage, fault);
      outcomes.push(outcome);
      console.log(tableOf([outcome]).split('\n').at(-1));
      for (const line of troubleOf(outcome)) console.log(`    ${line}`);
    }
  } finally {
    await stage.reset();
  }
  report(outcomes, file);
}

async function tryOne(stage: Stage, fault: InjectedFault): Promise<Outcome> {
  try {
    const trial = await stage.tryFault(fault);
    await stage.settled();
    return trial;
  } catch (error) {
    await stage.reset();
    const { name, hosts = 3, expectedRule } = fault;
    const words = error instanceof Error ? error.message : String(error);
    return { fault: name, hosts, ...(expectedRule !== undefined && { expectedRule }), error: words };
  }
}

function report(outcomes: readonly Outcome[], file: string | undefined): void {
  const score = scoreOf(outcomes);
  console.log(`\n${tableOf(outcomes)}\n`);
  for (const line of outcomes.flatMap(troubleOf)) console.log(line);
  console.log(JSON.stringify(score));
  if (file !== undefined) {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    // Of what went wrong, everything that was seen.
    const rows = outcomes.map((one) => ('report' in one && one.right ? { ...one, report: undefined } : one));
    writeFileSync(file, `${JSON.stringify({ ...score, rows }, undefined, 2)}\n`);
    console.log(`written to ${file}`);
  }
  const misses = missesOf(score);
  for (const miss of misses) console.error(miss);
  process.exitCode = misses.length > 0 ? 1 : 0;
}

/** Faults of one size of swarm together, the healthy runs of that size spread among them. */
function interleave(faults: readonly InjectedFault[], healthy: readonly InjectedFault[]): InjectedFault[] {
  const sizeOf = ({ hosts = 3 }: InjectedFault) => hosts;
  const sizes = [...new Set([...faults, ...healthy].map(sizeOf))].sort((a, b) => a - b);
  return sizes.flatMap((size) => {
    const ill = faults.filter((one) => sizeOf(one) === size);
    const well = healthy.filter((one) => sizeOf(one) === size);
    const every = Math.ceil((ill.length + 1) / (well.length || 1));
    const mixed = ill.flatMap((one, index) => [...(index % every === 0 ? well.splice(0, 1) : []), one]);
    return [...mixed, ...well];
  });
}

const isNamed = (name: string, parts: readonly string[]): boolean =>
  parts.length === 0 || parts.some((part) => name.includes(part));

function readArguments(args: readonly string[]): Arguments {
  const at = args.indexOf('--json');
  const file = at === -1 ? undefined : args[at + 1];
  if (at !== -1 && file === undefined) {
    console.error('Usage: npm run test:faults [-- NAME...] [--json FILE]');
    process.exit(2);
  }
  const names = at === -1 ? args : [...args.slice(0, at), ...args.slice(at + 2)];
  return { names, ...(file !== undefined && { file }) };
}

void main();
