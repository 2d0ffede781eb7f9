import { accessSync, constants, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Room for the neighbours (ARP) of a few labs of 24 hosts, in entries. The kernel has one table for all namespaces of a
 * machine, by default of 1024; 24 hosts that all talk over one overlay network need some 1700. Above the second limit it
 * throws entries out, above the third packets are lost ("neighbor table overflow"), and with the permanent entries that
 * Docker makes for an overlay network they are lost for good.
 */
const wanted = { gc_thresh1: 4096, gc_thresh2: 8192, gc_thresh3: 16_384 } as const;

/** Labs of so many hosts get along with what a machine has by default. */
const fewHosts = 8;

/** Where the limits are, and where the machine's own ones are kept meanwhile. */
export interface NeighbourLimits {
  readonly savedFile: string;
  readonly folder?: string;
}

const kernelFolder = '/proc/sys/net/ipv4/neigh/default';

/**
 * Gives the machine's neighbour table room for a lab, until {@link restoreNeighbourLimits}. Where it cannot (in a
 * container of somebody else's), large labs are told so.
 */
export function raiseNeighbourLimits(
  { savedFile, folder = kernelFolder }: NeighbourLimits,
  hosts: number,
  warn: (words: string) => void = console.warn,
): void {
  try {
    const now = Object.entries(wanted).map(([name, entries]) => {
      const file = join(folder, name);
      accessSync(file, constants.W_OK);
      return { name, file, entries, before: Number(readFileSync(file, 'utf8')) };
    });
    // Another lab may have been first: then these are not the machine's own any more.
    if (!existsSync(savedFile)) {
      writeFileSync(savedFile, JSON.stringify(Object.fromEntries(now.map(({ name, before }) => [name, before]))));
    }
    for (const { file, entries, before } of now) if (before < entries) writeFileSync(file, String(entries));
  } catch (error) {
    if (hosts <= fewHosts) return;
    const why = (error as Error).message;
    warn(`The kernel's neighbour table cannot be enlarged here (${why}): with ${hosts} hosts packets may get lost.`);
  }
}

/** Sets the limits to what they were before the first lab; does nothing when no lab has raised them. */
export function restoreNeighbourLimits({ savedFile, folder = kernelFolder }: NeighbourLimits): void {
  if (!existsSync(savedFile)) return;
  const saved = JSON.parse(readFileSync(savedFile, 'utf8')) as Record<string, number>;
  for (const name of Object.keys(wanted)) {
    const entries = saved[name];
    if (typeof entries === 'number' && entries > 0) writeFileSync(join(folder, name), String(entries));
  }
  rmSync(savedFile, { force: true });
}
