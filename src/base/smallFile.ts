import { constants, promises as fs } from 'node:fs';

/** What is at a path where a small text is expected; what is wrong with it is data, because others may do. */
export type SmallFile =
  | { readonly kind: 'text'; readonly text: string }
  /** There is no such file. */
  | { readonly kind: 'missing' }
  /** `problem` in words for "the file cannot be used: ...". */
  | { readonly kind: 'unusable'; readonly problem: string };

// A FIFO is opened at once instead of waiting for its writer. Windows has no such flag.
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Reads a regular file of at most `maxBytes` bytes as UTF-8. A directory, a FIFO, a device or something huge in its place
 * neither hangs nor floods us.
 */
export async function readSmallFile(path: string, maxBytes: number): Promise<SmallFile> {
  try {
    const file = await fs.open(path, flags);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return { kind: 'unusable', problem: notAFile };
      if (stats.size > maxBytes) return { kind: 'unusable', problem: `it is larger than ${maxBytes} bytes` };
      return { kind: 'text', text: await file.readFile('utf8') };
    } finally {
      await file.close();
    }
  } catch (error) {
    return refusedBySystem(error);
  }
}

const notAFile = 'it is not a file';

/** @throws the error when it is not of the file system */
function refusedBySystem(error: unknown): SmallFile {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  switch (code) {
    case undefined:
      throw error;
    case 'ENOENT':
    case 'ENOTDIR':
      return { kind: 'missing' };
    case 'EISDIR':
    case 'ENXIO':
      return { kind: 'unusable', problem: notAFile };
    case 'EACCES':
    case 'EPERM':
      return { kind: 'unusable', problem: 'permission denied' };
    default:
      return { kind: 'unusable', problem: `it cannot be read (${code})` };
  }
}
