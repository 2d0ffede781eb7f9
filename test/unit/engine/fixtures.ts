import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Engines whose answers were recorded; `1.52` is written by hand after the changelog of that API version. */
export type FixtureVersion = '20.10' | '26.1' | '28.5' | '1.52';

/** A record as an engine of that version sent it. */
export function fixture(version: FixtureVersion, name: string): unknown {
  return JSON.parse(fixtureText(version, `${name}.json`));
}

export function fixtureText(version: string, file: string): string {
  return readFileSync(join(import.meta.dirname, 'fixtures', version, file), 'utf8');
}
