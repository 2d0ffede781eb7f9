import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measurePage, type PageMeasure } from '../test/browser/page/bench';
import { Lab } from '../test/lab/lab';
import { measureActivation } from './activation';
import { measureDiagnose, mostDiagnoseMs, type DiagnoseFigures } from './diagnose';
import { firstOf } from './links';
import { measureConnect, measureRequest, type ConnectFigures, type RequestFigures } from './connect';
import { measureForm, type FormFigures } from './form';
import { measureMatrices, type MatrixFigures } from './matrix';
import { measureRefresh, type RefreshFigures } from './refresh';
import { measureStartup, type StartupFigures } from './startup';
import { measureWhole, type WholeFigures } from './whole';

/** Everything `npm run bench` prints and writes; seconds unless the name says otherwise. */
interface Figures {
  readonly machine: { readonly cores: number; readonly memoryGiB: number; readonly node: string };
  /** Of an all-green matrix, ms by number of hosts. */
  readonly diagnose: DiagnoseFigures;
  /** By number of hosts. */
  readonly matrix: Readonly<Record<string, MatrixFigures>>;
  readonly whole: WholeFigures;
  readonly form: FormFigures;
  readonly refresh: RefreshFigures;
  readonly request: RequestFigures;
  readonly connect: ConnectFigures;
  /** `activate()` in a real extension host, ms, sorted. */
  readonly activationMs: readonly number[];
  readonly startup: StartupFigures;
  readonly vsixBytes: number;
  /** The matrix page with 300 x 300 cells in Chromium. */
  readonly page: PageMeasure;
}

/** How many times faster than by hand, by number of hosts. */
const leastFaster: Readonly<Record<string, number>> = { 3: 5, 12: 35, 24: 70 };
const mostOverFloor = 1.5;
/** A frame of a screen with 60 pictures a second. */
const mostUpdateMs = 16;
/** Hosts of the swarm that is formed and refreshed. */
const swarmSize = 12;
/** Hosts that a new window connects. */
const startupHosts = 3;

const vsix = path.resolve(__dirname, '../out/docker-overlay-networks.vsix');

type Parts<Names extends keyof Figures, Needs extends unknown[]> = {
  readonly [Part in Names]: (...needs: Needs) => Figures[Part] | Promise<Figures[Part]>;
};

/** What needs no lab; scripts/bench.mjs makes none for these alone. */
const pureParts: Parts<'machine' | 'diagnose', []> = {
  machine: () => ({ cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version }),
  diagnose: () => measureDiagnose(),
};

/** What is measured in a lab, by name. */
const labParts: Parts<Exclude<keyof Figures, keyof typeof pureParts>, [Lab, readonly number[]]> = {
  matrix: (lab, sizes) => measureMatrices(lab, sizes),
  whole: (lab) => measureWhole(lab),
  form: (lab) => measureForm(firstOf(lab, swarmSize)),
  refresh: (lab) => measureRefresh(firstOf(lab, swarmSize)),
  request: (lab) => measureRequest(lab),
  connect: (lab) => measureConnect(lab),
  activationMs: () => measureActivation(vsix, 3),
  startup: (lab) => measureStartup(vsix, firstOf(lab, startupHosts).hosts),
  vsixBytes: () => statSync(vsix).size,
  page: () => measurePage(),
};

async function main(): Promise<void> {
  const { file, sizes, names } = readArguments(process.argv.slice(2));
  const lab = names.every(isPure) ? undefined : await Lab.attach(process.env['LAB_NAME'] ?? '');
  const figures: Partial<Figures> = {};
  const failures: unknown[] = [];
  for (const name of names) {
    try {
      Object.assign(figures, { [name]: await measure(name, lab, sizes) });
    } catch (error) {
      // The other parts are measured all the same.
      failures.push(error);
      console.error(`${name} could not be measured:`, error);
      await lab?.resetSwarms();
    }
  }
  print(figures);
  process.exitCode = failures.length > 0 ? 1 : 0;
  if (file) {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    writeFileSync(file, `${JSON.stringify(figures, undefined, 2)}\n`);
    console.log(`\nwritten to ${file}`);
  }
}

