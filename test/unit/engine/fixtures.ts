import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A record as an engine of that version sent it. */
export function fixture(version: '20.10' | '1.52', name: string): unknown {
  return JSON.parse(fixtureText(version, `${name}.json`));
}

export function fixtureText(version: string, file: string): string {
  return readFileSync(join(import.meta.dirname, 'fixtures', version, file), 'utf8');
}
