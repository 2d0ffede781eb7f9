import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { measurePage } from '../test/browser/page/bench';
import { Lab } from '../test/lab/lab';
import { measureActivation } from './activation';
import { firstOf } from './links';
import { measureConnect, measureRequest, type ConnectFigures, type RequestFigures } from './connect';
import { measureForm, type FormFigures } from './form';
import { measureMatrices, type MatrixFigures } from './matrix';
import { measureRefresh, type RefreshFigures } from './refresh';

/** Everything `npm run bench` prints and writes; seconds unless the name says otherwise. */
interface Figures {
  readonly machine: { readonly cores: number; readonly memoryGiB: number; readonly node: string };
  /** By number of hosts. */
  readonly matrix: Readonly<Record<string, MatrixFigures>>;
  readonly form: FormFigures;
  readonly refresh: RefreshFigures;
  readonly request: RequestFigures;
  readonly connect: ConnectFigures;
  /** `activate()` in a real extension host, ms, sorted. */
  readonly activationMs: readonly number[];
  readonly vsixBytes: number;
  /** The matrix page with 300 x 300 cells in Chromium. */
  readonly page: { readonly cells: number; readonly firstPaintMs: number; readonly updateMsP95: number };
}

const matrixSizes = [3, 6, 12, 24];
/** How many times faster than by hand, by number of hosts. */
const leastFaster: Readonly<Record<string, number>> = { 3: 5, 12: 35, 24: 70 };
const mostOverFloor = 1.5;
/** Hosts of the swarm that is formed and refreshed. */
const swarmSize = 12;

const vsix = path.resolve(__dirname, '../out/docker-overlay-networks.vsix');

async function main(): Promise<void> {
  const file = fileArgument(process.argv.slice(2));
  const lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  const figures: Figures = {
    machine: { cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version },
    matrix: await measureMatrices(lab, matrixSizes),
    form: await measureForm(firstOf(lab, swarmSize)),
    refresh: await measureRefresh(firstOf(lab, swarmSize)),
    request: await measureRequest(lab),
    connect: await measureConnect(lab),
    activationMs: await measureActivation(vsix, 3),
    vsixBytes: statSync(vsix).size,
    page: await measurePage(),
  };

  printMatrix(figures.matrix);
  printForm(figures.form);
  printLinks(figures);
  const [fastest = 0, median = 0] = figures.activationMs;
  console.log(
    `\nactivate()  ${median.toFixed(1)} ms (fastest ${fastest.toFixed(1)})   VSIX ${Math.round(figures.vsixBytes / 1024)} KB`,
  );
  const { cells, firstPaintMs, updateMsP95 } = figures.page;
  console.log(
    `page of ${cells} cells: first paint ${Math.round(firstPaintMs)} ms, update p95 ${updateMsP95.toFixed(1)} ms`,
  );
  if (file) {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    writeFileSync(file, `${JSON.stringify(figures, undefined, 2)}\n`);
    console.log(`\nwritten to ${file}`);
  }
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

/** What the links cost, with the goals of the project: whether they are met depends on the machine, too. */
function printLinks({ refresh, request, connect }: Figures): void {
  const goal = (name: string, ratio: number, most: number) =>
    `${name} ${ratio.toFixed(2)} x (goal: ${most} at most, ${ratio <= most ? 'met' : 'missed'})`;
  const { cliSeconds, oursSeconds, socketSeconds } = refresh;
  const faster = cliSeconds / oursSeconds;
  console.log(
    `\nrefresh of ${refresh.hosts} hosts over SSH: docker CLI ${cliSeconds.toFixed(2)} s, ours ${oursSeconds.toFixed(3)} s, unix sockets ${socketSeconds.toFixed(3)} s` +
      `\n  CLI/ours ${faster.toFixed(0)} x (goal: 100 at least, ${faster >= 100 ? 'met' : 'missed'}), ${goal('ours/sockets', oursSeconds / socketSeconds, 4)}`,
  );
  console.log(
    `request over an open channel: ours ${request.warmMs.toFixed(2)} ms, bare http ${request.rawHttpMs.toFixed(2)} ms` +
      `\n  ${goal('ours/bare', request.warmMs / request.rawHttpMs, 1.5)}`,
  );
  console.log(
    `connect and first answer: ours ${connect.coldMs.toFixed(0)} ms, docker CLI ${connect.cliMs.toFixed(0)} ms`,
  );
}

/** The file after `--json`; ends the program on anything it does not know. */
function fileArgument(args: string[]): string | undefined {
  if (args.length === 0) return undefined;
  if (args.length === 2 && args[0] === '--json' && args[1]) return args[1];
  console.error('Usage: npm run bench [-- --json FILE]');
  process.exit(2);
}

void main();