const isPure = (name: keyof Figures): name is keyof typeof pureParts => name in pureParts;

function measure(name: keyof Figures, lab: Lab | undefined, sizes: readonly number[]): unknown {
  if (isPure(name)) return pureParts[name]();
  if (!lab) throw new Error(`${name} is measured in a lab`);
  return labParts[name](lab, sizes);
}

function print({
  diagnose,
  matrix,
  whole,
  form,
  refresh,
  request,
  connect,
  activationMs,
  startup,
  vsixBytes,
  page,
}: Partial<Figures>) {
  if (diagnose) printDiagnose(diagnose);
  if (matrix) printMatrix(matrix);
  if (whole) printWhole(whole);
  if (form) printForm(form);
  if (refresh) printRefresh(refresh);
  if (request) printRequest(request);
  if (connect) printConnect(connect);
  if (activationMs) {
    const [fastest = 0, median = 0] = activationMs;
    console.log(`\nactivate()  ${median.toFixed(1)} ms (fastest ${fastest.toFixed(1)})`);
  }
  if (startup) printStartup(startup);
  if (vsixBytes !== undefined) console.log(`VSIX ${Math.round(vsixBytes / 1024)} KB`);
  if (page) printPage(page);
}

function printDiagnose(figures: DiagnoseFigures): void {
  for (const [hosts, ms] of Object.entries(figures)) {
    const most = mostDiagnoseMs[hosts] ?? Infinity;
    console.log(
      `diagnosis of ${hosts} hosts, all green: ${ms} ms (goal: ${most} at most, ${ms <= most ? 'met' : 'missed'})`,
    );
  }
}

function printPage({ cells, firstPaintMs, updateMsP95, updateShownMsP95 }: PageMeasure): void {
  console.log(
    `page of ${cells} cells: first paint ${Math.round(firstPaintMs)} ms, update p95 ${updateMsP95.toFixed(1)} ms ` +
      `(goal: ${mostUpdateMs} at most, ${updateMsP95 <= mostUpdateMs ? 'met' : 'missed'}; ` +
      `with the wait for the screen ${updateShownMsP95.toFixed(1)} ms)`,
  );
}

function printStartup(startup: StartupFigures): void {
  const steps: readonly [string, number][] = [
    ['the bundle is evaluated', startup.evaluateMs],
    ['activate()', startup.activateMs],
    ['a view is looked at', startup.lookedMs],
    ['ssh2 and dockerode are evaluated', startup.loadedMs],
    ['all links are up (the step before is part of it)', startup.connectedMs],
    ['all snapshots are read', startup.snapshotMs],
    ['the tree shows all hosts', startup.shownMs],
  ];
  console.log(`\nfrom the start to the first tree, ${startup.hosts} hosts over SSH, ms a step`);
  for (const [step, ms] of steps) console.log(`  ${step.padEnd(50)} ${ms.toFixed(1).padStart(7)}`);
}

function printWhole({ hosts, pairs, reachable, shown, left, seconds }: WholeFigures): void {
  console.log(
    `\n${hosts} hosts in one go: ${reachable} of ${pairs} pairs reachable, ${shown} shown by the page, ` +
      `${left} containers left, ${seconds.toFixed(1)} s`,
  );
}

