import { createPrivateKey } from 'node:crypto';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { utils, type ParsedKey } from 'ssh2';
import { throwIfAborted, unlessAborted } from '../../base/time';
import { findPem, fromKeyObject, parsed } from './keyFile';
import { derivedBytes, readContainer, unlock } from './openSshKey';

/** What came of a passphrase. */
export type Decrypted =
  | { readonly kind: 'opened'; readonly key: ParsedKey }
  | { readonly kind: 'wrong' }
  /** No passphrase would do; `message` says why, in words for "the key cannot be used: ...". */
  | { readonly kind: 'cannot'; readonly message: string };

/** What {@link runWorker} has done; see keyWorker.cjs. */
type Work =
  | { readonly kind: 'bcrypt'; readonly passphrase: Buffer; readonly salt: Buffer; rounds: number; bytes: number }
  | { readonly kind: 'pem'; readonly pem: string; readonly passphrase: string };

const wrong: Decrypted = { kind: 'wrong' };

/**
 * Opens an encrypted private key, in a thread of its own: deriving the key from a passphrase takes seconds.
 *
 * @param text content of a file that `readKeyFile` says is encrypted
 * @throws OverlayError `cancelled`.
 */
export async function decryptKey(text: string, passphrase: string, signal: AbortSignal): Promise<Decrypted> {
  const pem = findPem(text);
  if (!pem) return decryptPutty(text, passphrase);
  if (pem.type === 'OPENSSH') return decryptContainer(pem.body, passphrase, signal);
  const answer = await runWorker({ kind: 'pem', pem: pem.pem, passphrase }, signal);
  if (answer === 'wrong') return wrong;
  if (!(answer instanceof Uint8Array)) return cannot('its encryption is not known here');
  const object = createPrivateKey({ key: Buffer.from(answer), format: 'der', type: 'pkcs8' });
  const key = fromKeyObject(object);
  return key ? { kind: 'opened', key } : cannot(`it is of the type ${object.asymmetricKeyType ?? 'unknown'}`);
}

async function decryptContainer(body: string, passphrase: string, signal: AbortSignal): Promise<Decrypted> {
  const container = readContainer(body);
  if (!container) return cannot('it is damaged');
  // bcrypt takes no empty one, and ssh-keygen makes no such key.
  if (passphrase === '') return wrong;
  const { salt, rounds } = container;
  const bytes = derivedBytes(container);
  const work: Work = { kind: 'bcrypt', passphrase: Buffer.from(passphrase), salt, rounds, bytes };
  const derived = await runWorker(work, signal);
  if (!(derived instanceof Uint8Array)) return cannot('it is damaged');
  const plain = unlock(container, Buffer.from(derived));
  if (plain === undefined) return wrong;
  const key = parsed(plain);
  return key ? { kind: 'opened', key } : cannot('it is damaged');
}

/** Cheap: one hash of the passphrase. ssh2 checks the file's own MAC, so whatever fails is the passphrase. */
function decryptPutty(text: string, passphrase: string): Decrypted {
  const key = utils.parseKey(text, passphrase);
  return key instanceof Error ? wrong : { kind: 'opened', key };
}

/** @returns what the worker posts: bytes, or a word. */
async function runWorker(work: Work, signal: AbortSignal): Promise<unknown> {
  throwIfAborted(signal);
  // In the bundle this is the folder of the bundle, and the build puts the worker there.
  const file = path.join(__dirname, 'keyWorker.cjs');
  const worker = new Worker(file, { workerData: work, execArgv: [] });
  try {
    return await unlessAborted(answerOf(worker), signal);
  } finally {
    await worker.terminate();
  }
}

function answerOf(worker: Worker): Promise<unknown> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Error('the worker that opens keys ended without an answer')));
  });
}

const cannot = (message: string): Decrypted => ({ kind: 'cannot', message });
