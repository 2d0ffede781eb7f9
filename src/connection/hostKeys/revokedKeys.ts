import { promises as fs } from 'node:fs';
import { devNull } from 'node:os';
import { OverlayError } from '../../base/errors';
import { readPublicKey } from '../keys/publicKey';
import { systemCode } from '../errors';

const maxFileBytes = 32 * 1024 * 1024;
const krlMagic = 'SSHKRL\n\0';

/** The keys of a RevokedHostKeys file. */
export interface RevokedKeys {
  readonly file: string;
  /** In wire format. */
  readonly keys: readonly Buffer[];
  /** Why only the ssh program can tell whether a key is in the file. */
  readonly unreadable?: string;
}

/**
 * Reads a file of RevokedHostKeys: public keys, one a line. A binary list (KRL) and a file with lines that are no keys
 * are for the ssh program: it takes a key for revoked when it cannot read them.
 *
 * @throws OverlayError `sshConfigInvalid` for a file that cannot be read: ssh then lets nobody in, either.
 */
export async function readRevokedKeys(host: string, file: string): Promise<RevokedKeys> {
  const content = await readFile(host, file);
  if (content.subarray(0, krlMagic.length).toString('latin1') === krlMagic)
    return { file, keys: [], unreadable: 'a key revocation list' };
  const keys: Buffer[] = [];
  for (const line of content
    .toString('utf8')
    .split('\n')
    .map((text) => text.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const [type = '', base64 = ''] = line.split(/[ \t]+/);
    const key = readPublicKey(type, base64);
    if (key === undefined) return { file, keys, unreadable: 'with lines that are no public keys' };
    keys.push(key);
  }
  return { file, keys };
}

async function readFile(host: string, file: string): Promise<Buffer> {
  try {
    if (file === devNull) return Buffer.alloc(0);
    const stats = await fs.stat(file);
    if (stats.isFile() && stats.size <= maxFileBytes) return await fs.readFile(file);
  } catch (error) {
    const message = `RevokedHostKeys ${file} cannot be read (${systemCode(error) ?? 'unknown cause'})`;
    throw new OverlayError('sshConfigInvalid', { host, message }, { cause: error });
  }
  throw new OverlayError('sshConfigInvalid', { host, message: `RevokedHostKeys ${file} is no file, or too large` });
}