function printMatrix(matrix: Figures['matrix']): void {
  console.log('\nmatrix (3 pings a pair)\nhosts   by hand       ours     floor   hand/ours   ours/floor   execs');
  for (const [hosts, row] of Object.entries(matrix)) {
    const seconds = (value: number) => `${value.toFixed(2)} s`.padStart(9);
    const ratio = (value: number) => `${value.toFixed(1)} x`.padStart(11);
    const faster = row.handSeconds / row.oursSeconds;
    const overFloor = row.oursSeconds / row.floorSeconds;
    const least = leastFaster[hosts];
    const isMet = faster >= (least ?? 0) && overFloor <= mostOverFloor && row.execs === Number(hosts);
    console.log(
      `${hosts.padEnd(5)} ${seconds(row.handSeconds)}${row.handIs === 'computed' ? '*' : ' '} ${seconds(row.oursSeconds)} ${seconds(row.floorSeconds)} ${ratio(faster)} ${ratio(overFloor)} ${`${row.execs}`.padStart(7)}` +
        `   (goals: ${least === undefined ? '' : `${least} x at least, `}${mostOverFloor} x the floor at most, ${hosts} execs: ${isMet ? 'met' : 'missed'})`,
    );
  }
  console.log('* computed: the number of commands times what one of each kind took with 6 hosts');
}

function printForm({ hosts, handSeconds, oursSeconds }: FormFigures): void {
  const ratio = handSeconds / oursSeconds;
  console.log(
    `\nforming a swarm of ${hosts} hosts: by hand ${handSeconds.toFixed(2)} s, ours ${oursSeconds.toFixed(2)} s` +
      `\n  hand/ours ${ratio.toFixed(1)} x (goal: 5 at least, ${ratio >= 5 ? 'met' : 'missed'})`,
  );
}

/** With the goal of the project: whether it is met depends on the machine, too. */
function goal(name: string, ratio: number, most: number): string {
  return `${name} ${ratio.toFixed(2)} x (goal: ${most} at most, ${ratio <= most ? 'met' : 'missed'})`;
}

function printRefresh({ hosts, cliSeconds, oursSeconds, socketSeconds }: RefreshFigures): void {
  const faster = cliSeconds / oursSeconds;
  console.log(
    `\nrefresh of ${hosts} hosts over SSH: docker CLI ${cliSeconds.toFixed(2)} s, ours ${oursSeconds.toFixed(3)} s, unix sockets ${socketSeconds.toFixed(3)} s` +
      `\n  CLI/ours ${faster.toFixed(0)} x (goal: 100 at least, ${faster >= 100 ? 'met' : 'missed'}), ${goal('ours/sockets', oursSeconds / socketSeconds, 4)}`,
  );
}

function printRequest({ warmMs, rawHttpMs }: RequestFigures): void {
  console.log(
    `request over an open channel: ours ${warmMs.toFixed(2)} ms, bare http ${rawHttpMs.toFixed(2)} ms` +
      `\n  ${goal('ours/bare', warmMs / rawHttpMs, 1.5)}`,
  );
}

function printConnect({ coldMs, cliMs }: ConnectFigures): void {
  console.log(`connect and first answer: ours ${coldMs.toFixed(0)} ms, docker CLI ${cliMs.toFixed(0)} ms`);
}

/** The parts to measure, all when none is named, and the file after `--json`; ends the program on anything else. */
/** @returns what to measure: the parts named, or all; exits with the usage where that is not clear. */
function readArguments(args: string[]): { file?: string; sizes: readonly number[]; names: readonly (keyof Figures)[] } {
  const all = [...Object.keys(pureParts), ...Object.keys(labParts)] as (keyof Figures)[];
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'string' }, sizes: { type: 'string', default: '3,6,12,24' } },
    });
    const sizes = values.sizes.split(',').map(Number);
    const unknown = positionals.find((name) => !all.some((one) => one === name));
    if (unknown === undefined && sizes.every((size) => Number.isInteger(size) && size >= 2 && size <= 24)) {
      const names = all.filter((name) => name === 'machine' || positionals.length === 0 || positionals.includes(name));
      return { names, sizes, ...(values.json !== undefined && { file: values.json }) };
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  console.error(`Usage: npm run bench [-- PART...] [--sizes 3,12] [--json FILE], with the parts ${all.join(', ')}.`);
  process.exit(2);
}

void main();
