import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';
import { Lab } from '../test/lab/lab';
import { measureMatrix, type MatrixFigures } from './matrix';

/** Everything `npm run bench` prints and writes; seconds unless the name says otherwise. */
interface Figures {
  readonly machine: { readonly cores: number; readonly memoryGiB: number; readonly node: string };
  /** By number of hosts. */
  readonly matrix: Readonly<Record<string, MatrixFigures>>;
}

async function main(): Promise<void> {
  const file = fileArgument(process.argv.slice(2));
  const lab = await Lab.attach(process.env['LAB_NAME'] ?? '');
  const figures: Figures = {
    machine: { cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version },
    matrix: { '3': await measureMatrix(lab, 3) },
  };

  console.log('\nmatrix (3 pings a pair)\nhosts   by hand      ours     floor   hand/ours   ours/floor');
  for (const [hosts, row] of Object.entries(figures.matrix)) {
    const seconds = (value: number) => `${value.toFixed(2)} s`.padStart(9);
    const ratio = (value: number) => `${value.toFixed(1)} x`.padStart(11);
    console.log(
      `${hosts.padEnd(5)} ${seconds(row.handSeconds)} ${seconds(row.oursSeconds)} ${seconds(row.floorSeconds)} ${ratio(row.handSeconds / row.oursSeconds)} ${ratio(row.oursSeconds / row.floorSeconds)}`,
    );
  }
  if (file) {
    mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
    writeFileSync(file, `${JSON.stringify(figures, undefined, 2)}\n`);
    console.log(`\nwritten to ${file}`);
  }
}

/** The file after `--json`; ends the program on anything it does not know. */
function fileArgument(args: string[]): string | undefined {
  if (args.length === 0) return undefined;
  if (args.length === 2 && args[0] === '--json' && args[1]) return args[1];
  console.error('Usage: npm run bench [-- --json FILE]');
  process.exit(2);
}

void main();
